// site.remove: stops serving a domain. The account's files stay; the access log goes.
// Refuses a domain of another account; a domain that nobody has is gone already.
#include "agent/host/nginx.h"
#include "agent/ops/op.h"
#include "agent/ops/site/page.h"
#include "agent/registry/registry.h"

namespace bulkhead::agent {
namespace {

struct SiteRemove {
  static constexpr auto kMethod = "siteRemove";
  using Params = rpc::SiteRef;
  using Reply = rpc::Nothing;
  struct Plan {
    Identity who;
    DomainName domain;
  };

  static Result<Plan> check(Params::Reader in, const Host& host) {
    TRY_ASSIGN(const auto name, Username::parse(view(in.getUsername())));
    TRY_ASSIGN(auto domain, DomainName::parse(view(in.getDomain())));
    const Registry registry(host);
    TRY_ASSIGN(const auto record, registry.find(name));
    const auto site = registry.findSite(domain);
    if (!site.ok() && site.error().code != Code::kNotFound) return site.error();
    // The same words as for a domain that does not exist: who holds a name is nobody's business.
    if (site.ok() && site->account != name.text())
      return Error{Code::kNotFound, "the account has no site " + domain.text(), "domain"};
    return Plan{record.identity, std::move(domain)};
  }
  static Result<Ok> run(const Plan& plan, Host& host) {
    return nginx::removeSite(host, plan.who, plan.domain);
  }
  static Result<Proof> verify(const Plan& plan, const Host& host) {
    TRY_ASSIGN(auto proof, nginx::proveNoSite(host, plan.domain));
    TRY_ASSIGN(const auto answer, awaitNoPage(host, plan.domain));
    proof.push_back({"http probe", answer});
    return proof;
  }
  static Result<Ok> answer(const Plan&, const Host&, Reply::Builder) { return Ok{}; }
};

}  // namespace
OpEntry siteRemove() { return entryFor<SiteRemove>(); }
}  // namespace bulkhead::agent
