// Domains of accounts: sites, and aliases that show them under another name.
#include "api/usecases/panel_impl.h"
#include "api/usecases/plan_room.h"
#include "api/usecases/state_names.h"
#include "common/core/ulid.h"
#include "common/types/domain_name.h"
#include "common/types/host_names.h"

namespace bulkhead::api {
namespace {

// Domain jobs of one account queue behind each other; jobs that change the whole account, or the
// same domain, must end first.
Result<Ok> refuseWhileBusy(const Tables& tables,
                           const std::string& accountId,
                           const std::string& domainId) {
  TRY_ASSIGN(const auto open, tables.jobs().unfinishedOf(accountId));
  for (const auto& job : open) {
    const bool otherDomain = (job.kind == kDomainCreate || job.kind == kDomainDelete ||
                              job.kind == kAliasCreate || job.kind == kAliasDelete) &&
                             job.domainId != domainId;
    if (!isPatient(job.kind) && !otherDomain)
      return Error{Code::kConflict, job.id + " (" + job.kind + ") of this account has not ended",
                   ""};
  }
  return Ok{};
}

Result<PlanLimits> limitsOf(const Tables& tables, const Account& account) {
  TRY_ASSIGN(const Plan plan, tables.plans().find(account.planId));
  return plan.limits;
}

// A site goes after its aliases: whoever removes it says so for each of them.
Result<Ok> refuseTarget(const Tables& tables, const Domain& site) {
  TRY_ASSIGN(const auto all, tables.domains().ofAccount(site.accountId));
  for (const auto& other : all)
    if (other.target == site.id)
      return Error{Code::kConflict, other.name + " is an alias of it; remove that first", "domain"};
  return Ok{};
}

// Ids pass; any spelling of a name becomes the stored one.
std::string canonical(std::string_view idOrName) {
  auto name = DomainName::parse(idOrName);
  return name.ok() ? name->text() : std::string(idOrName);
}

}  // namespace

Result<PanelImpl::Prepared> PanelImpl::newDomain(Tables& tables,
                                                 std::string_view accountKey,
                                                 Domain& domain) const {
  Prepared prepared;
  TRY_ASSIGN(prepared.account, tables.accounts().find(accountKey));
  const Account& account = prepared.account;
  TRY(refuseWhileBusy(tables, account.id, ""));
  if (account.state != AccountState::kActive)
    return Error{Code::kConflict, "the account is " + std::string(stateName(account.state)), ""};
  TRY_ASSIGN(prepared.limits, limitsOf(tables, account));
  TRY(refuseAnotherDomain(tables, prepared.limits, account.id, domain.kind));
  domain.createdAt = clock_.nowMicros();
  domain.id = "dom_" + newUlid(domain.createdAt);
  domain.accountId = account.id;
  return prepared;
}

Result<JobOrPreview> PanelImpl::addDomain(const Actor& actor,
                                          std::string_view accountKey,
                                          const std::string& name,
                                          Mode mode) {
  TRY_ASSIGN(const DomainName parsed, DomainName::parse(name));
  return launch(actor, mode, [&](Tables& tables) -> Result<Prepared> {
    Domain domain;
    domain.name = parsed.text();
    TRY_ASSIGN(Prepared prepared, newDomain(tables, accountKey, domain));
    TRY(tables.domains().add(domain));
    prepared.record =
        makeJob(kDomainCreate, prepared.account, {domain.name}, actor, domain.createdAt);
    prepared.record.domainId = domain.id;
    return prepared;
  });
}

Result<JobOrPreview> PanelImpl::addAlias(const Actor& actor,
                                         std::string_view accountKey,
                                         const std::string& name,
                                         const std::string& target,
                                         Mode mode) {
  TRY_ASSIGN(const DomainName parsed, DomainName::parse(name));
  return launch(actor, mode, [&](Tables& tables) -> Result<Prepared> {
    Domain alias;
    alias.name = parsed.text();
    alias.kind = DomainKind::kAlias;
    TRY_ASSIGN(Prepared prepared, newDomain(tables, accountKey, alias));
    auto site = tables.domains().find(canonical(target));
    if (!site.ok() && site.error().code != Code::kNotFound) return site.error();
    // Another account's site is as unknown as one that is not there.
    if (!site.ok() || site->accountId != prepared.account.id)
      return Error{Code::kNotFound, "the account has no such domain", "alias_of"};
    if (site->kind != DomainKind::kSite)
      return Error{Code::kConflict, "is an alias itself", "alias_of"};
    if (site->state != DomainState::kActive)
      return Error{Code::kConflict, "is " + std::string(stateName(site->state)), "alias_of"};
    alias.target = site->id;
    TRY(tables.domains().add(alias));
    prepared.record = makeJob(kAliasCreate, prepared.account, {site->name}, actor, alias.createdAt);
    prepared.record.domainId = alias.id;
    return prepared;
  });
}

Result<JobOrPreview> PanelImpl::changeDomain(const Actor& actor,
                                             std::string_view idOrName,
                                             const DomainChange& change,
                                             const Expected& expected,
                                             Mode mode) {
  const bool setsPhp = change.php.has_value();
  if (setsPhp && change.php->has_value()) TRY(PhpIdentifier::parse(**change.php));
  return launch(actor, mode, [&](Tables& tables) -> Result<Prepared> {
    TRY_ASSIGN(const Domain domain, tables.domains().find(canonical(idOrName)));
    TRY(refuseChanged(expected, domain.revision));
    Prepared prepared;
    TRY_ASSIGN(prepared.account, tables.accounts().find(domain.accountId));
    TRY(refuseWhileBusy(tables, domain.accountId, domain.id));
    const AccountState state = prepared.account.state;
    if (state != AccountState::kActive && state != AccountState::kSuspended)
      return Error{Code::kConflict, "the account is " + std::string(stateName(state)), ""};
    if (domain.state != DomainState::kActive)
      return Error{Code::kConflict, "the domain is " + std::string(stateName(domain.state)), ""};
    const bool alias = domain.kind == DomainKind::kAlias;
    if (alias && setsPhp) return Error{Code::kConflict, "an alias has its site's PHP", "php"};
    if (alias && change.makePrimary)
      return Error{Code::kConflict, "an alias cannot be the main domain", "primary"};
    TRY_ASSIGN(prepared.limits, limitsOf(tables, prepared.account));
    if (setsPhp && change.php->has_value())
      TRY(refuseWithout(prepared.limits, Feature::kPhp, "php"));
    if (setsPhp) TRY(tables.domains().setPhp(domain.id, *change.php));
    if (change.makePrimary) TRY(tables.domains().makePrimary(domain.id));
    JobDetails details;
    details.name = domain.name;
    prepared.record =
        makeJob(kDomainUpdate, prepared.account, {}, actor, clock_.nowMicros(), details);
    prepared.record.domainId = domain.id;
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
    const bool alias = domain.kind == DomainKind::kAlias;
    TRY(refuseTarget(tables, domain));
    TRY(tables.domains().setState(domain.id, DomainState::kRemoving));
    prepared.record = makeJob(alias ? kAliasDelete : kDomainDelete, prepared.account,
                              {alias ? domain.targetName : domain.name}, actor, clock_.nowMicros());
    prepared.record.domainId = domain.id;
    return prepared;
  });
}

}  // namespace bulkhead::api
