// What whoever stands above does for resellers and users of accounts: a code for another password,
// taking away a lost second factor, standing in, keeping a reseller out. Nobody chooses another
// one's password.
#include "api/auth/authority.h"
#include "api/http/model_json.h"
#include "api/http/reply.h"
#include "api/http/routes/login_reply.h"
#include "api/http/routes/routes.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {
namespace {

// Of whom such a route is: its path, its scope, and who the path names.
struct Below {
  const char* noun;
  const char* path;
  const char* scope;
  Extent extent;
  std::function<Result<std::string>(const Call&)> idOf;
};

Below accountsOf(Panel* panel) {
  return {"account", "/api/v1/accounts/{account}", "accounts:write", Extent::kReach,
          [panel](const Call& call) -> Result<std::string> {
            TRY_ASSIGN(const Account account, panel->account(call.pathValue("account")));
            return account.id;
          }};
}
Below resellersOf(People* people) {
  return {"reseller", "/api/v1/resellers/{reseller}", "resellers:write", Extent::kPanel,
          [people](const Call& call) -> Result<std::string> {
            TRY_ASSIGN(const Reseller reseller, people->reseller(call.pathValue("reseller")));
            return reseller.id;
          }};
}

Route resetRoute(const Below& below, Authority* authority, const char* summary) {
  const std::string noun = below.noun;
  Route issue = personRoute(Method::kPost, std::string(below.path) + "/actions/reset-password",
                            noun + ".reset_password", below.scope, summary);
  issue.extent = below.extent;
  issue.response = resetSchema();
  issue.statuses = {201};
  issue.proof = Proof::kRecent;
  issue.replay = Replay::kNever;
  issue.cli = Cli{noun + " password reset", {noun}, {"token", "username", "expires_at"}};
  issue.handler = [authority, idOf = below.idOf](const Call& call) -> Answered {
    const auto id = idOf(call);
    if (!id.ok()) return problemOf(id.error());
    return replyOr(authority->credentials().newResetBelow(call.principal, *id, call.http.requestId),
                   resetReply);
  };
  return issue;
}

Route factorRoute(const Below& below, Authority* authority, const char* summary) {
  const std::string noun = below.noun;
  Route removal = personRoute(Method::kDelete, std::string(below.path) + "/second-factor",
                              noun + ".reset_second_factor", below.scope, summary);
  removal.extent = below.extent;
  removal.answer = Answer::kEmpty;
  removal.statuses = {204};
  removal.proof = Proof::kRecent;
  removal.cli = Cli{noun + " reset-second-factor", {noun}, {}};
  removal.handler = [authority, idOf = below.idOf](const Call& call) -> Answered {
    const auto id = idOf(call);
    if (!id.ok()) return problemOf(id.error());
    return replyOr(authority->factors().removeBelow(call.principal, *id, call.http.requestId),
                   [](Ok) { return emptyReply(); });
  };
  return removal;
}

Route standInRoute(const Below& below, Authority* authority, const char* summary) {
  const std::string noun = below.noun;
  Route route = personRoute(Method::kPost, std::string(below.path) + "/actions/impersonate",
                            noun + ".impersonate", "impersonations:write", summary);
  route.extent = below.extent;
  route.response = loginSchema();
  route.statuses = {201};
  route.proof = Proof::kRecent;
  route.replay = Replay::kNever;
  route.cli = Cli{noun + " impersonate", {noun}, {"token", "username", "expires_at"}};
  route.cli->secret = "token";
  route.handler = [authority, idOf = below.idOf](const Call& call) -> Answered {
    const auto id = idOf(call);
    if (!id.ok()) return problemOf(id.error());
    return replyOr(authority->standIn(call.principal, *id, call.http.requestId), loginReply);
  };
  return route;
}

Route stateRoute(People* people,
                 Authority* authority,
                 PersonState state,
                 const std::string& verb,
                 const char* summary) {
  Route route = personRoute(Method::kPost, "/api/v1/resellers/{reseller}/actions/" + verb,
                            "reseller." + verb, "resellers:write", summary);
  route.response = resellerSchema();
  route.proof = Proof::kRecent;
  route.cli = Cli{"reseller " + verb, {"reseller"}, {"name", "state"}};
  route.handler = [people, authority, state](const Call& call) -> Answered {
    const auto reseller = people->reseller(call.pathValue("reseller"));
    if (!reseller.ok()) return problemOf(reseller.error());
    const auto done = authority->credentials().setStateBelow(call.principal, reseller->id, state,
                                                             call.http.requestId);
    if (!done.ok()) return problemOf(done.error());
    return replyOr(people->reseller(reseller->id),
                   [](const Reseller& now) { return resourceReply(toJson(now), now.revision); });
  };
  return route;
}

}  // namespace

std::vector<Route> peopleBelowRoutes(const Services& services) {
  Authority* authority = services.authority;
  const Below accounts = accountsOf(services.panel);
  const Below resellers = resellersOf(services.people);
  std::vector<Route> routes;
  routes.push_back(resetRoute(accounts, authority,
                              "Issues the one-time code by which an account's user sets a "
                              "password, the first one or another one."));
  routes.push_back(factorRoute(accounts, authority,
                               "Takes the second factor away from an account's user who lost it."));
  routes.push_back(resetRoute(resellers, authority,
                              "Issues the one-time code by which a reseller sets a password, the "
                              "first one or another one."));
  routes.push_back(factorRoute(resellers, authority,
                               "Takes the second factor away from a reseller who lost it."));
  routes.push_back(standInRoute(accounts, authority,
                                "Opens a session as an account's user, for a quarter of an hour "
                                "and no longer than one's own."));
  routes.push_back(standInRoute(resellers, authority,
                                "Opens a session as a reseller, for a quarter of an hour and no "
                                "longer than one's own."));
  routes.push_back(stateRoute(services.people, authority, PersonState::kDisabled, "disable",
                              "Keeps a reseller out: sessions, tokens and links end at once. What "
                              "it owns goes on, and stays its own."));
  routes.push_back(stateRoute(services.people, authority, PersonState::kActive, "enable",
                              "Lets a disabled reseller log in again."));
  return routes;
}

}  // namespace bulkhead::api
