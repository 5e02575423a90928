// What Execution knows of the job at hand; read anew from the store for each advance(). Only
// Execution's own sources include it.
#pragma once
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "api/jobs/execution.h"

namespace bulkhead::api {

struct Execution::Session {
  JobRecord record;
  const Recipe* recipe = nullptr;
  Account account;
  PlanLimits limits;
  Waiting* waiting = nullptr;

  std::vector<Domain> domains;  // as they are while this job runs
  std::string mainDomain;
  std::vector<std::string> databaseUsers;
  bool accountStands = false;
  bool unixUserWorks = false;
  bool planStands = false;

  StepInput input(std::size_t position) const {
    return {account,         limits,        record.extras[position].subject,
            record.details,  domains,       record.domainId,
            record.username, mainDomain,    databaseUsers,
            accountStands,   unixUserWorks, planStands};
  }
  bool has(std::string_view step) const {
    return std::any_of(record.job.steps.begin(), record.job.steps.end(),
                       [step](const JobStep& other) { return other.name == step; });
  }
  CallContext context() const {
    CallContext call;
    call.requestId = record.requestId;
    call.actor = record.job.actor;
    call.traceparent = record.traceparent;
    return call;
  }
  void moved() { *waiting = Waiting{}; }
};

}  // namespace bulkhead::api
