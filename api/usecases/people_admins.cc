// Administrators. They live in another database than what they own: the store's write transaction
// is the lock under which both are looked at. The two cannot commit as one, see changeAndTell().
#include "api/usecases/people_impl.h"
#include "api/usecases/repeats.h"
#include "common/core/ulid.h"
#include "common/types/host_names.h"

namespace bulkhead::api {
namespace {

Result<Ok> checkUnixUser(const std::optional<std::string>& unixUser) {
  if (unixUser.has_value()) TRY(UnixUser::parse(*unixUser));
  return Ok{};
}

Result<Administrator> changedAdministrator(Administrator admin,
                                           const AdministratorChange& change,
                                           const Expected& expected) {
  if (admin.id.empty()) return Error{Code::kConflict, "create the main administrator first", ""};
  TRY(refuseChanged(expected, admin.revision));
  TRY(applyContact(change.email, change.locale, admin.email, admin.locale));
  if (change.unixUser.has_value()) {
    admin.unixUser = *change.unixUser;
    TRY(checkUnixUser(admin.unixUser));
    if (admin.main && admin.unixUser != "root")
      return Error{Code::kConflict, "the main administrator's Unix user is root", "unix_user"};
  }
  return admin;
}

}  // namespace

JobRecord PeopleImpl::adminJob(std::string_view kind,
                               const Administrator& admin,
                               const Actor& actor) const {
  JobRecord record = makeJob(kind, Account{}, {}, actor, clock_.nowMicros());
  record.details.name = admin.name;
  record.details.unixUser = admin.unixUser.value_or("");
  return record;
}

// To the host, one Unix user stops being an administrator and another one starts. Whether that is
// so (another administrator may work as the same user) is looked at when the host is told.
std::vector<JobRecord> PeopleImpl::jobsOfAnotherUnixUser(const Administrator& before,
                                                         const Administrator& after,
                                                         const Actor& actor) const {
  std::vector<JobRecord> jobs;
  if (before.unixUser == after.unixUser) return jobs;
  if (before.unixUser.has_value()) jobs.push_back(adminJob(kAdminDelete, before, actor));
  if (after.unixUser.has_value()) jobs.push_back(adminJob(kAdminCreate, after, actor));
  return jobs;
}

Result<Ok> PeopleImpl::changeAndTell(const Actor& actor,
                                     const Announce& announce,
                                     const Change& change) {
  std::vector<JobRecord> jobs;
  const auto queued = store_.write([&](Tables& tables) -> Result<Ok> {
    TRY_ASSIGN(jobs, announce(tables));
    for (const auto& record : jobs)
      TRY(tables.jobs().add(record));
    return noteBegun(tables, actor);
  });
  if (!queued.ok()) return queued;
  bool refused = false;
  const auto changed = store_.write([&](Tables& tables) -> Result<Ok> {
    tables.because(actor.requestId);
    auto done = change(tables);
    refused = !done.ok();
    return done;
  });
  // Ignoring a failure: the key goes on saying that nobody knows.
  if (refused && !actor.requestKey.empty())
    (void)store_.write([&](Tables& tables) { return noteUndone(tables, actor); });
  // Also when it came to nothing: the job sees that there is nothing to tell, and ends.
  for (const auto& record : jobs)
    runner_.submit({record.job.id, record.job.kind, record.job.accountId, record.domainId});
  return changed;
}

Result<Administrator> PeopleImpl::createAdministrator(const Actor& actor,
                                                      const NewAdministrator& wanted) {
  TRY(checkPersonName(wanted.name, "username"));
  TRY(checkUnixUser(wanted.unixUser));
  const std::int64_t now = clock_.nowMicros();
  Administrator admin;
  admin.id = "adm_" + newUlid(now);
  admin.name = wanted.name;
  admin.email = wanted.email;
  admin.locale = wanted.locale;
  admin.unixUser = wanted.unixUser;
  admin.createdAt = now;
  admin.revision = 1;
  TRY(checkContact(admin.email, admin.locale));
  const auto refuseTaken = [&](const Tables& tables) -> Result<Ok> {
    const auto reseller = tables.resellers().find(admin.name);
    if (reseller.ok()) return Error{Code::kAlreadyExists, "a reseller has this name", "username"};
    if (reseller.error().code != Code::kNotFound) return reseller.error();
    const auto other = owners_.admins().findAdministrator(admin.name);
    if (other.ok())
      return Error{Code::kAlreadyExists, "there is an administrator of this name", "username"};
    if (other.error().code != Code::kNotFound) return other.error();
    return Ok{};
  };
  const auto changed = changeAndTell(
      actor,
      [&](const Tables& tables) -> Result<std::vector<JobRecord>> {
        TRY(refuseTaken(tables));
        return jobsOfAnotherUnixUser(Administrator{}, admin, actor);
      },
      [&](Tables& tables) -> Result<Ok> {
        TRY(refuseTaken(tables));
        return owners_.admins().addAdministrator(admin, wanted.passwordHash);
      });
  if (!changed.ok()) return changed.error();
  return admin;
}

Result<Page<Administrator>> PeopleImpl::administrators(const PageQuery& query) {
  return owners_.admins().administrators(query);
}

Result<Administrator> PeopleImpl::administrator(std::string_view idOrName) {
  return owners_.admins().findAdministrator(idOrName);
}

Result<Administrator> PeopleImpl::changeAdministrator(const Actor& actor,
                                                      std::string_view idOrName,
                                                      const AdministratorChange& change,
                                                      const Expected& expected) {
  Administrator wanted;
  const auto changed = changeAndTell(
      actor,
      [&](const Tables&) -> Result<std::vector<JobRecord>> {
        TRY_ASSIGN(const Administrator before, owners_.admins().findAdministrator(idOrName));
        TRY_ASSIGN(wanted, changedAdministrator(before, change, expected));
        return jobsOfAnotherUnixUser(before, wanted, actor);
      },
      [&](const Tables&) -> Result<Ok> {  // refuses when it has changed in between
        TRY_ASSIGN(wanted, owners_.admins().changeAdministrator(wanted));
        return Ok{};
      });
  if (!changed.ok()) return changed.error();
  return wanted;
}

Result<Ok> PeopleImpl::deleteAdministrator(const Actor& actor,
                                           std::string_view idOrName,
                                           const std::string& reassignTo,
                                           const Expected& expected) {
  Administrator admin;
  return changeAndTell(
      actor,
      [&](Tables& tables) -> Result<std::vector<JobRecord>> {
        TRY_ASSIGN(admin, owners_.admins().findAdministrator(idOrName));
        TRY(refuseChanged(expected, admin.revision));
        if (admin.main)
          return Error{Code::kConflict, "the main administrator cannot be removed", ""};
        // What it owns is somebody else's before it goes: a failure in between leaves nobody's
        // property with an owner that is not there.
        TRY(handOver(tables, Owner{admin.name, ""}, reassignTo));
        return jobsOfAnotherUnixUser(admin, Administrator{}, actor);
      },
      [&](Tables& tables) -> Result<Ok> {
        TRY_ASSIGN(const Administrator now, owners_.admins().findAdministrator(admin.id));
        TRY(refuseChanged(admin.revision, now.revision));
        TRY(handOver(tables, Owner{admin.name, ""}, ""));
        return owners_.admins().removeAdministrator(admin.id);
      });
}

std::unique_ptr<People> makePeople(Store& store,
                                   Owners& owners,
                                   JobRunner& runner,
                                   const Clock& clock) {
  return std::make_unique<PeopleImpl>(store, owners, runner, clock);
}

}  // namespace bulkhead::api
