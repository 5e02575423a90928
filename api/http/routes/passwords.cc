// Passwords: one's own, and the one-time code by which somebody who lost his sets another one.
#include "api/auth/authority.h"
#include "api/auth/password.h"
#include "api/http/model_json.h"
#include "api/http/routes/login_reply.h"
#include "api/http/routes/routes.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {

Schema newPasswordSchema() {
  return Schema::text("At least 12 characters; any are allowed.")
      .length(Password::kMinLength, Password::kMaxLength)
      .secret();
}

Schema resetSchema() {
  return Schema::object(
      "PasswordReset", "A code; it is not shown again. Until it is used nothing changes.",
      {required("token", Schema::text("For POST /api/v1/password-resets, once.").shownOnce()),
       required("path", Schema::text("The link itself, below the panel's address.").shownOnce()),
       required("username", Schema::text("Whose password it sets.")),
       required("expires_at", timestampSchema("When it ends."))});
}

HttpResponse resetReply(const OneTime& reset) {
  Json body = Json::object();
  body["token"] = reset.secret;
  // A fragment: browsers never send it to a server.
  body["path"] = "/login#reset=" + reset.secret;
  body["username"] = reset.username;
  body["expires_at"] = timestamp(reset.expiresAt);
  return resourceReply(201, body);
}

namespace {

constexpr std::size_t kTriedMax = 1024;        // of what is tried, not of what may be set
constexpr std::int64_t kCountMax = 1'000'000;  // for the document: far above what there can be

Schema changedSchema() {
  std::vector<Field> fields = loginSchema().fields();
  fields.push_back(required(
      "sessions_ended", Schema::integer("Sessions that ended, the asking one too.", 0, kCountMax)));
  fields.push_back(
      required("tokens_ended", Schema::integer("API tokens that ended.", 0, kCountMax)));
  return Schema::object("PasswordChanged",
                        "The session that goes on. Every other one is over, and so is every API "
                        "token: create those that are still wanted again.",
                        std::move(fields));
}

Answered change(Authority& authority, const Call& call) {
  const PasswordChange wanted{call.text("current_password"), call.text("new_password"),
                              call.text("code")};
  return guardedReply(authority.credentials().changePassword(
                          call.principal, wanted, call.clientAddress, call.http.requestId),
                      [](const PasswordChanged& changed) {
                        Json body = loginJson(changed.login);
                        body["sessions_ended"] = changed.ended.sessions;
                        body["tokens_ended"] = changed.ended.tokens;
                        return resourceReply(200, body);
                      });
}

Route issueRoute(Authority* authority) {
  Route issue = personRoute(
      Method::kPost, "/api/v1/admins/{admin}/actions/reset-password", "admin.reset_password",
      "admins:write", "Issues the one-time code by which an administrator sets another password.");
  issue.response = resetSchema();
  issue.statuses = {201};
  issue.proof = Proof::kRecent;
  issue.replay = Replay::kNever;
  issue.cli = Cli{"admin password reset", {"admin"}, {"token", "username", "expires_at"}};
  issue.handler = [authority](const Call& call) -> Answered {
    return replyOr(authority->credentials().newReset(call.principal, call.pathValue("admin"),
                                                     call.http.requestId),
                   resetReply);
  };
  return issue;
}

Route redeemRoute(Authority* authority) {
  Route redeem = changeRoute(Method::kPost, "/api/v1/password-resets", "password.reset", "",
                             "Sets a password by a one-time code. It opens no session.");
  redeem.access = Access::kOpen;
  redeem.replay = Replay::kIgnored;
  redeem.body =
      Schema::object("RedeemedReset", "The code and the password to set.",
                     {required("token", Schema::text("The code.").length(1, 128).secret()),
                      required("new_password", newPasswordSchema())});
  redeem.answer = Answer::kEmpty;
  redeem.statuses = {204};
  redeem.lane = Lane::kWaiting;  // it hashes a password
  redeem.cli = Cli{"admin password redeem", {}, {}};
  redeem.handler = [authority](const Call& call) -> Answered {
    return guardedReply(
        authority->credentials().redeemReset(call.text("token"), call.text("new_password"),
                                             call.clientAddress, call.http.requestId),
        [](Ok) { return emptyReply(); });
  };
  return redeem;
}

}  // namespace

std::vector<Route> passwordRoutes(const Services& services) {
  Authority* authority = services.authority;
  std::vector<Route> routes;
  Route own = personRoute(Method::kPost, "/api/v1/password", "password.change", "self:write",
                          "Changes one's own password; ends one's other sessions and tokens.");
  own.extent = Extent::kSelf;
  own.body = Schema::object(
      "PasswordChange", "The password that holds, and the one to be.",
      {required("current_password", Schema::text("The current one.").length(1, kTriedMax).secret()),
       required("new_password", newPasswordSchema()), codeField()});
  own.response = changedSchema();
  own.replay = Replay::kNever;
  own.lane = Lane::kWaiting;  // it hashes passwords
  own.cli = Cli{"admin password update", {}, {"token", "sessions_ended", "tokens_ended"}};
  own.cli->secret = "token";
  own.handler = [authority](const Call& call) { return change(*authority, call); };
  routes.push_back(std::move(own));
  routes.push_back(issueRoute(authority));
  routes.push_back(redeemRoute(authority));
  return routes;
}

}  // namespace bulkhead::api
