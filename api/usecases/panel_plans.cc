// Plans: what accounts may use.
#include "api/usecases/panel_impl.h"
#include "api/usecases/reach.h"
#include "api/usecases/repeats.h"
#include "common/core/ulid.h"
#include "common/types/host_names.h"
#include "common/types/limits.h"
#include "common/types/plan_name.h"

namespace bulkhead::api {
namespace {

constexpr std::uint64_t kDiskMinBytes =
    16ULL << 20U;  // below, not even an empty home with a web server fits
constexpr std::uint64_t kDiskMaxBytes = 1ULL << 50U;  // 1 PiB: above it is a mistake
constexpr std::uint64_t kInodesMin = 1000;
constexpr std::uint64_t kInodesMax = 1ULL << 40U;
constexpr std::uint32_t kDomainsMax = 100000;
constexpr std::uint64_t kTransferMaxBytes = 1ULL << 60U;  // 400 GB a second, day and night

Error refuse(const char* why, const char* field) { return {Code::kInvalidArgument, why, field}; }

Result<Ok> checkLimits(const PlanLimits& limits) {
  TRY(ResourceLimits::check(limits.cpuPercent, limits.memoryBytes, limits.tasks, limits.io));
  if (limits.diskBytes != 0 &&
      (limits.diskBytes < kDiskMinBytes || limits.diskBytes > kDiskMaxBytes))
    return refuse("disk: 0 (unlimited) or 16 MiB to 1 PiB", "disk_bytes");
  if (limits.inodes != 0 && (limits.inodes < kInodesMin || limits.inodes > kInodesMax))
    return refuse("inodes: 0 (unlimited) or at least 1000", "inodes");
  if (limits.domainsMax > kDomainsMax) return refuse("domains: at most 100000", "domains_max");
  if (limits.sitesMax > kDomainsMax) return refuse("sites: at most 100000", "sites_max");
  if (limits.databaseUsersMax > DatabaseUserName::kPerAccountMax)
    return refuse("database users: 0 (as many as an account can have) or at most 1000",
                  "database_users_max");
  if (limits.transferBytesPerMonth > kTransferMaxBytes)
    return refuse("transfer: at most 1 EiB a month", "transfer_bytes_per_month");
  return Ok{};
}

Result<Ok> refuseBeyond(const Actor& actor, const Plan& plan) {
  if (reaches(actor.reach, plan)) return Ok{};
  return Error{Code::kNotFound, "there is no such plan", ""};
}

bool sameOnHost(const PlanLimits& a, const PlanLimits& b) {
  return a.cpuPercent == b.cpuPercent && a.memoryBytes == b.memoryBytes && a.tasks == b.tasks &&
         a.diskBytes == b.diskBytes && a.inodes == b.inodes && a.io == b.io;
}

}  // namespace

Result<Plan> PanelImpl::createPlan(const Actor& actor,
                                   const std::string& name,
                                   const PlanLimits& limits,
                                   const std::string& owner) {
  TRY(PlanName::parse(name));
  TRY(checkLimits(limits));
  const std::int64_t now = clock_.nowMicros();
  TRY_ASSIGN(auto made, store_.write([&](Tables& tables) -> Result<Plan> {
    Plan plan{"pln_" + newUlid(now), name, limits, now, 1};
    TRY_ASSIGN(const Owner whose, owners_.find(tables, owner, "owner"));
    plan.owner = whose.admin;
    plan.resellerId = whose.resellerId;
    TRY(refuseBeyond(actor, plan));
    TRY(tables.plans().add(plan));
    TRY(noteDone(tables, actor, plan.id));
    return tables.plans().find(plan.id);
  }));
  return owners_.shown(std::move(made));
}

Result<Page<Plan>> PanelImpl::plans(const PageQuery& query) {
  TRY_ASSIGN(auto page,
             store_.read([&](const Tables& tables) { return tables.plans().list(query); }));
  return owners_.shownPage(std::move(page));
}

Result<Plan> PanelImpl::plan(std::string_view idOrName) {
  TRY_ASSIGN(auto found,
             store_.read([&](const Tables& tables) { return tables.plans().find(idOrName); }));
  return owners_.shown(std::move(found));
}

Result<Plan> PanelImpl::changePlan(const Actor& actor,
                                   std::string_view idOrName,
                                   const std::string& name,
                                   const PlanLimits& limits,
                                   const std::optional<std::string>& owner) {
  TRY(PlanName::parse(name));
  TRY(checkLimits(limits));
  std::vector<JobTicket> tickets;
  auto changed = store_.write([&](Tables& tables) -> Result<Plan> {
    tickets.clear();
    TRY_ASSIGN(Plan plan, tables.plans().find(idOrName));
    const Plan before = plan;
    TRY(refuseBeyond(actor, before));
    plan.name = name;
    plan.limits = limits;
    if (owner.has_value()) {
      TRY_ASSIGN(const Owner whose, owners_.find(tables, *owner, "owner"));
      plan.owner = whose.admin;
      plan.resellerId = whose.resellerId;
    }
    TRY(refuseBeyond(actor, plan));
    TRY_ASSIGN(plan.limitsJob, followPlan(tables, before, plan, actor, tickets));
    TRY(tables.plans().change(plan));
    TRY(noteDone(tables, actor, plan.id));
    return tables.plans().find(plan.id);
  });
  if (!changed.ok()) return changed;
  submit(tickets);
  return owners_.shown(*std::move(changed));
}

Result<Ok> PanelImpl::queue(Tables& tables,
                            const JobRecord& record,
                            std::vector<JobTicket>& tickets) {
  TRY(tables.jobs().add(record));
  tickets.push_back({record.job.id, record.job.kind, record.job.accountId, ""});
  return Ok{};
}

void PanelImpl::submit(const std::vector<JobTicket>& tickets) {
  for (const auto& ticket : tickets)
    runner_.submit(ticket);
}

// The jobs by which the host hears of a changed plan: its new name, and its new limits for each of
// its accounts, which are the parts of one job. Answers the id of that, or of the last one.
Result<std::string> PanelImpl::followPlan(Tables& tables,
                                          const Plan& before,
                                          const Plan& plan,
                                          const Actor& actor,
                                          std::vector<JobTicket>& tickets) const {
  JobDetails details;
  details.name = before.name;
  if (before.name != plan.name) {
    details.newName = plan.name;
    TRY(queue(tables, makeJob(kPlanRename, Account{}, {}, actor, clock_.nowMicros(), details),
              tickets));
  }
  if (sameOnHost(before.limits, plan.limits)) return before.limitsJob;
  TRY_ASSIGN(auto users, tables.accounts().ofPlan(plan.id));
  // What failed or goes away has nothing on the host that a limit could hold.
  std::erase_if(users, [](const Account& account) {
    return account.state == AccountState::kFailed || account.state == AccountState::kDeleting;
  });
  if (users.empty()) return before.limitsJob;
  JobRecord whole = makeJob(kPlanUpdate, Account{}, {}, actor, clock_.nowMicros(), details);
  whole.job.state = JobState::kRunning;
  whole.job.parts.total = static_cast<std::uint32_t>(users.size());
  TRY(tables.jobs().add(whole));
  for (const auto& account : users) {
    JobRecord part = makeJob(kAccountLimits, account, {}, actor, clock_.nowMicros());
    part.job.parentId = whole.job.id;
    TRY(queue(tables, part, tickets));
  }
  return whole.job.id;
}

Result<Ok> PanelImpl::deletePlan(const Actor& actor, std::string_view idOrName) {
  std::vector<JobTicket> tickets;
  const auto removed = store_.write([&](Tables& tables) -> Result<Ok> {
    tickets.clear();
    TRY_ASSIGN(const Plan plan, tables.plans().find(idOrName));
    TRY(refuseBeyond(actor, plan));
    TRY(tables.plans().remove(plan.id));
    JobDetails details;
    details.name = plan.name;
    TRY(noteDone(tables, actor, ""));
    return queue(tables, makeJob(kPlanDelete, Account{}, {}, actor, clock_.nowMicros(), details),
                 tickets);
  });
  if (removed.ok()) submit(tickets);
  return removed;
}

}  // namespace bulkhead::api
