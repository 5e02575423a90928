// Plans: what accounts may use.
#include <algorithm>

#include "api/usecases/panel_impl.h"
#include "common/core/ulid.h"
#include "common/types/limits.h"

namespace bulkhead::api {
namespace {

constexpr std::size_t kNameMax = 64;
constexpr std::uint64_t kDiskMinBytes =
    16ULL << 20U;  // below, not even an empty home with a web server fits
constexpr std::uint64_t kDiskMaxBytes = 1ULL << 50U;  // 1 PiB: above it is a mistake
constexpr std::uint64_t kInodesMin = 1000;
constexpr std::uint64_t kInodesMax = 1ULL << 40U;
constexpr std::uint32_t kDomainsMax = 100000;

Error refuse(const char* why, const char* field) { return {Code::kInvalidArgument, why, field}; }

Result<Ok> checkName(const std::string& name) {
  if (name.empty() || name.size() > kNameMax) return refuse("name: 1 to 64 characters", "name");
  if (!std::all_of(name.begin(), name.end(), [](char c) { return c >= ' ' && c <= '~'; }))
    return refuse("name: printable ASCII only", "name");
  if (name.front() == ' ' || name.back() == ' ')
    return refuse("name: no space at either end", "name");
  if (name.rfind("pln_", 0) == 0) return refuse("name: must not look like an id (pln_...)", "name");
  return Ok{};
}

Result<Ok> checkLimits(const PlanLimits& limits) {
  TRY(ResourceLimits::check(limits.cpuPercent, limits.memoryBytes, limits.tasks));
  if (limits.diskBytes != 0 &&
      (limits.diskBytes < kDiskMinBytes || limits.diskBytes > kDiskMaxBytes))
    return refuse("disk: 0 (unlimited) or 16 MiB to 1 PiB", "disk_bytes");
  if (limits.inodes != 0 && (limits.inodes < kInodesMin || limits.inodes > kInodesMax))
    return refuse("inodes: 0 (unlimited) or at least 1000", "inodes");
  if (limits.domainsMax > kDomainsMax) return refuse("domains: at most 100000", "domains_max");
  return Ok{};
}

bool sameOnHost(const PlanLimits& a, const PlanLimits& b) {
  return a.cpuPercent == b.cpuPercent && a.memoryBytes == b.memoryBytes && a.tasks == b.tasks &&
         a.diskBytes == b.diskBytes && a.inodes == b.inodes;
}

}  // namespace

Result<Plan> PanelImpl::createPlan(const Actor&,
                                   const std::string& name,
                                   const PlanLimits& limits) {
  TRY(checkName(name));
  TRY(checkLimits(limits));
  const std::int64_t now = clock_.nowMicros();
  const Plan plan{"pln_" + newUlid(now), name, limits, now, 1};
  TRY(store_.write([&](Tables& tables) { return tables.plans().add(plan); }));
  return plan;
}

Result<Page<Plan>> PanelImpl::plans(const PageQuery& query) {
  return store_.read([&](const Tables& tables) { return tables.plans().list(query); });
}

Result<Plan> PanelImpl::plan(std::string_view idOrName) {
  return store_.read([&](const Tables& tables) { return tables.plans().find(idOrName); });
}

Result<Plan> PanelImpl::changePlan(const Actor& actor,
                                   std::string_view idOrName,
                                   const std::string& name,
                                   const PlanLimits& limits) {
  TRY(checkName(name));
  TRY(checkLimits(limits));
  std::vector<JobTicket> tickets;
  auto changed = store_.write([&](Tables& tables) -> Result<Plan> {
    tickets.clear();
    TRY_ASSIGN(Plan plan, tables.plans().find(idOrName));
    const bool reapply = !sameOnHost(plan.limits, limits);
    plan.name = name;
    plan.limits = limits;
    TRY(tables.plans().change(plan));
    plan.revision += 1;
    if (!reapply) return plan;
    TRY_ASSIGN(const auto users, tables.accounts().ofPlan(plan.id));
    for (const auto& account : users) {
      // What failed or goes away has nothing on the host that a limit could hold.
      if (account.state == AccountState::kFailed || account.state == AccountState::kDeleting)
        continue;
      const JobRecord record = makeJob(kAccountLimits, account, {}, actor, clock_.nowMicros());
      TRY(tables.jobs().add(record));
      tickets.push_back({record.job.id, record.job.kind, account.id, ""});
    }
    return plan;
  });
  if (changed.ok())
    for (const auto& ticket : tickets)
      runner_.submit(ticket);
  return changed;
}

Result<Ok> PanelImpl::deletePlan(const Actor&, std::string_view idOrName) {
  return store_.write([&](Tables& tables) -> Result<Ok> {
    TRY_ASSIGN(const Plan plan, tables.plans().find(idOrName));
    return tables.plans().remove(plan.id);
  });
}

}  // namespace bulkhead::api
