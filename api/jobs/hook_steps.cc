#include "api/jobs/hook_steps.h"

#include <algorithm>
#include <array>

#include "common/core/ulid.h"

namespace bulkhead::api {
namespace {

using Requests = std::vector<AgentRequest>;
Requests nothing(const StepInput&) { return {}; }

ask::HookRun about(const StepInput& in, ask::HookEvent event) {
  ask::HookRun hook;
  hook.event = event;
  hook.username = in.account.username;
  return hook;
}

AgentRequest userCreated(const StepInput& in) {
  auto hook = about(in, ask::HookEvent::kUserCreated);
  hook.owner = in.account.owner;
  return hook;
}
AgentRequest userRenamed(const StepInput& in) {
  auto hook = about(in, ask::HookEvent::kUserRenamed);
  hook.oldUsername = in.usernameBefore;
  return hook;
}
AgentRequest userMoved(const StepInput& in) {
  auto hook = about(in, ask::HookEvent::kUserMoved);
  hook.owner = in.details.owner;
  return hook;
}
AgentRequest userRemoving(const StepInput& in) { return about(in, ask::HookEvent::kUserRemoving); }
AgentRequest userRemoved(const StepInput& in) { return about(in, ask::HookEvent::kUserRemoved); }
AgentRequest userRestored(const StepInput& in) { return about(in, ask::HookEvent::kUserRestored); }
AgentRequest domainRenamed(const StepInput& in) {
  auto hook = about(in, ask::HookEvent::kDomainRenamed);
  hook.oldDomain = in.details.name;
  hook.domain = in.details.newName;
  hook.includeSubdomains = in.details.includeSubdomains;
  return hook;
}
AgentRequest packageRenamed(const StepInput& in) {
  ask::HookRun hook;
  hook.event = ask::HookEvent::kPackageRenamed;
  hook.oldPackage = in.details.name;
  hook.package = in.details.newName;
  return hook;
}
AgentRequest adminCreated(const StepInput& in) {
  ask::HookRun hook;
  hook.event = ask::HookEvent::kAdminCreated;
  hook.admin = in.details.unixUser;
  return hook;
}
AgentRequest adminRemoved(const StepInput& in) {
  ask::HookRun hook;
  hook.event = ask::HookEvent::kAdminRemoved;
  hook.admin = in.details.unixUser;
  return hook;
}
AgentRequest publish(const StepInput& in) {
  return ask::CpapiPublish{in.account.username, in.mainDomain};
}
AgentRequest applyLimits(const StepInput& in) { return ask::LvectlApply{in.account.username}; }
AgentRequest forgetPackage(const StepInput& in) { return ask::LvectlForget{in.details.name}; }
AgentRequest writeMap(const StepInput& in) {
  return ask::DbmapWrite{in.account.username, in.databaseUsers};
}

template <const char* kScript>
bool has(const StepInput&, const AgentHooks& host) {
  return std::find(host.scripts.begin(), host.scripts.end(), kScript) != host.scripts.end();
}
constexpr char kUserPost[] = "post_modify_user.py";
constexpr char kUserPre[] = "pre_modify_user.py";
constexpr char kDomainPost[] = "post_modify_domain.py";
constexpr char kPackagePost[] = "post_modify_package.py";
constexpr char kAdminPost[] = "post_modify_admin.py";
bool ownerChanged(const StepInput& in, const AgentHooks& host) {
  return !in.details.owner.empty() && has<kUserPost>(in, host);
}
// An administrator without a UNIX account is none of the host's business.
bool adminIsUser(const StepInput& in, const AgentHooks& host) {
  return !in.details.unixUser.empty() && has<kAdminPost>(in, host);
}
// Its name may be somebody else's by now.
bool accountStands(const StepInput& in) { return in.accountStands; }
bool planStands(const StepInput& in) { return in.planStands; }
bool planIsGone(const StepInput& in) { return !in.planStands; }
bool unixUserWorks(const StepInput& in) { return in.unixUserWorks; }
bool nobodyWorksSo(const StepInput& in) { return !in.unixUserWorks; }
bool isEnabled(const StepInput&, const AgentHooks& host) { return host.enabled; }
bool planChanged(const StepInput& in, const AgentHooks& host) {
  return !in.details.plan.empty() && host.lvectl;
}
bool hasLvectl(const StepInput&, const AgentHooks& host) { return host.lvectl; }

using enum Repeat;
using enum Tolerates;
constexpr StepKind told(std::string_view name, AgentRequest (*perform)(const StepInput&)) {
  return StepKind{name, kOnce, kNothing, perform, nothing};
}
constexpr HookStep kPublish{told("cpapi.publish", publish), isEnabled, accountStands};
constexpr HookStep kApplyLimits{told("lvectl.apply", applyLimits), hasLvectl, accountStands};
constexpr HookStep kApplyPlan{told("lvectl.apply", applyLimits), planChanged, accountStands};
constexpr HookStep kForgetPackage{told("lvectl.forget", forgetPackage), hasLvectl, planIsGone};
constexpr HookStep kWriteMap{told("dbmap.write", writeMap), isEnabled, accountStands};
constexpr HookStep kUserCreated{told("hook.user_created", userCreated), has<kUserPost>,
                                accountStands};
constexpr HookStep kUserRenamed{told("hook.user_renamed", userRenamed), has<kUserPost>,
                                accountStands};
constexpr HookStep kUserMoved{told("hook.user_moved", userMoved), ownerChanged, accountStands};
constexpr HookStep kUserRemoving{told("hook.user_removing", userRemoving), has<kUserPre>};
constexpr HookStep kUserRemoved{told("hook.user_removed", userRemoved), has<kUserPost>};
constexpr HookStep kUserRestored{told("hook.user_restored", userRestored), has<kUserPost>,
                                 accountStands};
constexpr HookStep kDomainRenamed{told("hook.domain_renamed", domainRenamed), has<kDomainPost>,
                                  accountStands};
constexpr HookStep kPackageRenamed{told("hook.package_renamed", packageRenamed), has<kPackagePost>,
                                   planStands};
constexpr HookStep kAdminCreated{told("hook.admin_created", adminCreated), adminIsUser,
                                 unixUserWorks};
constexpr HookStep kAdminRemoved{told("hook.admin_removed", adminRemoved), adminIsUser,
                                 nobodyWorksSo};

constexpr std::array kAll = {&kPublish,      &kApplyLimits,  &kForgetPackage, &kWriteMap,
                             &kUserCreated,  &kUserRenamed,  &kUserMoved,     &kUserRemoving,
                             &kUserRemoved,  &kUserRestored, &kDomainRenamed, &kPackageRenamed,
                             &kAdminCreated, &kAdminRemoved};

// The snapshot comes before the hook: whom it tells may ask for the domains at once.
constexpr std::array kAfterCreate = {&kPublish, &kUserCreated};
constexpr std::array kBeforePurge = {&kUserRemoving};
constexpr std::array kAfterPurge = {&kUserRemoved};
constexpr std::array kAfterLimits = {&kApplyLimits};
constexpr std::array kAfterChange = {&kUserMoved, &kApplyPlan};
constexpr std::array kAfterRename = {&kPublish, &kUserRenamed, &kWriteMap};
constexpr std::array kAfterPublish = {&kPublish, &kWriteMap};
constexpr std::array kAfterRestoring = {&kPublish, &kUserRestored};
constexpr std::array kAfterDomain = {&kPublish};
constexpr std::array kAfterDatabaseUser = {&kWriteMap};
constexpr std::array kAfterDomainRename = {&kPublish, &kDomainRenamed};
constexpr std::array kAfterPlanRename = {&kPackageRenamed};
constexpr std::array kAfterPlanDelete = {&kForgetPackage};
constexpr std::array kAfterAdminCreate = {&kAdminCreated};
constexpr std::array kAfterAdminDelete = {&kAdminRemoved};

using Steps = std::span<const HookStep* const>;
struct Occasion {
  std::string_view kind;
  Steps before;
  Steps after;
};
const std::array kOccasions = {
    Occasion{kAccountCreate, {}, kAfterCreate},
    Occasion{kAccountRestore, {}, kAfterDomain},
    // Until it is purged an account is there, as a suspended one is.
    Occasion{kAccountPurge, kBeforePurge, kAfterPurge},
    Occasion{kAccountLimits, {}, kAfterLimits},
    Occasion{kAccountUpdate, {}, kAfterChange},
    Occasion{kAccountRename, {}, kAfterRename},
    Occasion{kAccountPublish, {}, kAfterPublish},
    Occasion{kAccountRestored, {}, kAfterRestoring},
    Occasion{kDomainCreate, {}, kAfterDomain},
    Occasion{kDomainDelete, {}, kAfterDomain},
    Occasion{kDomainUpdate, {}, kAfterDomain},
    Occasion{kAliasCreate, {}, kAfterDomain},
    Occasion{kAliasDelete, {}, kAfterDomain},
    Occasion{kDatabaseUserCreate, {}, kAfterDatabaseUser},
    Occasion{kDatabaseUserDelete, {}, kAfterDatabaseUser},
    Occasion{kDomainRename, {}, kAfterDomainRename},
    Occasion{kPlanRename, {}, kAfterPlanRename},
    Occasion{kPlanDelete, {}, kAfterPlanDelete},
    Occasion{kAdminCreate, {}, kAfterAdminCreate},
    Occasion{kAdminDelete, {}, kAfterAdminDelete},
};

std::vector<const HookStep*> wantedOf(Steps steps, const StepInput& input, const AgentHooks& host) {
  std::vector<const HookStep*> wanted;
  for (const auto* step : steps)
    if (step->wanted(input, host)) wanted.push_back(step);
  return wanted;
}

const Occasion* findOccasion(std::string_view kind) {
  const auto* found = std::find_if(kOccasions.begin(), kOccasions.end(),
                                   [kind](const Occasion& o) { return o.kind == kind; });
  return found == kOccasions.end() ? nullptr : found;
}

}  // namespace

std::vector<const HookStep*> stepsAfter(std::string_view kind,
                                        const StepInput& input,
                                        const AgentHooks& host) {
  const auto* occasion = findOccasion(kind);
  return occasion == nullptr ? std::vector<const HookStep*>{}
                             : wantedOf(occasion->after, input, host);
}

std::vector<const HookStep*> stepsBefore(std::string_view kind,
                                         const StepInput& input,
                                         const AgentHooks& host) {
  const auto* occasion = findOccasion(kind);
  return occasion == nullptr ? std::vector<const HookStep*>{}
                             : wantedOf(occasion->before, input, host);
}

bool hasStepsAfter(std::string_view kind) {
  const auto* occasion = findOccasion(kind);
  return occasion != nullptr && !occasion->after.empty();
}
bool hasStepsBefore(std::string_view kind) {
  const auto* occasion = findOccasion(kind);
  return occasion != nullptr && !occasion->before.empty();
}

void addBefore(JobRecord& record, const std::vector<const HookStep*>& steps) {
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    JobStep first;
    first.name = (*step)->step.name;
    record.job.steps.insert(record.job.steps.begin(), std::move(first));
    record.extras.insert(record.extras.begin(), StepExtra{"", UndoState::kNone});
  }
}

bool isSettled(const JobRecord& record) {
  if (record.job.kind == kHookRetry) return true;
  const auto* occasion = findOccasion(record.job.kind);
  if (occasion == nullptr) return false;
  return std::any_of(record.job.steps.begin(), record.job.steps.end(), [&](const JobStep& step) {
    return std::any_of(occasion->after.begin(), occasion->after.end(),
                       [&](const HookStep* after) { return after->step.name == step.name; });
  });
}

const StepKind* stepKindOf(const Recipe& recipe, std::string_view name) {
  const StepKind* found = findStep(recipe, name);
  if (found != nullptr) return found;
  const HookStep* hook = findHookStep(name);
  return hook == nullptr ? nullptr : &hook->step;
}

const HookStep* findHookStep(std::string_view name) {
  for (const auto* step : kAll)
    if (step->step.name == name) return step;
  return nullptr;
}

bool isHookStep(std::string_view name) { return findHookStep(name) != nullptr; }

bool runsScripts(std::string_view name) { return name.starts_with("hook."); }

std::optional<Error> hookProblem(const AgentReply& reply) {
  const auto* hook = std::get_if<AgentHook>(&reply.value);
  if (hook == nullptr) return std::nullopt;
  switch (hook->outcome) {
    case HookOutcome::kAbsent:
    case HookOutcome::kSucceeded:
      return std::nullopt;
    case HookOutcome::kTimedOut:
      return Error{Code::kTimeout, hook->command + ": took too long", ""};
    case HookOutcome::kFailed:
      break;
  }
  return Error{Code::kUnavailable, hook->command + ": exit code " + std::to_string(hook->exitCode),
               ""};
}

bool isOvertaken(const Error& refusal) {
  return refusal.code == Code::kNotFound || refusal.code == Code::kConflict ||
         refusal.code == Code::kAlreadyExists || refusal.code == Code::kUnsupported;
}

JobRecord makeHookRetry(const JobRecord& record, std::size_t position, std::int64_t nowMicros) {
  JobRecord retry = record;
  retry.job = Job{};
  retry.job.id = "job_" + newUlid(nowMicros);
  retry.job.kind = kHookRetry;
  retry.job.accountId = record.job.accountId;
  retry.job.actor = record.job.actor;
  retry.job.createdAt = nowMicros;
  JobStep step;
  step.name = record.job.steps[position].name;
  retry.job.steps.push_back(std::move(step));
  retry.extras = {record.extras[position]};
  retry.extras[0].undo = UndoState::kNone;
  return retry;
}

}  // namespace bulkhead::api
