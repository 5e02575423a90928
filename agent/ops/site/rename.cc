// site.rename: a site of the account under another domain, with its files. Refuses what site.apply
// refuses of the new name. The files go first: until the reload a visitor of the old name is told
// that there is no page, never shown another's.
#include <algorithm>

#include "agent/host/nginx.h"
#include "agent/ops/op.h"
#include "agent/ops/site/page.h"
#include "agent/registry/registry.h"
#include "common/types/document_root.h"

namespace bulkhead::agent {
namespace {

struct SiteRename {
  static constexpr auto kMethod = "siteRename";
  using Params = rpc::SiteRename;
  using Reply = rpc::Site;
  struct Plan {
    Identity who;
    DomainName from;
    DomainName to;
    SiteRecord site;  // under its new name
  };

  static Result<Ok> checkOwnSites(const Registry& registry,
                                  const Username& name,
                                  const DomainName& from,
                                  const DomainName& to) {
    TRY_ASSIGN(const auto own, registry.sitesOf(name));
    for (const auto& site : own) {
      const bool alias =
          std::find(site.aliases.begin(), site.aliases.end(), to.text()) != site.aliases.end();
      const bool begun = site.domain == to.text() && site.renamedFrom == from.text();
      if (alias || (site.domain == to.text() && !begun))
        return Error{Code::kConflict, to.text() + " belongs to the account's site " + site.domain,
                     "newDomain"};
    }
    return Ok{};
  }

  static Result<Plan> check(Params::Reader in, const Host& host) {
    TRY_ASSIGN(const auto name, Username::parse(view(in.getUsername())));
    TRY_ASSIGN(auto from, DomainName::parse(view(in.getDomain())));
    auto to = DomainName::parse(view(in.getNewDomain()));
    if (!to.ok()) return Error{to.error().code, to.error().message, "newDomain"};
    if (from == *to)
      return Error{Code::kInvalidArgument, "newDomain: is the present name", "newDomain"};
    const Registry registry(host);
    TRY_ASSIGN(const auto record, registry.find(name));
    if (record.state != AccountState::kActive && record.state != AccountState::kSuspended)
      return Error{Code::kConflict, "the account is not active", "username"};
    TRY(registry.checkDomain(name, *to));
    auto site = registry.findSite(from);
    if (site.ok() && site->account == name.text()) {
      TRY(checkOwnSites(registry, name, from, *to));
    } else {
      if (!site.ok() && site.error().code != Code::kNotFound) return site.error();
      // Done already, as far as the record goes: nobody has the old name then.
      const bool foreign = site.ok();
      site = registry.findSite(*to);
      if (foreign || !site.ok() || site->account != name.text())
        return Error{Code::kNotFound, "the account has no site " + from.text(), "domain"};
    }
    auto renamed = *site;
    renamed.domain = to->text();
    renamed.renamedFrom = from.text();
    return Plan{record.identity, std::move(from), std::move(to).value(), std::move(renamed)};
  }

  static Result<Ok> moveFiles(const Plan& plan, Host& host) {
    const auto moved =
        host.moveInHome(plan.who, "sites/" + plan.from.text(), "sites/" + plan.to.text());
    if (moved.ok()) return Ok{};
    // No files of the old name: moved already, or the tenant has removed them.
    if (moved.error().code == Code::kNotFound) return Ok{};
    if (moved.error().code == Code::kAlreadyExists)
      return Error{Code::kConflict,
                   "newDomain: the account has files of " + plan.to.text() + " already",
                   "newDomain"};
    return moved;
  }

  static Result<Ok> run(const Plan& plan, Host& host) {
    TRY(moveFiles(plan, host));
    if (plan.site.mode == SiteMode::kServe) TRY(makeDocumentRoot(host, plan.who, plan.to));
    auto served = nginx::moveSite(host, plan.from, plan.site);
    // The old name goes on being served, so it needs its files. Ignoring a failure: a retry moves
    // them again, and what is reported is why the name could not be served.
    if (!served.ok() && !host.isPreview())
      (void)host.moveInHome(plan.who, "sites/" + plan.to.text(), "sites/" + plan.from.text());
    return served;
  }

  static Result<Proof> verify(const Plan& plan, const Host& host) {
    TRY_ASSIGN(auto proof, nginx::proveSite(host, plan.site, plan.who));
    TRY_ASSIGN(auto none, nginx::proveNoSite(host, plan.from));
    append(proof, std::move(none));
    TRY_ASSIGN(const auto page, awaitPage(host, plan.to, plan.site.mode));
    proof.push_back({"http probe", page.detail});
    TRY_ASSIGN(const auto answer, awaitNoPage(host, plan.from));
    proof.push_back({"http probe", answer});
    return proof;
  }

  // From now on the two names have nothing to do with each other.
  static Result<Ok> finish(const Plan& plan, Host& host) {
    TRY_ASSIGN(const auto lock, host.lock(Host::LockName::kNginx, nginx::kPatience));
    auto site = plan.site;
    site.renamedFrom.clear();
    return Registry(host).putSite(site);
  }

  static Result<Ok> answer(const Plan& plan, const Host& host, Reply::Builder out) {
    out.setDomain(plan.to.text());
    out.setDocumentRoot(documentRoot(plan.who.home, plan.to.text()));
    out.setMode(plan.site.mode == SiteMode::kServe ? rpc::SiteApply::Mode::SERVE
                                                   : rpc::SiteApply::Mode::SUSPENDED);
    TRY_ASSIGN(const auto generation, nginx::generation(host));
    out.setGeneration(generation);
    TRY_ASSIGN(const auto page, awaitPage(host, plan.to, plan.site.mode));
    out.setProbeStatus(static_cast<std::uint16_t>(page.status));
    return Ok{};
  }
};

}  // namespace
OpEntry siteRename() { return entryFor<SiteRename>(); }
}  // namespace bulkhead::agent
