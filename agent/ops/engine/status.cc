// engine.status: reads the state of the account's engine from systemd and from the engine itself.
#include "agent/ops/engine/answer.h"
#include "agent/registry/registry.h"

namespace bulkhead::agent {
namespace {

struct EngineStatus {
  static constexpr auto kMethod = "engineStatus";
  using Params = rpc::AccountRef;
  using Reply = rpc::Engine;
  struct Plan {
    Identity who;
  };

  static Result<Plan> check(Params::Reader in, const Host& host) {
    TRY_ASSIGN(const auto name, Username::parse(view(in.getUsername())));
    TRY_ASSIGN(const auto record, Registry(host).find(name));
    return Plan{record.identity};
  }
  static Result<Ok> answer(const Plan& plan, const Host& host, Reply::Builder out) {
    return fillEngine(host, plan.who, out);
  }
};

}  // namespace
OpEntry engineStatus() { return entryFor<EngineStatus>(); }
}  // namespace bulkhead::agent
