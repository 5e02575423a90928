// What a plan has room for. Asked inside the transaction that adds the row: of any number at once,
// exactly as many as the plan allows come in.
#pragma once
#include <string>

#include "api/store/store.h"

namespace bulkhead::api {

// kLimitExceeded naming the feature when the plan leaves it out; what an account has already stays.
Result<Ok> refuseWithout(const PlanLimits& limits, Feature feature, const char* field);
// Whether one more fits; kLimitExceeded otherwise.
Result<Ok> refuseAnotherDomain(const Tables& tables,
                               const PlanLimits& limits,
                               const std::string& accountId,
                               DomainKind kind);
Result<Ok> refuseAnotherDatabaseUser(const Tables& tables,
                                     const PlanLimits& limits,
                                     const std::string& accountId);
// Whether all that the account has fits into another plan.
Result<Ok> refuseTooSmall(const Tables& tables,
                          const PlanLimits& limits,
                          const std::string& accountId);

}  // namespace bulkhead::api
