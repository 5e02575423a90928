// engine.remove: removes the account's engine with its containers, images and volumes.
// Works in every state of the account. An engine that cannot be started any more keeps its data and
// makes this fail; account.delete removes that data with the home.
#include "agent/host/engine.h"
#include "agent/ops/op.h"
#include "agent/registry/registry.h"

namespace bulkhead::agent {
namespace {

struct EngineRemove {
  static constexpr auto kMethod = "engineRemove";
  using Params = rpc::AccountRef;
  using Reply = rpc::Nothing;
  struct Plan {
    Identity who;
  };

  static Result<Plan> check(Params::Reader in, const Host& host) {
    TRY_ASSIGN(const auto name, Username::parse(view(in.getUsername())));
    TRY_ASSIGN(const auto record, Registry(host).find(name));
    return Plan{record.identity};
  }
  static Result<Ok> run(const Plan& plan, Host& host) {
    TRY(engine::purge(host, plan.who));
    return engine::absent(host, plan.who);
  }
  static Result<Proof> verify(const Plan& plan, const Host& host) {
    return engine::proveAbsent(host, plan.who);
  }
  static Result<Ok> answer(const Plan&, const Host&, Reply::Builder) { return Ok{}; }
};

}  // namespace
OpEntry engineRemove() { return entryFor<EngineRemove>(); }
}  // namespace bulkhead::agent
