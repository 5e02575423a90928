// The use cases, as simply as a test can bear.
#include "tests/support/fake_panel.h"

#include <algorithm>

#include "common/audit/record.h"

namespace bulkhead::test {

using namespace api;  // NOLINT(google-build-using-namespace): a fake of that one interface

namespace {

constexpr std::int64_t kBirth = 1'900'000'000'000'000;
const Error kMissing{Code::kNotFound, "there is no such object", ""};

// The cursor is the index of the first item of the page.
template <typename T>
Result<Page<T>> pageOf(const std::vector<T>& all, const PageQuery& query) {
  std::size_t begin = 0;
  for (char c : query.cursor) {
    if (c < '0' || c > '9')
      return Error{Code::kInvalidArgument, "not a cursor of this server", "cursor"};
    begin = begin * 10 + static_cast<std::size_t>(c - '0');
  }
  Page<T> page;
  for (std::size_t i = begin; i < all.size() && page.items.size() < query.limit; ++i)
    page.items.push_back(all[i]);
  const std::size_t end = begin + page.items.size();
  if (end < all.size()) page.nextCursor = std::to_string(end);
  return page;
}

template <typename T, typename Name>
auto findBy(std::vector<T>& all, std::string_view idOrName, Name name) {
  return std::find_if(all.begin(), all.end(),
                      [&](const T& item) { return item.id == idOrName || name(item) == idOrName; });
}
auto findPlan(std::vector<Plan>& all, std::string_view key) {
  return findBy(all, key, [](const Plan& p) { return p.name; });
}
auto findAccount(std::vector<Account>& all, std::string_view key) {
  return findBy(all, key, [](const Account& a) { return a.username; });
}
std::string shownOwner(const std::string& owner) { return owner.empty() ? "root" : owner; }
auto findDomain(std::vector<Domain>& all, std::string_view key) {
  return findBy(all, key, [](const Domain& d) { return d.name; });
}

void end(Job& job, FakePanel::Jobs how) {
  const bool well = how == FakePanel::Jobs::kSucceed;
  job.state = well ? JobState::kSucceeded : JobState::kRolledBack;
  job.endedAt = kBirth + 1;
  job.steps.front().state = well ? StepState::kSucceeded : StepState::kFailed;
  if (well) job.steps.front().evidence.push_back({"passwd entry", "uid 20000"});
  if (!well) job.problem = Error{Code::kUnavailable, "the engine did not start", ""};
}

}  // namespace

void FakePanel::setJobs(Jobs jobs) {
  const std::lock_guard lock(mutex_);
  jobsDo_ = jobs;
}
void FakePanel::failNext(Error error) {
  const std::lock_guard lock(mutex_);
  failure_ = std::move(error);
}
std::vector<Actor> FakePanel::actors() const {
  const std::lock_guard lock(mutex_);
  return actors_;
}
std::optional<Error> FakePanel::takeFailure() { return std::exchange(failure_, std::nullopt); }

std::string FakePanel::newId(const char* prefix) {
  std::string digits = std::to_string(++ids_);
  return std::string(prefix) + "01J" + std::string(23 - digits.size(), '0') + digits;
}

Result<JobOrPreview> FakePanel::start(const Actor& actor,
                                      std::string kind,
                                      std::string accountId,
                                      Mode mode) {
  if (mode == Mode::kDryRun)
    return JobOrPreview(std::vector<PlannedChange>{{kind, "run", "/usr/sbin/useradd", "useradd"}});
  actors_.push_back(actor);
  Job job;
  job.id = newId("job_");
  job.kind = std::move(kind);
  job.accountId = std::move(accountId);
  job.actor = actor.name;
  job.createdAt = kBirth;
  job.steps.push_back(JobStep{job.kind, StepState::kPending, 0, 0, {}, 0});
  jobs_.push_back(job);
  return JobOrPreview(job);
}

Result<JobOrPreview> FakePanel::act(const Actor& actor,
                                    const char* kind,
                                    std::string_view idOrName,
                                    Mode mode) {
  const std::lock_guard lock(mutex_);
  const auto found = findAccount(accounts_, idOrName);
  if (found == accounts_.end()) return kMissing;
  return start(actor, kind, found->id, mode);
}

Result<Plan> FakePanel::createPlan(const Actor& actor,
                                   const std::string& name,
                                   const PlanLimits& limits,
                                   const std::string& owner) {
  if (beforePlan) beforePlan();
  const std::lock_guard lock(mutex_);
  if (auto failure = takeFailure()) return *failure;
  if (findPlan(plans_, name) != plans_.end())
    return Error{Code::kAlreadyExists, "a plan has this name", "name"};
  actors_.push_back(actor);
  plans_.push_back(Plan{newId("pln_"), name, limits, kBirth, 1, shownOwner(owner)});
  return plans_.back();
}
Result<Page<Plan>> FakePanel::plans(const PageQuery& query) {
  const std::lock_guard lock(mutex_);
  return pageOf(plans_, query);
}
Result<Plan> FakePanel::plan(std::string_view idOrName) {
  const std::lock_guard lock(mutex_);
  if (auto failure = takeFailure()) return *failure;
  const auto found = findPlan(plans_, idOrName);
  if (found == plans_.end()) return kMissing;
  return *found;
}
Result<Plan> FakePanel::changePlan(const Actor& actor,
                                   std::string_view idOrName,
                                   const std::string& name,
                                   const PlanLimits& limits,
                                   const std::optional<std::string>& owner) {
  const std::lock_guard lock(mutex_);
  const auto found = findPlan(plans_, idOrName);
  if (found == plans_.end()) return kMissing;
  actors_.push_back(actor);
  found->name = name;
  found->limits = limits;
  if (owner) found->owner = shownOwner(*owner);
  ++found->revision;
  return *found;
}
Result<Ok> FakePanel::deletePlan(const Actor& actor, std::string_view idOrName) {
  const std::lock_guard lock(mutex_);
  const auto found = findPlan(plans_, idOrName);
  if (found == plans_.end()) return kMissing;
  for (const auto& account : accounts_)
    if (account.planId == found->id) return Error{Code::kConflict, "accounts use this plan", ""};
  actors_.push_back(actor);
  plans_.erase(found);
  return Ok{};
}

Result<JobOrPreview> FakePanel::createAccount(const Actor& actor,
                                              const NewAccount& wanted,
                                              Mode mode) {
  const std::lock_guard lock(mutex_);
  if (auto failure = takeFailure()) return *failure;
  const auto plan = findPlan(plans_, wanted.plan);
  if (plan == plans_.end()) return Error{Code::kInvalidArgument, "there is no such plan", "plan"};
  if (findAccount(accounts_, wanted.username) != accounts_.end())
    return Error{Code::kAlreadyExists, "an account has this name", "username"};
  if (mode == Mode::kDryRun) return start(actor, "account.create", "", mode);
  accounts_.push_back(Account{newId("acc_"), wanted.username, plan->id, plan->name,
                              AccountState::kCreating, 0, 0, kBirth, 1, shownOwner(wanted.owner),
                              "", wanted.email, wanted.locale});
  domains_.push_back(Domain{newId("dom_"), wanted.domain, accounts_.back().id,
                            DomainState::kPending, true, kBirth});
  return start(actor, "account.create", accounts_.back().id, mode);
}
Result<Page<Account>> FakePanel::accounts(const PageQuery& query,
                                          std::optional<AccountState> state) {
  const std::lock_guard lock(mutex_);
  std::vector<Account> wanted;
  for (const auto& account : accounts_)
    if (state ? account.state == *state : account.state != AccountState::kDeleted)
      wanted.push_back(account);
  return pageOf(wanted, query);
}
Result<Account> FakePanel::account(std::string_view idOrName) {
  const std::lock_guard lock(mutex_);
  const auto found = findAccount(accounts_, idOrName);
  if (found == accounts_.end()) return kMissing;
  return *found;
}
Result<JobOrPreview> FakePanel::changeAccount(const Actor& actor,
                                              std::string_view idOrName,
                                              const AccountChange& change,
                                              const Expected& expected,
                                              Mode mode) {
  const std::lock_guard lock(mutex_);
  if (auto failure = takeFailure()) return *failure;
  const auto found = findAccount(accounts_, idOrName);
  if (found == accounts_.end()) return kMissing;
  if (auto same = refuseChanged(expected, found->revision); !same.ok()) return same.error();
  if (mode == Mode::kDo) {
    if (change.owner) found->owner = shownOwner(*change.owner);
    if (change.email) found->email = *change.email;
    if (change.locale) found->locale = *change.locale;
    ++found->revision;
  }
  return start(actor, "account.update", found->id, mode);
}
Result<JobOrPreview> FakePanel::renameAccount(const Actor& actor,
                                              std::string_view idOrName,
                                              const std::string& newName,
                                              const Expected& expected,
                                              Mode mode) {
  const std::lock_guard lock(mutex_);
  const auto found = findAccount(accounts_, idOrName);
  if (found == accounts_.end()) return kMissing;
  if (auto same = refuseChanged(expected, found->revision); !same.ok()) return same.error();
  if (mode == Mode::kDo) found->username = newName;
  return start(actor, "account.rename", found->id, mode);
}
Result<JobOrPreview> FakePanel::suspendAccount(const Actor& actor,
                                               std::string_view idOrName,
                                               Mode mode) {
  return act(actor, "account.suspend", idOrName, mode);
}
Result<JobOrPreview> FakePanel::announceRestoredAccount(const Actor& actor,
                                                        std::string_view idOrName,
                                                        Mode mode) {
  return act(actor, "account.restored", idOrName, mode);
}
Result<JobOrPreview> FakePanel::unsuspendAccount(const Actor& actor,
                                                 std::string_view idOrName,
                                                 Mode mode) {
  return act(actor, "account.unsuspend", idOrName, mode);
}
Result<JobOrPreview> FakePanel::deleteAccount(const Actor& actor,
                                              std::string_view idOrName,
                                              Mode mode) {
  return act(actor, "account.delete", idOrName, mode);
}
Result<JobOrPreview> FakePanel::restoreAccount(const Actor& actor,
                                               std::string_view idOrName,
                                               Mode mode) {
  return act(actor, "account.restore", idOrName, mode);
}
Result<JobOrPreview> FakePanel::purgeAccount(const Actor& actor,
                                             std::string_view idOrName,
                                             Mode mode) {
  return act(actor, "account.purge", idOrName, mode);
}

Result<JobOrPreview> FakePanel::addDomain(const Actor& actor,
                                          std::string_view account,
                                          const std::string& domain,
                                          Mode mode) {
  const std::lock_guard lock(mutex_);
  const auto found = findAccount(accounts_, account);
  if (found == accounts_.end()) return kMissing;
  const Domain made{newId("dom_"), domain, found->id, DomainState::kPending, false, kBirth};
  if (mode == Mode::kDo) domains_.push_back(made);
  return start(actor, "domain.create", found->id, mode);
}
Result<JobOrPreview> FakePanel::addAlias(const Actor& actor,
                                         std::string_view account,
                                         const std::string& domain,
                                         const std::string& target,
                                         Mode mode) {
  const std::lock_guard lock(mutex_);
  const auto found = findAccount(accounts_, account);
  const auto site = findDomain(domains_, target);
  if (found == accounts_.end() || site == domains_.end()) return kMissing;
  if (mode == Mode::kDo) {
    Domain alias{newId("dom_"), domain, found->id, DomainState::kPending, false, kBirth};
    alias.kind = DomainKind::kAlias;
    alias.target = site->id;
    alias.targetName = site->name;
    domains_.push_back(alias);
  }
  return start(actor, "alias.create", found->id, mode);
}
Result<JobOrPreview> FakePanel::changeDomain(const Actor& actor,
                                             std::string_view idOrName,
                                             const DomainChange& change,
                                             const Expected& expected,
                                             Mode mode) {
  const std::lock_guard lock(mutex_);
  if (auto failure = takeFailure()) return *failure;
  const auto found = findDomain(domains_, idOrName);
  if (found == domains_.end()) return kMissing;
  if (auto same = refuseChanged(expected, found->revision); !same.ok()) return same.error();
  if (mode == Mode::kDo) {
    if (change.php) found->php = *change.php;
    if (change.makePrimary)
      for (auto& other : domains_)
        if (other.accountId == found->accountId) other.primary = other.id == found->id;
    ++found->revision;
  }
  return start(actor, "domain.update", found->accountId, mode);
}
Result<JobOrPreview> FakePanel::renameDomain(const Actor& actor,
                                             std::string_view idOrName,
                                             const DomainRename& wanted,
                                             const Expected& expected,
                                             Mode mode) {
  const std::lock_guard lock(mutex_);
  const auto found = findDomain(domains_, idOrName);
  if (found == domains_.end()) return kMissing;
  if (auto same = refuseChanged(expected, found->revision); !same.ok()) return same.error();
  if (mode == Mode::kDo) found->name = wanted.name;
  return start(actor, "domain.rename", found->accountId, mode);
}
Result<Page<Domain>> FakePanel::domains(std::string_view account, const PageQuery& query) {
  const std::lock_guard lock(mutex_);
  if (account.empty()) return pageOf(domains_, query);
  const auto owner = findAccount(accounts_, account);
  if (owner == accounts_.end()) return kMissing;
  std::vector<Domain> own;
  std::copy_if(domains_.begin(), domains_.end(), std::back_inserter(own),
               [&](const Domain& d) { return d.accountId == owner->id; });
  return pageOf(own, query);
}
Result<Domain> FakePanel::domain(std::string_view idOrName) {
  const std::lock_guard lock(mutex_);
  const auto found = findDomain(domains_, idOrName);
  if (found == domains_.end()) return kMissing;
  return *found;
}
Result<JobOrPreview> FakePanel::removeDomain(const Actor& actor,
                                             std::string_view idOrName,
                                             Mode mode) {
  const std::lock_guard lock(mutex_);
  const auto found = findDomain(domains_, idOrName);
  if (found == domains_.end()) return kMissing;
  return start(actor, "domain.delete", found->accountId, mode);
}

Result<std::uint32_t> FakePanel::publishAccounts(const Actor&) {
  const std::lock_guard lock(mutex_);
  return static_cast<std::uint32_t>(accounts_.size());
}

Result<JobOrPreview> FakePanel::addDatabaseUser(const Actor& actor,
                                                std::string_view account,
                                                const std::string& name,
                                                Mode mode) {
  const std::lock_guard lock(mutex_);
  const auto found = findAccount(accounts_, account);
  if (found == accounts_.end()) return kMissing;
  if (mode == Mode::kDo) databaseUsers_.push_back({name, found->id, kBirth});
  return start(actor, "database_user.create", found->id, mode);
}
Result<Page<DatabaseUser>> FakePanel::databaseUsers(std::string_view account,
                                                    const PageQuery& query) {
  const std::lock_guard lock(mutex_);
  const auto owner = findAccount(accounts_, account);
  if (owner == accounts_.end()) return kMissing;
  std::vector<DatabaseUser> own;
  std::copy_if(databaseUsers_.begin(), databaseUsers_.end(), std::back_inserter(own),
               [&](const DatabaseUser& u) { return u.accountId == owner->id; });
  return pageOf(own, query);
}
Result<JobOrPreview> FakePanel::removeDatabaseUser(const Actor& actor,
                                                   std::string_view account,
                                                   const std::string& name,
                                                   Mode mode) {
  const std::lock_guard lock(mutex_);
  const auto owner = findAccount(accounts_, account);
  const auto user = std::find_if(databaseUsers_.begin(), databaseUsers_.end(),
                                 [&](const DatabaseUser& u) { return u.name == name; });
  if (owner == accounts_.end() || user == databaseUsers_.end()) return kMissing;
  if (mode == Mode::kDo) databaseUsers_.erase(user);
  return start(actor, "database_user.delete", owner->id, mode);
}

Result<Page<Job>> FakePanel::jobs(const PageQuery& query, const std::string& /*parent*/) {
  const std::lock_guard lock(mutex_);
  return pageOf(jobs_, query);
}
Result<Job> FakePanel::job(std::string_view id) {
  const std::lock_guard lock(mutex_);
  const auto found =
      std::find_if(jobs_.begin(), jobs_.end(), [id](const Job& j) { return j.id == id; });
  if (found == jobs_.end()) return kMissing;
  if (jobsDo_ != Jobs::kStayQueued && !found->ended()) end(*found, jobsDo_);
  return *found;
}
Result<Job> FakePanel::waitForJob(std::string_view id, std::chrono::seconds) { return job(id); }

Result<Page<std::string>> FakePanel::audit(const AuditFilter& filter, const PageQuery& query) {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> lines;
  AuditRecord record;
  record.kind = AuditKind::kOutcome;
  record.op = "account.create";
  if (filter.kind == "intent") record.kind = AuditKind::kIntent;
  for (std::uint64_t seq = 3; seq > 0; --seq)
    lines.push_back(formatAuditRecord(record, {seq, {kBirth, 1}, "boot", ""}));
  return pageOf(lines, query);
}
Panel::Health FakePanel::health() { return Health{true, true, ""}; }

}  // namespace bulkhead::test
