// service.list: lists the containers of the account's engine, also such as the panel did not make;
// those have an empty service name. All text is the tenant's and is made printable.
#include "agent/host/engine.h"
#include "agent/host/engine_reply.h"
#include "agent/ops/op.h"
#include "agent/ops/service/answer.h"
#include "agent/registry/registry.h"

#include <nlohmann/json.hpp>

namespace bulkhead::agent {
namespace {

constexpr std::size_t kListedMax = 100;  // each is one more question to the engine

struct ServiceList {
  static constexpr auto kMethod = "serviceList";
  using Params = rpc::AccountRef;
  using Reply = rpc::ServiceList;
  struct Plan {
    Identity who;
    bool runs = false;
  };

  static Result<Plan> check(Params::Reader in, const Host& host) {
    TRY_ASSIGN(const auto name, Username::parse(view(in.getUsername())));
    TRY_ASSIGN(const auto record, Registry(host).find(name));
    TRY_ASSIGN(const auto status, engine::status(host, record.identity));
    if (status.state == engine::State::kFailed || status.state == engine::State::kStopped)
      return Error{Code::kUnavailable, "the account's engine does not run", ""};
    return Plan{record.identity, status.state == engine::State::kRunning};
  }

  static Result<Ok> answer(const Plan& plan, const Host& host, Reply::Builder out) {
    if (!plan.runs) return Ok{};
    TRY_ASSIGN(const auto reply,
               host.engineQuery(plan.who, std::string(engine::kApi) + "/containers/json?all=1"));
    TRY_ASSIGN(const auto list, engineJson(reply));
    if (!list.is_array()) return Error{Code::kUnavailable, "engine: the answer is no list", ""};
    std::vector<container::Found> all;
    for (const auto& entry : list) {
      if (all.size() == kListedMax) break;
      const auto id = textAt(entry, {"Id"});
      if (!isEngineId(id)) return Error{Code::kUnavailable, "engine: an id is not an id", ""};
      auto found = container::inspect(host, plan.who, id);
      if (!found.ok() && found.error().code == Code::kNotFound) continue;  // ended meanwhile
      if (!found.ok()) return found.error();
      all.push_back(std::move(found).value());
    }
    auto services = out.initServices(static_cast<capnp::uint>(all.size()));
    for (capnp::uint i = 0; i < services.size(); ++i) {
      const bool ours = isServiceName(all[i].service) && isPanels(all[i], all[i].service);
      fillService(ours ? all[i].service : "", all[i], services[i]);
    }
    return Ok{};
  }
};

}  // namespace
OpEntry serviceList() { return entryFor<ServiceList>(); }
}  // namespace bulkhead::agent
