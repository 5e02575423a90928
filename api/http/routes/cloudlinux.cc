// What the panel tells CloudLinux when it is asked to; of changes it tells by itself.
#include "api/http/reply.h"
#include "api/http/routes/routes.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {

std::vector<Route> cloudlinuxRoutes(const Services& services) {
  Panel* panel = services.panel;
  Route publish = changeRoute(
      Method::kPost, "/api/v1/cloudlinux/publications", "cloudlinux.publish", "accounts:write",
      "Queues a job for each account that tells CloudLinux what it may know of it.");
  publish.response = Schema::object(
      "Publication", "What was queued.",
      {required("jobs", Schema::integer("Jobs of the kind account.publish, one an account.", 0,
                                        std::numeric_limits<std::uint32_t>::max()))});
  publish.statuses = {200};
  publish.cli = Cli{"cloudlinux publish", {}, {"jobs"}};
  publish.handler = [panel](const Call& call) -> Answered {
    return replyOr(panel->publishAccounts(call.actor), [](std::uint32_t jobs) {
      return resourceReply(200, Json::object({{"jobs", jobs}}));
    });
  };
  return {std::move(publish)};
}

}  // namespace bulkhead::api
