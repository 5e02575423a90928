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
  const std::vector<Domain>& domains;  // of the account
  const std::string& domainId;         // of a domain's job: that domain
  // Only hook steps look at these (api/jobs/hook_steps.h).
  std::string usernameBefore = {};  // of the account when the job was asked for
  std::string mainDomain = {};
  std::vector<std::string> databaseUsers = {};
  // How things are now.
  bool accountStands = false;
  bool unixUserWorks = false;  // details.unixUser is an administrator's
  bool planStands = false;     // details.newName, or else details.name, is a plan's
};
// The names of a site's aliases that the host shows, but for the job's own domain.
std::vector<std::string> otherAliases(const StepInput& input, const std::string& site);

enum class Repeat {
  kOnce,
  kEachDomain,
  kWithPreviewPort,
  kWithNewPlan,
  kByHand,
  // Of an account that was deleted: if it was suspended before, or if it was not.
  kWasSuspended,
  kWasActive,
  kEachDomainWasActive
};
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

// A job of its own that repeats one hook step which failed; its step has that step's name.
inline constexpr std::string_view kHookRetry = "hook.retry";
inline constexpr std::string_view kAccountCreate = "account.create";
inline constexpr std::string_view kAccountSuspend = "account.suspend";
inline constexpr std::string_view kAccountUnsuspend = "account.unsuspend";
// Suspends it; account.restore takes that back, account.purge takes away all it has.
inline constexpr std::string_view kAccountDelete = "account.delete";
inline constexpr std::string_view kAccountRestore = "account.restore";
inline constexpr std::string_view kAccountPurge = "account.purge";
inline constexpr std::string_view kAccountLimits = "account.limits";
inline constexpr std::string_view kAccountUpdate = "account.update";
inline constexpr std::string_view kAccountRename = "account.rename";
// Nothing of the panel's changes: the host's other products are told what it knows of the account,
// or that its files are back from a backup.
inline constexpr std::string_view kAccountPublish = "account.publish";
inline constexpr std::string_view kAccountRestored = "account.restored";
// Has no steps: its parts are the jobs account.limits of the plan's accounts.
inline constexpr std::string_view kPlanUpdate = "plan.update";
inline constexpr std::string_view kDomainRename = "domain.rename";
inline constexpr std::string_view kAliasCreate = "alias.create";
inline constexpr std::string_view kAliasDelete = "alias.delete";
inline constexpr std::string_view kDomainUpdate = "domain.update";
// About the panel itself, of no account.
inline constexpr std::string_view kPlanRename = "plan.rename";
inline constexpr std::string_view kPlanDelete = "plan.delete";
inline constexpr std::string_view kAdminCreate = "admin.create";
inline constexpr std::string_view kAdminDelete = "admin.delete";
inline constexpr std::string_view kDatabaseUserCreate = "database_user.create";
inline constexpr std::string_view kDatabaseUserDelete = "database_user.delete";
inline constexpr std::string_view kDomainCreate = "domain.create";
inline constexpr std::string_view kDomainDelete = "domain.delete";

const Recipe* findRecipe(
    std::string_view kind);  // nullptr for a kind that this version does not know
const StepKind* findStep(const Recipe& recipe, std::string_view name);

// True for kinds that wait their turn and get in nobody's way: other changes of the account need
// not wait for their end.
bool isPatient(std::string_view kind);

// What a domain of the account is called after a domain.rename; its own name when that leaves it
// alone.
std::string renamedDomain(const std::string& name, const JobDetails& details);

// One more step of a job that is not stored yet: how steps of Repeat::kByHand come.
void addStep(JobRecord& record, std::string_view name, const std::string& subject);

// A queued job with its steps, nothing stored yet. `domains` are those of the steps that repeat.
JobRecord makeJob(std::string_view kind,
                  const Account& account,
                  const std::vector<std::string>& domains,
                  const Actor& actor,
                  std::int64_t nowMicros,
                  const JobDetails& details = {});

}  // namespace bulkhead::api
