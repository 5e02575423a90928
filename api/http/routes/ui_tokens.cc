// Tokens that sign somebody in to CloudLinux's pages.
#include "api/auth/ui_tokens.h"

#include "api/http/model_json.h"
#include "api/http/reply.h"
#include "api/http/routes/routes.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {

std::vector<Route> uiTokenRoutes(const Services& services) {
  UiTokens* tokens = services.uiTokens;
  Route create =
      personRoute(Method::kPost, "/api/v1/ui-tokens", "ui_token.create", "ui-tokens:write",
                  "Issues a token that signs an account, a reseller or an administrator in to "
                  "CloudLinux's pages.");
  create.body = Schema::object(
      "NewUiToken", "Whom to sign in: exactly one of account, reseller and admin.",
      {optional("account", Schema::text("Id or username of an account.", Format::kAccountRef)),
       optional("reseller", Schema::text("Name of a reseller.").length(1, 64)),
       optional("admin", Schema::text("Name of an administrator.", Format::kAdminName)),
       optional("domain",
                Schema::text("The account's domain to begin with; left out: the main one.",
                             Format::kDomain))});
  create.response = Schema::object(
      "UiToken", "A token; it is not shown again. It ends after two hours without use.",
      {required("token", Schema::text("For the token parameter of the pages.").shownOnce()),
       required("role", Schema::choice("What it signs in as.", {"user", "reseller", "admin"})),
       required("expires_at", timestampSchema("It ends then at the latest."))});
  create.statuses = {201};
  create.replay = Replay::kNever;
  create.cli = Cli{"ui-token create", {}, {"token", "role", "expires_at"}};
  create.handler = [tokens](const Call& call) -> Answered {
    const UiWanted wanted{call.text("account"), call.text("reseller"), call.text("admin"),
                          call.text("domain")};
    return replyOr(tokens->issue(call.principal, wanted), [](const UiToken& token) {
      Json body = Json::object();
      body["token"] = token.secret;
      body["role"] = token.role;
      body["expires_at"] = timestamp(token.expiresAt);
      return resourceReply(201, body);
    });
  };
  std::vector<Route> routes;
  routes.push_back(std::move(create));
  return routes;
}

}  // namespace bulkhead::api
