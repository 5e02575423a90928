// site.apply: serves a domain of the account, or shows that it is suspended.
// Refuses names of other accounts, names below or above theirs, and a name that another site of the
// same account has: Nginx only warns of a name that is there twice, and serves whichever it likes.
#include <algorithm>
#include <set>

#include "agent/host/nginx.h"
#include "agent/ops/op.h"
#include "agent/ops/site/page.h"
#include "agent/registry/registry.h"
#include "common/types/document_root.h"

namespace bulkhead::agent {
namespace {

struct SiteApply {
  static constexpr auto kMethod = "siteApply";
  using Params = rpc::SiteApply;
  using Reply = rpc::Site;
  struct Plan {
    Identity who;
    SiteRecord site;
    DomainName domain;
  };

  static Result<SiteMode> modeOf(rpc::SiteApply::Mode mode) {
    switch (mode) {
      case rpc::SiteApply::Mode::SERVE:
        return SiteMode::kServe;
      case rpc::SiteApply::Mode::SUSPENDED:
        return SiteMode::kSuspended;
    }
    return Error{Code::kInvalidArgument, "unknown mode", "mode"};  // from a newer peer
  }

  static Result<std::vector<std::string>> aliasesOf(Params::Reader in,
                                                    const Registry& registry,
                                                    const Username& name,
                                                    const DomainName& domain) {
    if (in.getAliases().size() > kAliasesMax)
      return Error{Code::kLimitExceeded,
                   "a site has at most " + std::to_string(kAliasesMax) + " aliases", "aliases"};
    std::set<std::string> seen{domain.text()};
    std::vector<std::string> aliases;
    for (const auto text : in.getAliases()) {
      auto alias = DomainName::parse(view(text));
      if (!alias.ok()) return Error{alias.error().code, alias.error().message, "aliases"};
      if (!seen.insert(alias->text()).second)
        return Error{Code::kInvalidArgument, alias->text() + " is named twice", "aliases"};
      TRY(registry.checkDomain(name, alias.value()));
      aliases.push_back(alias->text());
    }
    return aliases;
  }

  // The account's own other sites must not have any of these names.
  static Result<Ok> checkOwnSites(const Registry& registry,
                                  const Username& name,
                                  const SiteRecord& site) {
    std::set<std::string> wanted(site.aliases.begin(), site.aliases.end());
    wanted.insert(site.domain);
    TRY_ASSIGN(const auto others, registry.sitesOf(name));
    for (const auto& other : others) {
      if (other.domain == site.domain) continue;
      auto taken = other.aliases;
      taken.push_back(other.domain);
      for (const auto& text : taken)
        if (wanted.contains(text))
          return Error{Code::kConflict, text + " belongs to the account's site " + other.domain,
                       text == site.domain ? "domain" : "aliases"};
    }
    return Ok{};
  }

  static Result<Plan> check(Params::Reader in, const Host& host) {
    TRY_ASSIGN(const auto name, Username::parse(view(in.getUsername())));
    TRY_ASSIGN(auto domain, DomainName::parse(view(in.getDomain())));
    TRY_ASSIGN(const auto mode, modeOf(in.getMode()));
    const Registry registry(host);
    TRY_ASSIGN(const auto record, registry.find(name));
    // A suspended account's sites are switched to the notice, never back to service.
    const bool allowed = record.state == AccountState::kActive ||
                         (record.state == AccountState::kSuspended && mode == SiteMode::kSuspended);
    if (!allowed) return Error{Code::kConflict, "the account is not active", "username"};
    TRY(registry.checkDomain(name, domain));
    TRY_ASSIGN(auto aliases, aliasesOf(in, registry, name, domain));
    SiteRecord site{name.text(), domain.text(), std::move(aliases), mode};
    TRY(checkOwnSites(registry, name, site));
    return Plan{record.identity, std::move(site), std::move(domain)};
  }

  static Result<Ok> run(const Plan& plan, Host& host) {
    if (plan.site.mode == SiteMode::kServe) TRY(makeDocumentRoot(host, plan.who, plan.domain));
    return nginx::applySite(host, plan.site);
  }

  static Result<Proof> verify(const Plan& plan, const Host& host) {
    TRY_ASSIGN(auto proof, nginx::proveSite(host, plan.site, plan.who));
    TRY_ASSIGN(const auto page, awaitPage(host, plan.domain, plan.site.mode));
    proof.push_back({"http probe", page.detail});
    return proof;
  }

  static Result<Ok> answer(const Plan& plan, const Host& host, Reply::Builder out) {
    out.setDomain(plan.domain.text());
    out.setDocumentRoot(documentRoot(plan.who.home, plan.domain.text()));
    out.setMode(plan.site.mode == SiteMode::kServe ? rpc::SiteApply::Mode::SERVE
                                                   : rpc::SiteApply::Mode::SUSPENDED);
    TRY_ASSIGN(const auto generation, nginx::generation(host));
    out.setGeneration(generation);
    TRY_ASSIGN(const auto page, awaitPage(host, plan.domain, plan.site.mode));
    out.setProbeStatus(static_cast<std::uint16_t>(page.status));
    return Ok{};
  }
};

}  // namespace
OpEntry siteApply() { return entryFor<SiteApply>(); }
}  // namespace bulkhead::agent
