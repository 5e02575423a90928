#include "api/jobs/recipes.h"

#include <algorithm>
#include <array>

#include "api/jobs/settle.h"
#include "common/core/ulid.h"

namespace bulkhead::api {
namespace {

constexpr const char* kWebService = "web";  // of policy/images.json: the account's own web server

using Requests = std::vector<AgentRequest>;
Requests nothing(const StepInput&) { return {}; }

AgentRequest createAccount(const StepInput& in) {
  return ask::AccountCreate{in.account.username, in.limits.cpuPercent, in.limits.memoryBytes,
                            in.limits.tasks, in.limits.io};
}
AgentRequest deleteAccount(const StepInput& in) { return ask::AccountDelete{in.account.username}; }
AgentRequest suspendAccount(const StepInput& in) {
  return ask::AccountSuspend{in.account.username};
}
AgentRequest unsuspendAccount(const StepInput& in) {
  return ask::AccountUnsuspend{in.account.username};
}
AgentRequest setQuota(const StepInput& in) {
  return ask::QuotaSet{in.account.username, in.limits.diskBytes, in.limits.inodes};
}
AgentRequest setLimits(const StepInput& in) {
  return ask::LimitsSet{in.account.username, in.limits.cpuPercent, in.limits.memoryBytes,
                        in.limits.tasks, in.limits.io};
}
AgentRequest ensureEngine(const StepInput& in) { return ask::EngineEnsure{in.account.username}; }
AgentRequest removeEngine(const StepInput& in) { return ask::EngineRemove{in.account.username}; }
AgentRequest applyWeb(const StepInput& in) {
  return ask::ServiceApply{in.account.username, kWebService, 0, 0, in.account.previewPort};
}
AgentRequest removeWeb(const StepInput& in) {
  return ask::ServiceRemove{in.account.username, kWebService};
}
AgentRequest serveSite(const StepInput& in) {
  return ask::SiteApply{in.account.username, in.subject, otherAliases(in, in.subject),
                        ask::SiteMode::kServe};
}
AgentRequest suspendSite(const StepInput& in) {
  return ask::SiteApply{in.account.username, in.subject, otherAliases(in, in.subject),
                        ask::SiteMode::kSuspended};
}
// An alias is a word in its site's configuration: the site is applied with it, or without it, in
// the mode that the account is in.
AgentRequest withoutAlias(const StepInput& in) {
  return in.account.state == AccountState::kSuspended ? suspendSite(in) : serveSite(in);
}
AgentRequest withAlias(const StepInput& in) {
  ask::SiteApply request = std::get<ask::SiteApply>(withoutAlias(in));
  for (const auto& domain : in.domains)
    if (domain.id == in.domainId) request.aliases.push_back(domain.name);
  return request;
}
AgentRequest removeSite(const StepInput& in) {
  return ask::SiteRemove{in.account.username, in.subject};
}
AgentRequest renameAccount(const StepInput& in) {
  return ask::AccountRename{in.account.username, in.details.newName};
}
AgentRequest renameAccountBack(const StepInput& in) {
  return ask::AccountRename{in.details.newName, in.account.username};
}
AgentRequest renameSite(const StepInput& in) {
  return ask::SiteRename{in.account.username, in.subject, renamedDomain(in.subject, in.details)};
}
AgentRequest renameSiteBack(const StepInput& in) {
  return ask::SiteRename{in.account.username, renamedDomain(in.subject, in.details), in.subject};
}
// The subject is the site's new name, the domains are still called as before.
enum class Names { kOld, kNew };
template <Names kNames>
AgentRequest applyRenamed(const StepInput& in) {
  ask::SiteApply request = std::get<ask::SiteApply>(withoutAlias(in));
  request.aliases.clear();
  for (const auto& domain : in.domains)
    if (domain.kind == DomainKind::kAlias &&
        renamedDomain(domain.targetName, in.details) == in.subject)
      request.aliases.push_back(kNames == Names::kNew ? renamedDomain(domain.name, in.details)
                                                      : domain.name);
  return request;
}
AgentRequest openPort(const StepInput& in) {
  return ask::FirewallOpen{in.account.username, in.account.previewPort};
}
AgentRequest closePort(const StepInput& in) {
  return ask::FirewallClose{in.account.username, in.account.previewPort};
}

// Undoing is doing something else.
template <AgentRequest (*... kRequests)(const StepInput&)>
Requests by(const StepInput& in) {
  return {kRequests(in)...};
}
// Puts a removed domain back in the mode that its account is in.
Requests restoreSite(const StepInput& in) { return {withoutAlias(in)}; }

using enum Repeat;
using enum Tolerates;
constexpr std::array kCreateSteps = {
    StepKind{"account.create", kOnce, kNothing, createAccount, by<deleteAccount>},
    StepKind{"quota.set", kOnce, kUnsupported, setQuota, nothing},
    StepKind{"engine.ensure", kOnce, kNothing, ensureEngine, by<removeEngine>},
    StepKind{"service.apply", kOnce, kNothing, applyWeb, by<removeWeb>},
    StepKind{"site.apply", kEachDomain, kNothing, serveSite, by<removeSite>},
    StepKind{"firewall.open", kWithPreviewPort, kNothing, openPort, by<closePort>},
};
// Sites first: visitors see the suspended page, not an error, while the containers stop.
constexpr std::array kSuspendSteps = {
    StepKind{"site.apply", kEachDomain, kNothing, suspendSite, by<serveSite>},
    StepKind{"account.suspend", kOnce, kNothing, suspendAccount,
             by<unsuspendAccount, ensureEngine, applyWeb>},
};
constexpr std::array kUnsuspendSteps = {
    StepKind{"account.unsuspend", kOnce, kNothing, unsuspendAccount, by<suspendAccount>},
    StepKind{"engine.ensure", kOnce, kNothing, ensureEngine, nothing},
    StepKind{"service.apply", kOnce, kNothing, applyWeb, nothing},
    StepKind{"site.apply", kEachDomain, kNothing, serveSite, by<suspendSite>},
};
// Taking back a deletion, or a restoration, leaves an account that was suspended before as it is.
template <AgentRequest (*... kRequests)(const StepInput&)>
Requests ifWasActive(const StepInput& in) {
  return in.account.wasSuspended ? Requests{} : Requests{kRequests(in)...};
}
constexpr std::array kDeleteSteps = {
    StepKind{"site.apply", kEachDomain, kNothing, suspendSite, ifWasActive<serveSite>},
    StepKind{"firewall.close", kWithPreviewPort, kAbsent, closePort, by<openPort>},
    StepKind{"account.suspend", kOnce, kNothing, suspendAccount,
             ifWasActive<unsuspendAccount, ensureEngine, applyWeb>},
};
constexpr std::array kRestoreSteps = {
    StepKind{"account.suspend", kWasSuspended, kNothing, suspendAccount, nothing},
    StepKind{"account.unsuspend", kWasActive, kNothing, unsuspendAccount, by<suspendAccount>},
    StepKind{"engine.ensure", kWasActive, kNothing, ensureEngine, nothing},
    StepKind{"service.apply", kWasActive, kNothing, applyWeb, nothing},
    StepKind{"site.apply", kEachDomainWasActive, kNothing, serveSite, by<suspendSite>},
    StepKind{"firewall.open", kWithPreviewPort, kNothing, openPort, by<closePort>},
};
constexpr std::array kPurgeSteps = {
    StepKind{"site.remove", kEachDomain, kAbsent, removeSite, nothing},
    StepKind{"firewall.close", kWithPreviewPort, kAbsent, closePort, nothing},
    StepKind{"engine.remove", kOnce, kAbsent, removeEngine, nothing},
    StepKind{"account.delete", kOnce, kAbsent, deleteAccount, nothing},
};
constexpr std::array kLimitsSteps = {
    StepKind{"limits.set", kOnce, kNothing, setLimits, nothing},
    StepKind{"quota.set", kOnce, kUnsupported, setQuota, nothing},
};
constexpr std::array kChangeSteps = {
    StepKind{"limits.set", kWithNewPlan, kNothing, setLimits, nothing},
    StepKind{"quota.set", kWithNewPlan, kUnsupported, setQuota, nothing},
};
// The agent makes the containers anew itself, with the limits and the port that each has.
constexpr std::array kRenameSteps = {
    StepKind{"account.rename", kOnce, kNothing, renameAccount, by<renameAccountBack>}};
// Sites with their files first, then those whose aliases are called otherwise now.
constexpr std::array kRenameDomainSteps = {
    StepKind{"site.rename", kEachDomain, kNothing, renameSite, by<renameSiteBack>},
    StepKind{"site.apply", kByHand, kNothing, applyRenamed<Names::kNew>,
             by<applyRenamed<Names::kOld>>}};
constexpr std::array kAddAliasSteps = {
    StepKind{"site.apply", kEachDomain, kNothing, withAlias, by<withoutAlias>}};
constexpr std::array kRemoveAliasSteps = {
    StepKind{"site.apply", kEachDomain, kNothing, withoutAlias, by<withAlias>}};
constexpr std::array kAddDomainSteps = {
    StepKind{"site.apply", kEachDomain, kNothing, serveSite, by<removeSite>}};
constexpr std::array kRemoveDomainSteps = {
    StepKind{"site.remove", kEachDomain, kAbsent, removeSite, restoreSite}};

constexpr std::array kRecipes = {
    Recipe{kAccountCreate, OnFailure::kUndo, kCreateSteps, settleCreate},
    Recipe{kAccountSuspend, OnFailure::kUndo, kSuspendSteps, settleSuspend},
    Recipe{kAccountUnsuspend, OnFailure::kUndo, kUnsuspendSteps, settleUnsuspend},
    Recipe{kAccountDelete, OnFailure::kUndo, kDeleteSteps, settleDelete},
    Recipe{kAccountRestore, OnFailure::kUndo, kRestoreSteps, settleRestore},
    Recipe{kAccountPurge, OnFailure::kStop, kPurgeSteps, settlePurge},
    Recipe{kAccountLimits, OnFailure::kStop, kLimitsSteps, settleNothing},
    Recipe{kAccountUpdate, OnFailure::kStop, kChangeSteps, settleNothing},
    Recipe{kAccountRename, OnFailure::kUndo, kRenameSteps, settleRename},
    Recipe{kAccountPublish, OnFailure::kStop, {}, settleNothing},
    Recipe{kAccountRestored, OnFailure::kStop, {}, settleNothing},
    Recipe{kDomainRename, OnFailure::kUndo, kRenameDomainSteps, settleDomainRename},
    Recipe{kAliasCreate, OnFailure::kUndo, kAddAliasSteps, settleDomainAdd},
    Recipe{kAliasDelete, OnFailure::kUndo, kRemoveAliasSteps, settleDomainRemove},
    Recipe{kDomainUpdate, OnFailure::kStop, {}, settleNothing},
    Recipe{kPlanRename, OnFailure::kStop, {}, settleNothing},
    Recipe{kPlanDelete, OnFailure::kStop, {}, settleNothing},
    Recipe{kAdminCreate, OnFailure::kStop, {}, settleNothing},
    Recipe{kAdminDelete, OnFailure::kStop, {}, settleNothing},
    Recipe{kDatabaseUserCreate, OnFailure::kStop, {}, settleNothing},
    Recipe{kDatabaseUserDelete, OnFailure::kStop, {}, settleNothing},
    Recipe{kDomainCreate, OnFailure::kUndo, kAddDomainSteps, settleDomainAdd},
    Recipe{kDomainDelete, OnFailure::kUndo, kRemoveDomainSteps, settleDomainRemove},
    Recipe{kHookRetry, OnFailure::kStop, {}, settleNothing},
};

}  // namespace

void addStep(JobRecord& record, std::string_view name, const std::string& subject) {
  JobStep step;
  step.name = name;
  record.job.steps.push_back(std::move(step));
  record.extras.push_back({subject, UndoState::kNone});
}

std::string renamedDomain(const std::string& name, const JobDetails& details) {
  if (name == details.name) return details.newName;
  const std::string below = "." + details.name;
  if (!details.includeSubdomains || !name.ends_with(below)) return name;
  return name.substr(0, name.size() - below.size()) + "." + details.newName;
}

std::vector<std::string> otherAliases(const StepInput& input, const std::string& site) {
  std::vector<std::string> names;
  for (const auto& domain : input.domains)
    if (domain.kind == DomainKind::kAlias && domain.targetName == site &&
        domain.state != DomainState::kPending && domain.id != input.domainId)
      names.push_back(domain.name);
  return names;
}

bool isPatient(std::string_view kind) {
  constexpr std::array kPatient = {kAccountLimits,      kAccountUpdate, kAccountPublish,
                                   kAccountRestored,    kDomainUpdate,  kDatabaseUserCreate,
                                   kDatabaseUserDelete, kHookRetry};
  return std::find(kPatient.begin(), kPatient.end(), kind) != kPatient.end();
}

const Recipe* findRecipe(std::string_view kind) {
  const auto* found = std::find_if(kRecipes.begin(), kRecipes.end(),
                                   [kind](const Recipe& r) { return r.kind == kind; });
  return found == kRecipes.end() ? nullptr : found;
}

const StepKind* findStep(const Recipe& recipe, std::string_view name) {
  for (const StepKind& step : recipe.steps)
    if (step.name == name) return &step;
  return nullptr;
}

namespace {

void addSteps(JobRecord& record,
              const StepKind& step,
              const Account& account,
              const std::vector<std::string>& domains) {
  const auto addIf = [&](bool wanted) {
    if (wanted) addStep(record, step.name, "");
  };
  const auto addEach = [&] {
    for (const auto& domain : domains)
      addStep(record, step.name, domain);
  };
  switch (step.repeat) {
    case Repeat::kOnce:
      return addIf(true);
    case Repeat::kEachDomain:
      return addEach();
    case Repeat::kWithPreviewPort:
      return addIf(account.previewPort != 0);
    case Repeat::kWithNewPlan:
      return addIf(!record.details.plan.empty());
    case Repeat::kByHand:
      return;
    case Repeat::kWasSuspended:
      return addIf(account.wasSuspended);
    case Repeat::kWasActive:
      return addIf(!account.wasSuspended);
    case Repeat::kEachDomainWasActive:
      if (!account.wasSuspended) addEach();
      return;
  }
}

}  // namespace

JobRecord makeJob(std::string_view kind,
                  const Account& account,
                  const std::vector<std::string>& domains,
                  const Actor& actor,
                  std::int64_t nowMicros,
                  const JobDetails& details) {
  JobRecord record;
  record.details = details;
  record.job.id = "job_" + newUlid(nowMicros);
  record.job.kind = kind;
  record.job.accountId = account.id;
  record.job.actor = actor.name;
  record.job.createdAt = nowMicros;
  record.username = account.username;
  record.requestId = actor.requestId;
  record.traceparent = actor.traceparent;
  const Recipe* recipe = findRecipe(kind);
  if (recipe == nullptr) return record;
  for (const StepKind& step : recipe->steps)
    addSteps(record, step, account, domains);
  return record;
}

}  // namespace bulkhead::api
