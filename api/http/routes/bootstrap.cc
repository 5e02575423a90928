// The first administrator: root on the server gets a code, whoever has the code becomes the main
// administrator.
#include "api/auth/authority.h"
#include "api/auth/password.h"
#include "api/http/model_json.h"
#include "api/http/routes/login_reply.h"
#include "api/http/routes/routes.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {

std::vector<Route> bootstrapRoutes(const Services& services) {
  Authority* authority = services.authority;
  std::vector<Route> routes;

  Route code = changeRoute(
      Method::kPost, "/api/v1/bootstrap-codes", "bootstrap.issue", "bootstrap:write",
      "Issues the one-time code that creates the main administrator. Only root on the server may.");
  code.access = Access::kLocalRoot;
  code.response = Schema::object("BootstrapCode", "The code; it is not shown again.",
                                 {required("code", Schema::text("The code.").shownOnce()),
                                  required("expires_at", timestampSchema("When it ends."))});
  code.statuses = {201};
  code.replay = Replay::kNever;
  code.cli = Cli{"bootstrap issue", {}, {"code", "expires_at"}};
  code.handler = [authority](const Call&) -> Answered {
    return replyOr(authority->newBootstrapCode(), [](const OneTime& made) {
      Json body = Json::object();
      body["code"] = made.secret;
      body["expires_at"] = timestamp(made.expiresAt);
      return resourceReply(201, body);
    });
  };
  routes.push_back(std::move(code));

  Route create = changeRoute(Method::kPost, "/api/v1/bootstrap", "bootstrap.create", "",
                             "Creates the main administrator with a one-time code.");
  create.access = Access::kOpen;
  create.replay = Replay::kIgnored;
  create.body = Schema::object(
      "Bootstrap", "The main administrator to create.",
      {required("code", Schema::text("The one-time code.").length(1, 64).secret()),
       required("username", Schema::text("Name to log in with.", Format::kAdminName)),
       required("password", Schema::text("At least 12 characters; any are allowed.")
                                .length(Password::kMinLength, Password::kMaxLength)
                                .secret())});
  create.response = administratorSchema();
  create.statuses = {201};
  create.lane = Lane::kWaiting;  // it hashes a password
  // For servers whose administrator has no browser at hand; the link of `bulkhead setup` is the
  // usual way.
  create.cli = Cli{"bootstrap create", {"username"}, {"username", "role", "created_at"}};
  create.handler = [authority](const Call& call) -> Answered {
    return guardedReply(
        authority->bootstrap(call.text("code"), call.text("username"), call.text("password"),
                             call.clientAddress),
        [](const Person& admin) { return resourceReply(201, toJson(publicFace(admin))); });
  };
  routes.push_back(std::move(create));
  return routes;
}

}  // namespace bulkhead::api
