// The scripts of the control panel interface. Reached on a socket of their own only; a refusal of a
// script is a document as well, so that the status of HTTP is about HTTP.
#include "api/usecases/cpapi.h"

#include <vector>

#include "api/http/model_json.h"
#include "api/http/routes/routes.h"
#include "common/cpapi/query.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {
namespace {

constexpr const char* kStatusHeader = "Bulkhead-Cpapi-Status";

Schema argumentsSchema() {
  return Schema::object(
      "ScriptCall", "A call of a script.",
      {required("arguments",
                Schema::array("As they stand behind the script's name.",
                              Schema::text("An argument.").length(0, cpapi::kArgumentBytesMax)))});
}

HttpResponse scriptReply(ScriptAnswer answer) {
  HttpResponse response;
  response.headers.emplace_back(kStatusHeader, std::to_string(static_cast<int>(answer.outcome)));
  response.body = std::move(answer.document);
  response.sharedBody = std::move(answer.shared);
  return response;
}

std::vector<std::string> argumentsOf(const Call& call) {
  return call.body.at("arguments").get<std::vector<std::string>>();
}

Route scriptRoute(const std::string& name, std::string summary) {
  Route route;
  route.method = Method::kPost;
  route.path = std::string(kCpapiPrefix) + "v1/" + name;
  route.operation = "cpapi." + name;
  route.summary = std::move(summary);
  route.access = Access::kCpapi;
  route.risk = Risk::kRead;
  route.lane = Lane::kScript;
  route.body = argumentsSchema();
  route.response = Schema::any("The document that the script prints.");
  route.answer = Answer::kResource;
  route.statuses = {200};
  route.cli = Cli{};
  return route;
}

}  // namespace

std::vector<Route> cpapiRoutes(const Services& services) {
  CpapiScripts* scripts = services.cpapi;
  std::vector<Route> routes;
  for (const cpapi::Script script : cpapi::kScripts) {
    const std::string name(cpapi::scriptName(script));
    Route route = scriptRoute(name, "Answers for the script " + name + ".");
    route.handler = [scripts, script](const Call& call) -> Answered {
      const auto owned = argumentsOf(call);
      const std::vector<std::string_view> arguments(owned.begin(), owned.end());
      return scriptReply(scripts->run(script, arguments, call.http.peer.uid));
    };
    routes.push_back(std::move(route));
  }
  Route user = scriptRoute("ui_user_info", "Tells who signed in behind a token.");
  user.handler = [scripts](const Call& call) -> Answered {
    const auto arguments = argumentsOf(call);
    return scriptReply(arguments.size() == 1 ? scripts->userInfo(arguments.front())
                                             : ScriptAnswer{});
  };
  routes.push_back(std::move(user));
  return routes;
}

}  // namespace bulkhead::api
