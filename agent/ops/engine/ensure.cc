// engine.ensure: starts the account's own rootless Docker engine, with its networks and context.
// Refuses an account that is not active, so that a suspended one cannot be woken this way.
#include "agent/ops/engine/answer.h"
#include "agent/registry/registry.h"

namespace bulkhead::agent {
namespace {

struct EngineEnsure {
  static constexpr auto kMethod = "engineEnsure";
  using Params = rpc::AccountRef;
  using Reply = rpc::Engine;
  struct Plan {
    Identity who;
  };

  static Result<Plan> check(Params::Reader in, const Host& host) {
    TRY_ASSIGN(const auto name, Username::parse(view(in.getUsername())));
    TRY_ASSIGN(const auto record, Registry(host).findActive(name));
    return Plan{record.identity};
  }
  static Result<Ok> run(const Plan& plan, Host& host) { return engine::ensure(host, plan.who); }
  static Result<Proof> verify(const Plan& plan, const Host& host) {
    return engine::prove(host, plan.who);
  }
  static Result<Ok> answer(const Plan& plan, const Host& host, Reply::Builder out) {
    return fillEngine(host, plan.who, out);
  }
};

}  // namespace
OpEntry engineEnsure() { return entryFor<EngineEnsure>(); }
}  // namespace bulkhead::agent
