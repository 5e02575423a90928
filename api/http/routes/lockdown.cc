// The kill-switch, as far as the panel has it: on from here, off by root on the server alone.
#include "api/usecases/lockdown.h"

#include "api/http/model_json.h"
#include "api/http/reply.h"
#include "api/http/routes/routes.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {
namespace {

Schema lockdownSchema() {
  return Schema::object(
      "Lockdown", "Whether the panel is locked down.",
      {required("on", Schema::boolean("Sessions and tokens of before have ended and changes are "
                                      "refused; sites are served as ever.")),
       optional("since", timestampSchema("When it began."))});
}

Json lockdownJson(const Lockdown& lockdown) {
  Json body = Json::object();
  body["on"] = lockdown.isOn();
  if (const auto since = lockdown.since(); since != 0) body["since"] = timestamp(since);
  return body;
}

}  // namespace

std::vector<Route> lockdownRoutes(const Services& services) {
  Lockdown* lockdown = services.lockdown;
  std::vector<Route> routes;

  Route get = readRoute(Lane::kInline, "/api/v1/lockdown", "lockdown.get", "self:read",
                        "Whether the panel is locked down.");
  get.extent = Extent::kSelf;  // everybody may know why nothing can be changed
  get.response = lockdownSchema();
  get.cli = Cli{};  // bulkhead lockdown asks the agent itself
  get.handler = [lockdown](const Call&) -> Answered {
    return resourceReply(200, lockdownJson(*lockdown));
  };
  routes.push_back(std::move(get));

  Route on = personRoute(Method::kPost, "/api/v1/lockdown", "lockdown.on", "lockdown:write",
                         "Lock the panel down: every session and token ends, this one too, and "
                         "nothing can be changed until root on the server says so.");
  on.proof = Proof::kRecent;
  on.replay = Replay::kIgnored;  // the asking session ends
  on.whileLockedDown = true;
  on.response = lockdownSchema();
  on.statuses = {200};
  on.cli = Cli{};
  on.handler = [lockdown](const Call& call) -> Answered {
    CallContext context;
    context.requestId = call.actor.requestId;
    context.actor = call.actor.name;
    context.traceparent = call.actor.traceparent;
    const auto done = lockdown->turnOn(context);
    if (!done.ok()) return problemOf(done.error());
    return resourceReply(200, lockdownJson(*lockdown));
  };
  routes.push_back(std::move(on));
  return routes;
}

}  // namespace bulkhead::api
