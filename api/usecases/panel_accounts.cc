// Accounts: create, change, suspend, unsuspend.
#include <algorithm>

#include "api/usecases/panel_impl.h"
#include "api/usecases/people_impl.h"
#include "api/usecases/plan_room.h"
#include "api/usecases/reach.h"
#include "api/usecases/state_names.h"
#include "common/core/ulid.h"
#include "common/types/domain_name.h"
#include "common/types/username.h"

namespace bulkhead::api {
namespace {

// One registry look-up of the agent; a request thread waits for it.
constexpr std::chrono::milliseconds kLookPatience{5000};

// One that the actor may give to accounts.
Result<Plan> findPlan(const Tables& tables, const Actor& actor, const std::string& key) {
  auto plan = tables.plans().find(key);
  const bool beyond = plan.ok() && !reaches(actor.reach, *plan);
  if (beyond || (!plan.ok() && plan.error().code == Code::kNotFound))
    return Error{Code::kNotFound, "there is no such plan", "plan"};
  return plan;
}

}  // namespace

Result<Ok> PanelImpl::refuseForgottenAccount(const Actor& actor,
                                             const std::string& username) const {
  CallContext context;
  context.requestId = actor.requestId;
  context.actor = actor.name;
  context.traceparent = actor.traceparent;
  context.patience = kLookPatience;
  auto found = askAgent(agent_, context, ask::AccountGet{username});
  if (found.ok())
    return Error{Code::kAlreadyExists, "the host has an account of this name already", "username"};
  if (found.error().code == Code::kNotFound) return Ok{};
  if (found.error().code == Code::kTimeout)
    return Error{Code::kUnavailable, found.error().message, ""};
  return found.error();
}

Result<JobOrPreview> PanelImpl::createAccount(const Actor& actor,
                                              const NewAccount& wanted,
                                              Mode mode) {
  TRY_ASSIGN(const Username username, Username::parse(wanted.username));
  TRY_ASSIGN(const DomainName domain, DomainName::parse(wanted.domain));
  // Known here before the agent is asked: the common mistake gets its answer without it.
  auto known = account(username.text());
  if (known.ok())
    return Error{Code::kAlreadyExists, "there is an account of this name", "username"};
  if (known.error().code != Code::kNotFound) return known.error();
  TRY(refuseForgottenAccount(actor, username.text()));

  std::optional<std::string> email = wanted.email;
  TRY(checkContact(email, wanted.locale));

  return launch(actor, mode, [&](Tables& tables) -> Result<Prepared> {
    auto plan = findPlan(tables, actor, wanted.plan);
    if (!plan.ok()) return plan.error();
    if (wanted.previewPort) TRY(refuseWithout(plan->limits, Feature::kPreviewPort, "preview_port"));
    TRY_ASSIGN(const Owner owner, owners_.find(tables, wanted.owner, "owner"));
    TRY(Owners::refuseFull(tables, owner, 1, "owner"));
    TRY(owners_.refuseAdministratorsUser(username.text()));
    const std::int64_t now = clock_.nowMicros();
    Prepared prepared;
    prepared.limits = plan->limits;
    Account& account = prepared.account;
    account.id = "acc_" + newUlid(now);
    account.username = username.text();
    account.planId = plan->id;
    account.planName = plan->name;
    account.createdAt = now;
    account.revision = 1;
    account.owner = owner.admin;
    account.resellerId = owner.resellerId;
    account.email = email;
    account.locale = wanted.locale;
    if (wanted.previewPort) {
      TRY_ASSIGN(account.previewPort, tables.accounts().freePreviewPort());
    }
    TRY(tables.accounts().add(account));
    Domain main;
    main.id = "dom_" + newUlid(now);
    main.name = domain.text();
    main.accountId = account.id;
    main.primary = true;
    main.createdAt = now;
    TRY(tables.domains().add(main));
    prepared.record = makeJob(kAccountCreate, account, {domain.text()}, actor, now);
    // An account that comes to nothing leaves a login to an id that nobody will have.
    if (mode == Mode::kDo && !wanted.passwordHash.empty())
      TRY(owners_.admins().addLogin(account.id, wanted.passwordHash));
    return prepared;
  });
}

Result<Page<Account>> PanelImpl::accounts(const PageQuery& query,
                                          std::optional<AccountState> state) {
  TRY_ASSIGN(auto page, store_.read([&](const Tables& tables) {
    return tables.accounts().list(query, state);
  }));
  return owners_.shownPage(std::move(page));
}

Result<Account> PanelImpl::account(std::string_view idOrName) {
  TRY_ASSIGN(auto found, store_.account(idOrName));
  return owners_.shown(std::move(found));
}

Result<PanelImpl::Prepared> PanelImpl::idleAccount(Tables& tables,
                                                   std::string_view idOrName,
                                                   const std::vector<AccountState>& states) const {
  Prepared prepared;
  TRY_ASSIGN(prepared.account, tables.accounts().find(idOrName));
  TRY_ASSIGN(const auto open, tables.jobs().unfinishedOf(prepared.account.id));
  for (const auto& job : open)
    if (!isPatient(job.kind))
      return Error{Code::kConflict, job.id + " (" + job.kind + ") of this account has not ended",
                   ""};
  if (std::find(states.begin(), states.end(), prepared.account.state) == states.end())
    return Error{Code::kConflict,
                 "the account is " + std::string(stateName(prepared.account.state)), ""};
  TRY_ASSIGN(const Plan plan, tables.plans().find(prepared.account.planId));
  prepared.limits = plan.limits;
  return prepared;
}

Result<JobOrPreview> PanelImpl::changeWholeAccount(const Actor& actor,
                                                   std::string_view idOrName,
                                                   Mode mode,
                                                   std::string_view kind,
                                                   const std::vector<AccountState>& states,
                                                   const Admit& admit) {
  const AgentHooks hooks = hasStepsBefore(kind) ? hostHooks(actor) : AgentHooks{};
  return launch(actor, mode, [&](Tables& tables) -> Result<Prepared> {
    TRY_ASSIGN(Prepared prepared, idleAccount(tables, idOrName, states));
    TRY_ASSIGN(const auto domains, tables.domains().ofAccount(prepared.account.id));
    std::vector<std::string> names;
    names.reserve(domains.size());
    for (const auto& domain : domains)
      if (domain.kind == DomainKind::kSite) names.push_back(domain.name);  // aliases come with them
    prepared.record = makeJob(kind, prepared.account, names, actor, clock_.nowMicros());
    const std::string none;
    const StepInput input{prepared.account,        prepared.limits, none,
                          prepared.record.details, domains,         prepared.record.domainId};
    addBefore(prepared.record, stepsBefore(kind, input, hooks));
    TRY(admit(tables, prepared.account));
    return prepared;
  });
}

Result<Ok> PanelImpl::applyChange(Tables& tables,
                                  const Actor& actor,
                                  const AccountChange& change,
                                  Prepared& prepared) const {
  Account& account = prepared.account;
  JobDetails& details = prepared.record.details;
  TRY(applyContact(change.email, change.locale, account.email, account.locale));
  if (change.owner.has_value()) {
    TRY_ASSIGN(const Owner owner, owners_.find(tables, *change.owner, "owner"));
    const bool moves = owner.resellerId != account.resellerId ||
                       (owner.resellerId.empty() && owner.admin != account.owner);
    if (moves) {
      TRY(Owners::refuseFull(tables, owner, 1, "owner"));
      // Only accounts of administrators prove an administrator to the scripts.
      if (!account.resellerId.empty()) TRY(owners_.refuseAdministratorsUser(account.username));
      account.resellerId = owner.resellerId;
      account.owner = owner.admin;
    }
  }
  if (change.plan.has_value()) {
    TRY_ASSIGN(const Plan plan, findPlan(tables, actor, *change.plan));
    TRY(refuseTooSmall(tables, plan.limits, account.id));
    if (plan.id != account.planId) details.plan = plan.name;
    account.planId = plan.id;
    prepared.limits = plan.limits;
  }
  return tables.accounts().change(account);
}

Result<JobOrPreview> PanelImpl::changeAccount(const Actor& actor,
                                              std::string_view idOrName,
                                              const AccountChange& change,
                                              const Expected& expected,
                                              Mode mode) {
  return launch(actor, mode, [&](Tables& tables) -> Result<Prepared> {
    TRY_ASSIGN(Prepared prepared,
               idleAccount(tables, idOrName, {AccountState::kActive, AccountState::kSuspended}));
    TRY(refuseChanged(expected, prepared.account.revision));
    const Account before = prepared.account;
    TRY(applyChange(tables, actor, change, prepared));
    TRY_ASSIGN(prepared.account, tables.accounts().find(before.id));
    JobDetails details = prepared.record.details;
    if (before.owner != prepared.account.owner ||
        before.resellerId != prepared.account.resellerId) {
      TRY_ASSIGN(const Account shown, owners_.shown(prepared.account));
      details.owner = shown.owner;
    }
    prepared.record =
        makeJob(kAccountUpdate, prepared.account, {}, actor, clock_.nowMicros(), details);
    return prepared;
  });
}

Result<JobOrPreview> PanelImpl::suspendAccount(const Actor& actor,
                                               std::string_view idOrName,
                                               Mode mode) {
  return changeWholeAccount(actor, idOrName, mode, kAccountSuspend, {AccountState::kActive});
}

// Before an account becomes active again: whoever was let in before it was not is out for good.
// Nobody comes in meanwhile, so that it is enough to do it once, here.
Result<Ok> PanelImpl::endLogins(Mode mode, const Account& account) {
  return mode == Mode::kDo ? owners_.admins().endLogins(account.id) : Result<Ok>(Ok{});
}

Result<JobOrPreview> PanelImpl::unsuspendAccount(const Actor& actor,
                                                 std::string_view idOrName,
                                                 Mode mode) {
  return changeWholeAccount(
      actor, idOrName, mode, kAccountUnsuspend, {AccountState::kSuspended},
      [this, mode](Tables&, const Account& account) { return endLogins(mode, account); });
}

}  // namespace bulkhead::api
