// Sessions: log in by password or by link, log out, who am I.
#include "api/http/model_json.h"
#include "api/http/routes/login_reply.h"
#include "api/http/routes/routes.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {
namespace {

constexpr std::size_t kCodeMax = 64;      // a backup code has 26 characters
constexpr std::size_t kSecretMax = 1024;  // of what is tried, not of what may be set

Route openChange(std::string path, std::string operation, std::string summary) {
  Route route =
      changeRoute(Method::kPost, std::move(path), std::move(operation), "", std::move(summary));
  route.access = Access::kOpen;
  route.whileLockedDown = true;
  route.replay = Replay::kIgnored;
  route.response = loginSchema();
  route.statuses = {201};
  route.cli = Cli{};  // on the server root needs no session
  return route;
}

Field impersonatedByField() {
  return required("impersonated_by", Schema::text("Who acts in the person's place, as jobs and the "
                                                  "audit log name him; null = nobody.")
                                         .nullable());
}

Schema identitySchema() {
  return Schema::object(
      "Identity", "Who the server takes the caller for.",
      {required("actor", Schema::text("As jobs and the audit log name it.")),
       required("username", Schema::text("Name.")), required("role", Schema::text("Role.")),
       impersonatedByField(),
       required("scopes", Schema::array("What it may do.", Schema::text("A scope.")))});
}

}  // namespace

Problem throttledProblem(const Throttled& throttled) {
  Problem problem = problemOf(HttpFault::kRateLimited, "too many tries; wait and try again");
  problem.retryAfterSeconds = throttled.retryAfterSeconds;
  return problem;
}

Problem codeWantedProblem() {
  return problemOf(HttpFault::kSecondFactorRequired,
                   "send the same again with \"code\": six digits of your authenticator app, or a "
                   "backup code");
}

Field codeField() {
  return optional("code", Schema::text("Of the second factor: six digits of the app, or a backup "
                                       "code. Only for whoever has one.")
                              .length(1, kCodeMax)
                              .secret());
}

Schema loginSchema() {
  return Schema::object(
      "Session", "A session that began. The token is not shown again.",
      {required("token", Schema::text("Send it as Authorization: Bearer TOKEN.").shownOnce()),
       required("username", Schema::text("Who logged in.")),
       required("role", Schema::text("Role.")), impersonatedByField(),
       required("idle_seconds",
                Schema::integer("It ends after so long without a request.", 0, INT32_MAX)),
       required("expires_at", timestampSchema("It ends then at the latest."))});
}

Json loginJson(const Login& login) {
  Json body = Json::object();
  body["token"] = login.token;
  body["username"] = login.username;
  body["role"] = login.role;
  body["impersonated_by"] = login.standIn.empty() ? Json() : Json(login.standIn);
  body["idle_seconds"] = Authority::kSessionIdleMicros / Authority::kSecond;
  body["expires_at"] = timestamp(login.expiresAt);
  return body;
}

HttpResponse loginReply(const Login& login) {
  return createdReply(loginJson(login), "/api/v1/sessions/current");
}

namespace {

Route proofRoute(Authority* authority) {
  Route proof = personRoute(
      Method::kPost, "/api/v1/sessions/current/proof", "session.prove", "self:write",
      "Shows the password once more; opens for five minutes what asks for a proof. The session "
      "goes on under another token.");
  proof.extent = Extent::kSelf;
  proof.body = Schema::object(
      "Proof", "What a login asks for.",
      {required("password", Schema::text("Password.").length(1, kSecretMax).secret()),
       codeField()});
  proof.response = loginSchema();
  proof.replay = Replay::kNever;
  proof.whileLockedDown = true;
  proof.lane = Lane::kWaiting;  // it hashes a password
  proof.cli = Cli{};            // the command line asks when a command needs it
  proof.handler = [authority](const Call& call) -> Answered {
    return guardedReply(
        authority->credentials().prove(call.principal, call.text("password"), call.text("code"),
                                       call.clientAddress, call.http.requestId),
        [](const Login& login) { return resourceReply(200, loginJson(login)); });
  };
  return proof;
}

}  // namespace

std::vector<Route> sessionRoutes(const Services& services) {
  Authority* authority = services.authority;
  std::vector<Route> routes;

  Route login = openChange("/api/v1/sessions", "session.create", "Logs in with name and password.");
  // No formats here: every wrong name gets the same answer.
  login.body = Schema::object(
      "Credentials", "Name and password.",
      {required("username", Schema::text("Name.").length(1, 128)),
       required("password", Schema::text("Password.").length(1, kSecretMax).secret()),
       codeField()});
  // Hashing takes long and queues; strangers who try passwords must not hold up the others.
  login.lane = Lane::kWaiting;
  login.handler = [authority](const Call& call) -> Answered {
    return guardedReply(authority->login(call.text("username"), call.text("password"),
                                         call.clientAddress, call.text("code")),
                        loginReply);
  };
  routes.push_back(std::move(login));

  Route byLink = openChange("/api/v1/sessions/link", "session.redeem",
                            "Logs in with the token of a one-time link.");
  byLink.body = Schema::object(
      "LinkToken", "The token of a login link.",
      {required("token", Schema::text("The token.").length(1, 128).secret()), codeField()});
  byLink.handler = [authority](const Call& call) -> Answered {
    return guardedReply(
        authority->loginByLink(call.text("token"), call.clientAddress, call.text("code")),
        loginReply);
  };
  routes.push_back(std::move(byLink));

  Route logout = personRoute(Method::kDelete, "/api/v1/sessions/current", "session.delete",
                             "self:write", "Logs out.");
  logout.extent = Extent::kSelf;
  logout.byStandIn = ByStandIn::kAllowed;
  logout.whileLockedDown = true;
  logout.answer = Answer::kEmpty;
  logout.risk = Risk::kMutate;
  logout.replay =
      Replay::kIgnored;  // a key of the administrator's would keep another session alive
  logout.statuses = {204};
  logout.cli = Cli{};
  logout.handler = [authority](const Call& call) -> Answered {
    return replyOr(authority->logout(call.principal), [](Ok) { return emptyReply(); });
  };
  routes.push_back(std::move(logout));

  routes.push_back(proofRoute(authority));

  Route whoami = readRoute(Lane::kInline, "/api/v1/whoami", "session.whoami", "self:read",
                           "Tells who the server takes the caller for.");
  whoami.extent = Extent::kSelf;
  whoami.response = identitySchema();
  whoami.cli = Cli{"whoami", {}, {"actor", "role"}};
  whoami.handler = [](const Call& call) -> Answered {
    Json body = Json::object();
    body["actor"] = call.principal.actor;
    body["username"] = call.principal.username;
    body["role"] = call.principal.role;
    const std::string& standIn = call.principal.standIn;
    body["impersonated_by"] = standIn.empty() ? Json() : Json(standIn);
    body["scopes"] = call.principal.scopes.list();
    return resourceReply(200, body);
  };
  routes.push_back(std::move(whoami));
  return routes;
}

}  // namespace bulkhead::api
