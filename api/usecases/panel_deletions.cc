// Accounts that go: deleted first, which can be taken back, then purged.
#include "api/usecases/panel_impl.h"
#include "common/core/ulid.h"

namespace bulkhead::api {
namespace {

constexpr const char* kTimeIsOver = "the time to restore the account is over";
// Who asks for what nobody in particular asks for.
constexpr const char* kPanelItself = "panel:restore-window";

}  // namespace

// One that failed has nothing to come back as; it is purged.
Result<JobOrPreview> PanelImpl::deleteAccount(const Actor& actor,
                                              std::string_view idOrName,
                                              Mode mode) {
  return changeWholeAccount(actor, idOrName, mode, kAccountDelete,
                            {AccountState::kActive, AccountState::kSuspended},
                            [this](Tables& tables, const Account& account) -> Result<Ok> {
                              TRY(owners_.refuseAdministratorsUser(account.username));
                              return tables.accounts().beginDelete(account.id);
                            });
}

Result<JobOrPreview> PanelImpl::restoreAccount(const Actor& actor,
                                               std::string_view idOrName,
                                               Mode mode) {
  return changeWholeAccount(actor, idOrName, mode, kAccountRestore, {AccountState::kDeleted},
                            [this, mode](Tables&, const Account& account) -> Result<Ok> {
                              // What comes of it must not depend on when the timer looks.
                              if (account.restoreUntil <= clock_.nowMicros())
                                return Error{Code::kConflict, kTimeIsOver, ""};
                              return endLogins(mode, account);
                            });
}

Result<JobOrPreview> PanelImpl::purgeAccount(const Actor& actor,
                                             std::string_view idOrName,
                                             Mode mode) {
  return changeWholeAccount(actor, idOrName, mode, kAccountPurge,
                            {AccountState::kActive, AccountState::kSuspended, AccountState::kFailed,
                             AccountState::kDeleted},
                            [this, mode](Tables& tables, const Account& account) -> Result<Ok> {
                              TRY(owners_.refuseAdministratorsUser(account.username));
                              if (mode == Mode::kDo) TRY(owners_.admins().removeLogin(account.id));
                              return tables.accounts().setState(account.id,
                                                                AccountState::kDeleting);
                            });
}

Result<std::uint32_t> PanelImpl::purgeExpired(std::uint32_t atMost) {
  const std::int64_t now = clock_.nowMicros();
  TRY_ASSIGN(const auto expired, store_.read([&](const Tables& tables) {
    return tables.accounts().expired(now, atMost);
  }));
  std::uint32_t started = 0;
  for (const auto& account : expired) {
    const Actor actor{kPanelItself, newUlid(now), ""};
    const auto job =
        changeWholeAccount(actor, account.id, Mode::kDo, kAccountPurge, {AccountState::kDeleted},
                           [&](Tables& tables, const Account& found) -> Result<Ok> {
                             TRY(owners_.refuseAdministratorsUser(found.username));
                             // It may have been restored, and deleted again, since it was looked
                             // up.
                             if (found.restoreUntil > now)
                               return Error{Code::kConflict, "it has more time", ""};
                             TRY(owners_.admins().removeLogin(found.id));
                             return tables.accounts().setState(found.id, AccountState::kDeleting);
                           });
    if (job.ok()) ++started;
    // Another job of it is under way, or an administrator works as it: the next time.
    if (!job.ok() && job.error().code != Code::kConflict && job.error().code != Code::kNotFound)
      return job.error();
  }
  return started;
}

}  // namespace bulkhead::api
