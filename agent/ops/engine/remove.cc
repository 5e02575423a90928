// engine.remove: removes the account's engine with its containers, images and volumes.
// Works in every state of the account. An engine that does not start any more leaves its data in
// the home, with which account.delete removes it; the evidence says so.
#include <memory>
#include <utility>

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
    AccountRecord record;
    std::shared_ptr<engine::Purged> purged = std::make_shared<engine::Purged>();  // set by run()
  };

  static Result<Plan> check(Params::Reader in, const Host& host) {
    TRY_ASSIGN(const auto name, Username::parse(view(in.getUsername())));
    TRY_ASSIGN(const auto record, Registry(host).find(name));
    Plan plan;
    plan.record = record;
    return plan;
  }
  static Result<Ok> run(const Plan& plan, Host& host) {
    auto record = plan.record;
    if (!std::exchange(record.services, {}).empty()) TRY(Registry(host).put(record));
    TRY_ASSIGN(*plan.purged, engine::purge(host, plan.record.identity));
    return engine::absent(host, plan.record.identity);
  }
  static Result<Proof> verify(const Plan& plan, const Host& host) {
    TRY_ASSIGN(auto proof, engine::proveAbsent(host, plan.record.identity));
    if (*plan.purged == engine::Purged::kUnreachable)
      proof.push_back({"engine data", "the engine does not start; its data stays in the home"});
    return proof;
  }
  static Result<Ok> answer(const Plan&, const Host&, Reply::Builder) { return Ok{}; }
};

}  // namespace
OpEntry engineRemove() { return entryFor<EngineRemove>(); }
}  // namespace bulkhead::agent
