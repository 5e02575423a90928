// service.remove: removes the container of one service; its data directory stays.
// Refuses a container of that name that the panel did not make. Without an engine there is nothing.
#include "agent/host/container.h"
#include "agent/host/engine.h"
#include "agent/ops/op.h"
#include "agent/registry/registry.h"

namespace bulkhead::agent {
namespace {

struct ServiceRemove {
  static constexpr auto kMethod = "serviceRemove";
  using Params = rpc::ServiceRef;
  using Reply = rpc::Nothing;
  struct Plan {
    AccountRecord record;
    std::string service;
    bool hasEngine = false;
  };

  // The name need not be in today's catalogue: an old service must be removable.
  static Result<Plan> check(Params::Reader in, const Host& host) {
    TRY_ASSIGN(const auto name, Username::parse(view(in.getUsername())));
    if (!isServiceName(view(in.getService())))
      return Error{Code::kInvalidArgument, "a service's name is a-z, 0-9 and '-'", "service"};
    TRY_ASSIGN(const auto record, Registry(host).find(name));
    const auto context = host.inspect(engine::contextDirectory(name.text()));
    if (!context.ok() && context.error().code != Code::kNotFound) return context.error();
    return Plan{record, std::string(view(in.getService())), context.ok()};
  }
  static Result<Ok> run(const Plan& plan, Host& host) {
    auto record = plan.record;
    const auto named = [&plan](const KeptService& kept) { return kept.name == plan.service; };
    if (std::erase_if(record.services, named) > 0) TRY(Registry(host).put(record));
    if (!plan.hasEngine) return Ok{};
    return container::remove(host, plan.record.identity, plan.service);
  }
  static Result<Proof> verify(const Plan& plan, const Host& host) {
    if (!plan.hasEngine) return Proof{{"engine", "the account has none"}};
    const auto found = container::inspect(host, plan.record.identity, plan.service);
    if (found.ok()) return Error{Code::kInternal, plan.service + " is still there", ""};
    if (found.error().code != Code::kNotFound) return found.error();
    return Proof{{"container", "the engine knows none of the name " + plan.service}};
  }
  static Result<Ok> answer(const Plan&, const Host&, Reply::Builder) { return Ok{}; }
};

}  // namespace
OpEntry serviceRemove() { return entryFor<ServiceRemove>(); }
}  // namespace bulkhead::agent
