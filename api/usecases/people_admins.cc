// Administrators. They live in another database than what they own: the store's write transaction
// is the lock under which both are looked at.
#include "api/usecases/people_impl.h"
#include "common/core/ulid.h"
#include "common/types/host_names.h"

namespace bulkhead::api {
namespace {

Result<Ok> checkUnixUser(const std::optional<std::string>& unixUser) {
  if (unixUser.has_value()) TRY(UnixUser::parse(*unixUser));
  return Ok{};
}

// The host forgets an administrator's Unix user only when no other administrator works as it.
Result<bool> isShared(AdminDirectory& admins, const Administrator& admin) {
  PageQuery query{"", kPageMax};
  do {
    TRY_ASSIGN(const auto page, admins.administrators(query));
    for (const auto& other : page.items)
      if (other.id != admin.id && other.unixUser == admin.unixUser) return true;
    query.cursor = page.nextCursor;
  } while (!query.cursor.empty());
  return false;
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

// To the host, one Unix user stops being an administrator and another one starts.
Result<std::vector<JobRecord>> PeopleImpl::jobsOfAnotherUnixUser(const Administrator& before,
                                                                 const Administrator& after,
                                                                 const Actor& actor) {
  std::vector<JobRecord> jobs;
  if (before.unixUser == after.unixUser) return jobs;
  TRY_ASSIGN(const bool shared, isShared(owners_.admins(), before));
  if (before.unixUser.has_value() && !shared) jobs.push_back(adminJob(kAdminDelete, before, actor));
  if (after.unixUser.has_value()) jobs.push_back(adminJob(kAdminCreate, after, actor));
  return jobs;
}

void PeopleImpl::submit(const JobRecord& record) {
  runner_.submit({record.job.id, record.job.kind, record.job.accountId, record.domainId});
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
  const JobRecord job = adminJob(kAdminCreate, admin, actor);
  const auto added = store_.write([&](Tables& tables) -> Result<Ok> {
    const auto reseller = tables.resellers().find(admin.name);
    if (reseller.ok()) return Error{Code::kAlreadyExists, "a reseller has this name", "username"};
    if (reseller.error().code != Code::kNotFound) return reseller.error();
    if (admin.unixUser.has_value()) TRY(tables.jobs().add(job));
    // Last: a store that is full then leaves no administrator behind. The other way round, a job
    // whose administrator did not come to be tells the host nothing wrong.
    return owners_.admins().addAdministrator(admin, wanted.passwordHash);
  });
  if (!added.ok()) return added.error();
  if (admin.unixUser.has_value()) submit(job);
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
  Administrator after;
  std::vector<JobRecord> jobs;
  const auto changed = store_.write([&](Tables& tables) -> Result<Ok> {
    TRY_ASSIGN(const Administrator before, owners_.admins().findAdministrator(idOrName));
    TRY_ASSIGN(const Administrator wanted, changedAdministrator(before, change, expected));
    TRY_ASSIGN(jobs, jobsOfAnotherUnixUser(before, wanted, actor));
    for (const auto& job : jobs)
      TRY(tables.jobs().add(job));
    TRY_ASSIGN(after, owners_.admins().changeAdministrator(wanted));  // last, as in creation
    return Ok{};
  });
  if (!changed.ok()) return changed.error();
  for (const auto& job : jobs)
    submit(job);
  return after;
}

Result<Ok> PeopleImpl::deleteAdministrator(const Actor& actor,
                                           std::string_view idOrName,
                                           const std::string& reassignTo,
                                           const Expected& expected) {
  TRY_ASSIGN(const Administrator admin, owners_.admins().findAdministrator(idOrName));
  TRY(refuseChanged(expected, admin.revision));
  if (admin.main) return Error{Code::kConflict, "the main administrator cannot be removed", ""};
  const Owner owner{admin.name, ""};
  // What it owns is somebody else's before it goes: a failure in between leaves nobody's property
  // with an owner that is not there.
  if (!reassignTo.empty())
    TRY(store_.write([&](Tables& tables) { return handOver(tables, owner, reassignTo); }));
  const JobRecord job = adminJob(kAdminDelete, admin, actor);
  bool told = false;
  const auto removed = store_.write([&](Tables& tables) -> Result<Ok> {
    TRY(handOver(tables, owner, ""));
    TRY_ASSIGN(const bool shared, isShared(owners_.admins(), admin));
    told = admin.unixUser.has_value() && !shared;
    if (told) TRY(tables.jobs().add(job));
    return owners_.admins().removeAdministrator(admin.id);
  });
  if (!removed.ok()) return removed;
  if (told) submit(job);
  return Ok{};
}

std::unique_ptr<People> makePeople(Store& store,
                                   Owners& owners,
                                   JobRunner& runner,
                                   const Clock& clock) {
  return std::make_unique<PeopleImpl>(store, owners, runner, clock);
}

}  // namespace bulkhead::api
