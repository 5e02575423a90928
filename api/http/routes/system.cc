// Health, version and documentation of this server.
#include "api/http/reply.h"
#include "api/http/routes/routes.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {
namespace {

Schema healthSchema() {
  return Schema::object("Health", "Whether this server lives.",
                        {required("status", Schema::choice("In a word.", {"ok"}))});
}

Schema readinessSchema() {
  return Schema::object(
      "Readiness", "Whether this server and what it needs can work.",
      {required("status", Schema::choice("degraded: reads work, changes wait for the agent.",
                                         {"ok", "degraded", "down"})),
       required("store", Schema::boolean("The database answers.")),
       required("agent", Schema::boolean("The privileged agent answers."))});
}

// Says which part is down and nothing of why: this address is open.
Answered readiness(Panel& panel) {
  const Panel::Health health = panel.health();
  Json body = Json::object();
  body["status"] = !health.storeUp ? "down" : health.agentUp ? "ok" : "degraded";
  body["store"] = health.storeUp;
  body["agent"] = health.agentUp;
  HttpResponse response = resourceReply(health.storeUp && health.agentUp ? 200 : 503, body);
  if (response.status == 503) response.headers.emplace_back("Retry-After", "2");
  return response;
}

Route openRoute(
    Lane lane, std::string path, std::string operation, std::string summary, Schema response) {
  Route route = readRoute(lane, std::move(path), std::move(operation), "", std::move(summary));
  route.access = Access::kOpen;
  route.response = std::move(response);
  route.cli = Cli{};
  return route;
}

Route versionRoute() {
  Route version = readRoute(Lane::kInline, "/version", "version.get", "self:read",
                            "This server's version and features.");
  version.extent = Extent::kSelf;
  version.response = Schema::object(
      "Version", "What this server is.",
      {required("version", Schema::text("Version of the package.")),
       required("api", Schema::text("Version of this interface.")),
       required("features", Schema::array("What it can do.", Schema::text("A word.")))});
  version.cli = Cli{"version get", {}, {"version", "api"}};
  version.handler = [](const Call&) -> Answered {
    Json body = Json::object();
    body["version"] = BULKHEAD_VERSION;
    body["api"] = "v1";
    body["features"] = {"accounts",    "domains", "dry_run", "jobs",
                        "login_links", "plans",   "tokens",  "wait"};
    return resourceReply(200, body);
  };
  return version;
}

}  // namespace

std::vector<Route> systemRoutes(const Services& services) {
  Panel* panel = services.panel;
  const std::string* document = services.openApi;
  std::vector<Route> routes;

  Route health = openRoute(Lane::kInline, "/healthz", "health.live",
                           "Answers while the process serves.", healthSchema());
  health.handler = [](const Call&) -> Answered {
    return resourceReply(200, Json::object({{"status", "ok"}}));
  };
  routes.push_back(std::move(health));

  Route ready =
      openRoute(Lane::kWorker, "/readyz", "health.ready",
                "Answers 200 when changes can be made, 503 otherwise.", readinessSchema());
  ready.handler = [panel](const Call&) { return readiness(*panel); };
  routes.push_back(std::move(ready));

  routes.push_back(versionRoute());

  Route openApi = readRoute(Lane::kInline, "/api/v1/openapi.json", "document.get", "self:read",
                            "This interface as an OpenAPI 3.1 document.");
  openApi.extent = Extent::kSelf;
  openApi.response = Schema::any("The document.");
  openApi.cli = Cli{};
  openApi.handler = [document](const Call&) -> Answered {
    HttpResponse response;
    response.body = *document;
    return response;
  };
  routes.push_back(std::move(openApi));
  return routes;
}

}  // namespace bulkhead::api
