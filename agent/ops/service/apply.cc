// service.apply: runs one service of the catalogue in the account's engine.
// Refuses limits above the account's own and ports outside the account range. What the container
// may do is the catalogue's; the caller chooses a name, limits and a port.
#include "agent/host/engine.h"
#include "agent/ops/op.h"
#include "agent/ops/service/answer.h"
#include "agent/ops/service/spec.h"

namespace bulkhead::agent {
namespace {

struct ServiceApply {
  static constexpr auto kMethod = "serviceApply";
  using Params = rpc::ServiceApply;
  using Reply = rpc::Service;
  struct Plan {
    AccountRecord record;  // with the service
    container::Spec spec;
  };

  static Result<Plan> check(Params::Reader in, const Host& host) {
    TRY_ASSIGN(const auto name, Username::parse(view(in.getUsername())));
    TRY_ASSIGN(const auto catalogue, Catalogue::load(host));
    const std::string service(view(in.getService()));
    const KeptService wanted{service, in.getCpuPercent(), in.getMemoryBytes(), in.getPublishPort()};
    TRY(catalogue.find(service));
    TRY_ASSIGN(auto record, Registry(host).findActive(name));
    TRY_ASSIGN(auto spec, specFor(host, catalogue, record, wanted));
    std::erase_if(record.services,
                  [&service](const KeptService& kept) { return kept.name == service; });
    record.services.push_back(wanted);
    return Plan{std::move(record), std::move(spec)};
  }
  // The registry is written first, as for limits.set.
  static Result<Ok> run(const Plan& plan, Host& host) {
    TRY(Registry(host).put(plan.record));
    return container::apply(host, plan.spec);
  }
  static Result<Proof> verify(const Plan& plan, const Host& host) {
    return container::prove(host, plan.spec);
  }
  static Result<Ok> answer(const Plan& plan, const Host& host, Reply::Builder out) {
    TRY_ASSIGN(const auto found,
               container::inspect(host, plan.record.identity, plan.spec.service.name));
    fillService(plan.spec.service.name, found, out);
    return Ok{};
  }
};

}  // namespace
OpEntry serviceApply() { return entryFor<ServiceApply>(); }
}  // namespace bulkhead::agent
