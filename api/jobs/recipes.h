// Recipes: which privileged operations make up each kind of job, and how each is taken back. The
// only place that knows the order.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/agent_client/agent_port.h"
#include "api/store/store.h"

namespace bulkhead::api {

// Desired state, from which every parameter of a step is derived.
struct StepInput {
  const Account& account;
  const PlanLimits& limits;
  const std::string& subject;  // the domain of a site step
  const JobDetails& details;
};

enum class Repeat { kOnce, kEachDomain, kWithPreviewPort };
enum class Tolerates {
  kNothing,
  kUnsupported,  // a host without project quotas still hosts
  kAbsent,       // removing what is not there
};
struct StepKind {
  std::string_view name;
  Repeat repeat;
  Tolerates tolerates;
  AgentRequest (*perform)(const StepInput& input);
  // In this order; empty when taking back another step takes this one with it.
  std::vector<AgentRequest> (*undo)(const StepInput& input);
};

enum class OnFailure {
  kUndo,
  kStop
};  // kStop: what is destroyed stays destroyed; the job may be asked for again
struct Recipe {
  std::string_view kind;
  OnFailure onFailure;
  std::span<const StepKind> steps;
  // What the end of the job means for accounts and domains; called in the transaction that ends it.
  Result<Ok> (*settle)(Tables& tables, const JobRecord& record);
};

inline constexpr std::string_view kAccountCreate = "account.create";
inline constexpr std::string_view kAccountSuspend = "account.suspend";
inline constexpr std::string_view kAccountUnsuspend = "account.unsuspend";
inline constexpr std::string_view kAccountDelete = "account.delete";
inline constexpr std::string_view kAccountLimits = "account.limits";
inline constexpr std::string_view kDomainAdd = "domain.add";
inline constexpr std::string_view kDomainRemove = "domain.remove";

const Recipe* findRecipe(
    std::string_view kind);  // nullptr for a kind that this version does not know
const StepKind* findStep(const Recipe& recipe, std::string_view name);

// A queued job with its steps, nothing stored yet. `domains` are those of the steps that repeat.
JobRecord makeJob(std::string_view kind,
                  const Account& account,
                  const std::vector<std::string>& domains,
                  const Actor& actor,
                  std::int64_t nowMicros);

}  // namespace bulkhead::api
