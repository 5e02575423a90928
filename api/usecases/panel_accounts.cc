// Accounts: create, suspend, unsuspend, delete.
#include <algorithm>

#include "api/usecases/panel_impl.h"
#include "api/usecases/state_names.h"
#include "common/core/ulid.h"
#include "common/types/domain_name.h"
#include "common/types/username.h"

namespace bulkhead::api {
namespace {

// One registry look-up of the agent; a request thread waits for it.
constexpr std::chrono::milliseconds kLookPatience{5000};

// A name that the agent has, but the store does not, belongs to an account that this panel forgot
// (a store put back from a backup). Creating would adopt that account's files, and undoing would
// delete them.
Result<Ok> refuseForgottenAccount(AgentPort& agent,
                                  const Actor& actor,
                                  const std::string& username) {
  CallContext context;
  context.requestId = actor.requestId;
  context.actor = actor.name;
  context.traceparent = actor.traceparent;
  context.patience = kLookPatience;
  auto found = askAgent(agent, context, ask::AccountGet{username});
  if (found.ok())
    return Error{Code::kAlreadyExists, "the host has an account of this name already", "username"};
  if (found.error().code == Code::kNotFound) return Ok{};
  if (found.error().code == Code::kTimeout)
    return Error{Code::kUnavailable, found.error().message, ""};
  return found.error();
}

}  // namespace

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
  TRY(refuseForgottenAccount(agent_, actor, username.text()));

  return launch(actor, mode, [&](Tables& tables) -> Result<Prepared> {
    auto plan = tables.plans().find(wanted.plan);
    if (!plan.ok() && plan.error().code == Code::kNotFound)
      return Error{Code::kNotFound, "there is no such plan", "plan"};
    if (!plan.ok()) return plan.error();
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
    if (wanted.previewPort) {
      TRY_ASSIGN(account.previewPort, tables.accounts().freePreviewPort());
    }
    TRY(tables.accounts().add(account));
    TRY(tables.domains().add({"dom_" + newUlid(now), domain.text(), account.id,
                              DomainState::kPending, /*primary=*/true, now}));
    prepared.record = makeJob(kAccountCreate, account, {domain.text()}, actor, now);
    return prepared;
  });
}

Result<Page<Account>> PanelImpl::accounts(const PageQuery& query) {
  return store_.read([&](const Tables& tables) { return tables.accounts().list(query); });
}

Result<Account> PanelImpl::account(std::string_view idOrName) {
  return store_.read([&](const Tables& tables) { return tables.accounts().find(idOrName); });
}

Result<PanelImpl::Prepared> PanelImpl::idleAccount(Tables& tables,
                                                   std::string_view idOrName,
                                                   const std::vector<AccountState>& states) const {
  Prepared prepared;
  TRY_ASSIGN(prepared.account, tables.accounts().find(idOrName));
  TRY_ASSIGN(const auto open, tables.jobs().unfinishedOf(prepared.account.id));
  for (const auto& job : open)
    if (job.kind != kAccountLimits)  // new limits wait their turn and get in nobody's way
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
                                                   const std::vector<AccountState>& states) {
  return launch(actor, mode, [&](Tables& tables) -> Result<Prepared> {
    TRY_ASSIGN(Prepared prepared, idleAccount(tables, idOrName, states));
    TRY_ASSIGN(const auto domains, tables.domains().ofAccount(prepared.account.id));
    std::vector<std::string> names;
    names.reserve(domains.size());
    for (const auto& domain : domains)
      names.push_back(domain.name);
    prepared.record = makeJob(kind, prepared.account, names, actor, clock_.nowMicros());
    if (kind == kAccountDelete)
      TRY(tables.accounts().setState(prepared.account.id, AccountState::kDeleting));
    return prepared;
  });
}

Result<JobOrPreview> PanelImpl::suspendAccount(const Actor& actor,
                                               std::string_view idOrName,
                                               Mode mode) {
  return changeWholeAccount(actor, idOrName, mode, kAccountSuspend, {AccountState::kActive});
}

Result<JobOrPreview> PanelImpl::unsuspendAccount(const Actor& actor,
                                                 std::string_view idOrName,
                                                 Mode mode) {
  return changeWholeAccount(actor, idOrName, mode, kAccountUnsuspend, {AccountState::kSuspended});
}

Result<JobOrPreview> PanelImpl::deleteAccount(const Actor& actor,
                                              std::string_view idOrName,
                                              Mode mode) {
  return changeWholeAccount(
      actor, idOrName, mode, kAccountDelete,
      {AccountState::kActive, AccountState::kSuspended, AccountState::kFailed});
}

}  // namespace bulkhead::api
