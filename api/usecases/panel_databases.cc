// Users of the host's database server, as far as the panel must know whose they are.
#include "api/usecases/panel_impl.h"
#include "api/usecases/plan_room.h"
#include "common/types/host_names.h"

namespace bulkhead::api {

Result<JobOrPreview> PanelImpl::addDatabaseUser(const Actor& actor,
                                                std::string_view accountKey,
                                                const std::string& name,
                                                Mode mode) {
  TRY_ASSIGN(const DatabaseUserName parsed, DatabaseUserName::parse(name));
  return launch(actor, mode, [&](Tables& tables) -> Result<Prepared> {
    TRY_ASSIGN(Prepared prepared,
               idleAccount(tables, accountKey, {AccountState::kActive, AccountState::kSuspended}));
    TRY(refuseAnotherDatabaseUser(tables, prepared.limits, prepared.account.id));
    const std::int64_t now = clock_.nowMicros();
    TRY(tables.databaseUsers().add({parsed.text(), prepared.account.id, now}));
    JobDetails details;
    details.name = parsed.text();
    prepared.record = makeJob(kDatabaseUserCreate, prepared.account, {}, actor, now, details);
    return prepared;
  });
}

Result<Page<DatabaseUser>> PanelImpl::databaseUsers(std::string_view accountKey,
                                                    const PageQuery& query) {
  return store_.read([&](const Tables& tables) -> Result<Page<DatabaseUser>> {
    TRY_ASSIGN(const Account account, tables.accounts().find(accountKey));
    return tables.databaseUsers().list(account.id, query);
  });
}

Result<JobOrPreview> PanelImpl::removeDatabaseUser(const Actor& actor,
                                                   std::string_view accountKey,
                                                   const std::string& name,
                                                   Mode mode) {
  return launch(actor, mode, [&](Tables& tables) -> Result<Prepared> {
    TRY_ASSIGN(Prepared prepared,
               idleAccount(tables, accountKey, {AccountState::kActive, AccountState::kSuspended}));
    TRY_ASSIGN(const DatabaseUser user, tables.databaseUsers().find(name));
    // Another account's is as unknown as one that is not there.
    if (user.accountId != prepared.account.id)
      return Error{Code::kNotFound, "there is no such database user", ""};
    TRY(tables.databaseUsers().remove(user.name));
    JobDetails details;
    details.name = user.name;
    prepared.record =
        makeJob(kDatabaseUserDelete, prepared.account, {}, actor, clock_.nowMicros(), details);
    return prepared;
  });
}

}  // namespace bulkhead::api
