// New names for accounts and domains. A name is kept while the host is brought after, so that
// nobody else gets it, and is shown only when everything goes by it.
#include <set>

#include "api/usecases/panel_impl.h"
#include "api/usecases/state_names.h"
#include "common/core/ulid.h"
#include "common/types/domain_name.h"
#include "common/types/username.h"

namespace bulkhead::api {
namespace {

// The domains that move: the one itself, and those below it when they are asked for.
std::vector<Domain> movingDomains(const std::vector<Domain>& all, const JobDetails& details) {
  std::vector<Domain> moving;
  for (const auto& domain : all)
    if (renamedDomain(domain.name, details) != domain.name) moving.push_back(domain);
  return moving;
}

// Each new name passes the rules of a new domain, and is kept by a pending one.
Result<Ok> keepNames(Tables& tables,
                     const std::vector<Domain>& moving,
                     const JobDetails& details,
                     std::int64_t now) {
  for (const auto& domain : moving) {
    if (domain.state != DomainState::kActive)
      return Error{Code::kConflict, domain.name + " is " + std::string(stateName(domain.state)),
                   ""};
    TRY_ASSIGN(const DomainName name, DomainName::parse(renamedDomain(domain.name, details)));
    Domain kept;
    kept.id = "dom_" + newUlid(now);
    kept.name = name.text();
    kept.accountId = domain.accountId;
    kept.createdAt = now;
    auto added = tables.domains().add(kept);
    if (!added.ok()) return Error{added.error().code, added.error().message, "name"};
  }
  return Ok{};
}

}  // namespace

Result<JobOrPreview> PanelImpl::renameAccount(const Actor& actor,
                                              std::string_view idOrName,
                                              const std::string& newName,
                                              const Expected& expected,
                                              Mode mode) {
  TRY_ASSIGN(const Username name, Username::parse(newName));
  if (const auto known = account(name.text()); !known.ok()) {  // else launch() says what is wrong
    if (known.error().code != Code::kNotFound) return known.error();
    TRY(refuseForgottenAccount(actor, name.text()));
  }
  return launch(actor, mode, [&](Tables& tables) -> Result<Prepared> {
    TRY_ASSIGN(Prepared prepared,
               idleAccount(tables, idOrName, {AccountState::kActive, AccountState::kSuspended}));
    const Account& account = prepared.account;
    TRY(refuseChanged(expected, account.revision));
    if (name.text() == account.username)
      return Error{Code::kInvalidArgument, "username: is the present name", "username"};
    TRY(owners_.refuseAdministratorsUser(account.username));
    TRY(owners_.refuseAdministratorsUser(name.text()));
    TRY(tables.accounts().beginRename(account.id, name.text()));
    JobDetails details;
    details.name = account.username;
    details.newName = name.text();
    prepared.record = makeJob(kAccountRename, account, {}, actor, clock_.nowMicros(), details);
    return prepared;
  });
}

Result<JobOrPreview> PanelImpl::renameDomain(const Actor& actor,
                                             std::string_view idOrName,
                                             const DomainRename& wanted,
                                             const Expected& expected,
                                             Mode mode) {
  TRY_ASSIGN(const DomainName name, DomainName::parse(wanted.name));
  return launch(actor, mode, [&](Tables& tables) -> Result<Prepared> {
    const auto key = DomainName::parse(idOrName);
    TRY_ASSIGN(const Domain domain,
               tables.domains().find(key.ok() ? key->text() : std::string(idOrName)));
    TRY(refuseChanged(expected, domain.revision));
    TRY_ASSIGN(Prepared prepared, idleAccount(tables, domain.accountId,
                                              {AccountState::kActive, AccountState::kSuspended}));
    if (domain.kind == DomainKind::kAlias)
      return Error{Code::kConflict, "an alias is removed and added anew", ""};
    if (name.text() == domain.name)
      return Error{Code::kInvalidArgument, "name: is the present name", "name"};
    JobDetails details;
    details.name = domain.name;
    details.newName = name.text();
    details.includeSubdomains = wanted.includeSubdomains;
    TRY_ASSIGN(const auto all, tables.domains().ofAccount(domain.accountId));
    const auto moving = movingDomains(all, details);
    const std::int64_t now = clock_.nowMicros();
    TRY(keepNames(tables, moving, details, now));
    std::vector<std::string> sites;
    std::set<std::string> realiased;
    for (const auto& one : moving) {
      if (one.kind == DomainKind::kSite)
        sites.push_back(one.name);
      else
        realiased.insert(renamedDomain(one.targetName, details));
    }
    prepared.record = makeJob(kDomainRename, prepared.account, sites, actor, now, details);
    for (const auto& site : realiased)
      addStep(prepared.record, "site.apply", site);
    prepared.record.domainId = domain.id;
    return prepared;
  });
}

}  // namespace bulkhead::api
