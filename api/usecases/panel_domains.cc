// Domains of accounts.
#include "api/usecases/panel_impl.h"
#include "api/usecases/state_names.h"
#include "common/core/ulid.h"
#include "common/types/domain_name.h"

namespace bulkhead::api {
namespace {

// Domain jobs of one account queue behind each other; jobs that change the whole account, or the
// same domain, must end first.
Result<Ok> refuseWhileBusy(const Tables& tables,
                           const std::string& accountId,
                           const std::string& domainId) {
  TRY_ASSIGN(const auto open, tables.jobs().unfinishedOf(accountId));
  for (const auto& job : open) {
    const bool otherDomain =
        (job.kind == kDomainAdd || job.kind == kDomainRemove) && job.domainId != domainId;
    if (job.kind != kAccountLimits && !otherDomain)
      return Error{Code::kConflict, job.id + " (" + job.kind + ") of this account has not ended",
                   ""};
  }
  return Ok{};
}

Result<PlanLimits> limitsOf(const Tables& tables, const Account& account) {
  TRY_ASSIGN(const Plan plan, tables.plans().find(account.planId));
  return plan.limits;
}

// Ids pass; any spelling of a name becomes the stored one.
std::string canonical(std::string_view idOrName) {
  auto name = DomainName::parse(idOrName);
  return name.ok() ? name->text() : std::string(idOrName);
}

}  // namespace

Result<JobOrPreview> PanelImpl::addDomain(const Actor& actor,
                                          std::string_view accountKey,
                                          const std::string& domain,
                                          Mode mode) {
  TRY_ASSIGN(const DomainName name, DomainName::parse(domain));
  return launch(actor, mode, [&](Tables& tables) -> Result<Prepared> {
    Prepared prepared;
    TRY_ASSIGN(prepared.account, tables.accounts().find(accountKey));
    const Account& account = prepared.account;
    TRY(refuseWhileBusy(tables, account.id, ""));
    if (account.state != AccountState::kActive)
      return Error{Code::kConflict, "the account is " + std::string(stateName(account.state)), ""};
    TRY_ASSIGN(prepared.limits, limitsOf(tables, account));
    TRY_ASSIGN(const std::uint32_t count, tables.domains().countOf(account.id));
    if (prepared.limits.domainsMax != 0 && count >= prepared.limits.domainsMax)
      return Error{Code::kLimitExceeded,
                   "the plan allows " + std::to_string(prepared.limits.domainsMax) + " domains",
                   "domain"};
    const std::int64_t now = clock_.nowMicros();
    const std::string id = "dom_" + newUlid(now);
    TRY(tables.domains().add(
        {id, name.text(), account.id, DomainState::kPending, /*primary=*/false, now}));
    prepared.record = makeJob(kDomainAdd, account, {name.text()}, actor, now);
    prepared.record.domainId = id;
    return prepared;
  });
}

Result<Page<Domain>> PanelImpl::domains(std::string_view accountKey, const PageQuery& query) {
  return store_.read([&](const Tables& tables) -> Result<Page<Domain>> {
    if (accountKey.empty()) return tables.domains().list("", query);
    TRY_ASSIGN(const Account account, tables.accounts().find(accountKey));
    return tables.domains().list(account.id, query);
  });
}

Result<Domain> PanelImpl::domain(std::string_view idOrName) {
  return store_.read(
      [&](const Tables& tables) { return tables.domains().find(canonical(idOrName)); });
}

Result<JobOrPreview> PanelImpl::removeDomain(const Actor& actor,
                                             std::string_view idOrName,
                                             Mode mode) {
  return launch(actor, mode, [&](Tables& tables) -> Result<Prepared> {
    TRY_ASSIGN(const Domain domain, tables.domains().find(canonical(idOrName)));
    if (domain.primary)
      return Error{Code::kConflict, "the account's main domain goes only with the account",
                   "domain"};
    Prepared prepared;
    TRY_ASSIGN(prepared.account, tables.accounts().find(domain.accountId));
    const AccountState state = prepared.account.state;
    TRY(refuseWhileBusy(tables, domain.accountId, domain.id));
    if (state != AccountState::kActive && state != AccountState::kSuspended)
      return Error{Code::kConflict, "the account is " + std::string(stateName(state)), ""};
    TRY_ASSIGN(prepared.limits, limitsOf(tables, prepared.account));
    TRY(tables.domains().setState(domain.id, DomainState::kRemoving));
    prepared.record =
        makeJob(kDomainRemove, prepared.account, {domain.name}, actor, clock_.nowMicros());
    prepared.record.domainId = domain.id;
    return prepared;
  });
}

}  // namespace bulkhead::api
