// One-time login links: a minute to open the panel without typing a password.
#include "api/http/model_json.h"
#include "api/http/routes/login_reply.h"
#include "api/http/routes/routes.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {

std::vector<Route> loginLinkRoutes(const Services& services) {
  Authority* authority = services.authority;
  Route create = personRoute(
      Method::kPost, "/api/v1/login-links", "login_link.create", "login-links:write",
      "Issues a one-time login link for oneself; root on the server may name any administrator.");
  create.extent = Extent::kSelf;
  create.body = Schema::object(
      "NewLoginLink", "A login link to issue.",
      {optional(
          "username",
          Schema::text("Whom it logs in; left out: oneself, or for root the main administrator.",
                       Format::kAdminName))});
  create.response = Schema::object(
      "LoginLink", "A login link; the token is not shown again.",
      {required("token", Schema::text("For POST /api/v1/sessions/link, once.").shownOnce()),
       required("path", Schema::text("The link itself, below the panel's address.").shownOnce()),
       required("username", Schema::text("Whom it logs in.")),
       required("expires_at", timestampSchema("When it ends."))});
  create.statuses = {201};
  create.replay = Replay::kNever;
  create.proof = Proof::kRecent;  // a link is another session, which outlives the one that made it
  create.cli = Cli{"login-link create", {}, {"token", "username", "expires_at"}};
  create.handler = [authority](const Call& call) -> Answered {
    return replyOr(authority->newLoginLink(call.principal, call.text("username")),
                   [](const OneTime& link) {
                     Json body = Json::object();
                     body["token"] = link.secret;
                     // A fragment: browsers never send it to a server.
                     body["path"] = "/login#token=" + link.secret;
                     body["username"] = link.username;
                     body["expires_at"] = timestamp(link.expiresAt);
                     return resourceReply(201, body);
                   });
  };
  std::vector<Route> routes;
  routes.push_back(std::move(create));
  return routes;
}

}  // namespace bulkhead::api
