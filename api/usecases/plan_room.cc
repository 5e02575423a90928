#include "api/usecases/plan_room.h"

#include "api/usecases/state_names.h"
#include "common/types/host_names.h"

namespace bulkhead::api {
namespace {

struct Held {
  std::uint32_t domains = 0;
  std::uint32_t sites = 0;
  std::uint32_t databaseUsers = 0;
};

Result<Held> heldBy(const Tables& tables, const std::string& accountId) {
  Held held;
  TRY_ASSIGN(held.domains, tables.domains().countOf(accountId));
  TRY_ASSIGN(held.sites, tables.domains().countSitesOf(accountId));
  TRY_ASSIGN(const auto names, tables.databaseUsers().namesOf(accountId));
  held.databaseUsers = static_cast<std::uint32_t>(names.size());
  return held;
}

Result<Ok> refuseAbove(std::uint32_t max,
                       std::uint32_t wanted,
                       const std::string& what,
                       const char* field) {
  if (max == 0 || wanted <= max) return Ok{};
  return Error{Code::kLimitExceeded, "the plan allows " + std::to_string(max) + " " + what, field};
}

Result<Ok> refuseHeld(std::uint32_t max, std::uint32_t held, const std::string& what) {
  return refuseAbove(max, held, what + ", the account has " + std::to_string(held), "plan");
}

}  // namespace

Result<Ok> refuseWithout(const PlanLimits& limits, Feature feature, const char* field) {
  if (limits.allows(feature)) return Ok{};
  return Error{Code::kLimitExceeded,
               "the plan does not have the feature " + std::string(featureName(feature)), field};
}

Result<Ok> refuseAnotherDomain(const Tables& tables,
                               const PlanLimits& limits,
                               const std::string& accountId,
                               DomainKind kind) {
  TRY_ASSIGN(const Held held, heldBy(tables, accountId));
  TRY(refuseAbove(limits.domainsMax, held.domains + 1, "domains", "domain"));
  if (kind == DomainKind::kAlias) return refuseWithout(limits, Feature::kAliases, "alias_of");
  return refuseAbove(limits.sitesMax, held.sites + 1, "sites", "domain");
}

Result<Ok> refuseAnotherDatabaseUser(const Tables& tables,
                                     const PlanLimits& limits,
                                     const std::string& accountId) {
  TRY(refuseWithout(limits, Feature::kDatabaseUsers, "name"));
  TRY_ASSIGN(const Held held, heldBy(tables, accountId));
  if (held.databaseUsers >= DatabaseUserName::kPerAccountMax)
    return Error{Code::kLimitExceeded,
                 "an account has at most " + std::to_string(DatabaseUserName::kPerAccountMax) +
                     " database users",
                 "name"};
  return refuseAbove(limits.databaseUsersMax, held.databaseUsers + 1, "database users", "name");
}

Result<Ok> refuseTooSmall(const Tables& tables,
                          const PlanLimits& limits,
                          const std::string& accountId) {
  TRY_ASSIGN(const Held held, heldBy(tables, accountId));
  TRY(refuseHeld(limits.domainsMax, held.domains, "domains"));
  TRY(refuseHeld(limits.sitesMax, held.sites, "sites"));
  return refuseHeld(limits.databaseUsersMax, held.databaseUsers, "database users");
}

}  // namespace bulkhead::api
