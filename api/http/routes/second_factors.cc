// The second factor: enrol, confirm, look, renew the backup codes, disable; and taking somebody
// else's away who lost it.
#include "api/auth/authority.h"
#include "api/http/model_json.h"
#include "api/http/routes/login_reply.h"
#include "api/http/routes/routes.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {
namespace {

constexpr const char* kPath = "/api/v1/second-factor";
constexpr std::size_t kCodeMax = 64;

Schema stateSchema() {
  return Schema::object(
      "SecondFactor", "What a login asks for after the password.",
      {required("enabled", Schema::boolean("Logins ask for a code.")),
       required("since", timestampSchema("Since when; null = they do not.")),
       required("backup_codes_left", Schema::integer("Backup codes that were not used yet.", 0,
                                                     std::int64_t{SecondFactors::kBackupCodes}))});
}

Schema codesSchema() {
  return Schema::object(
      "BackupCodes", "Each works once instead of the app; they are not shown again.",
      {required("backup_codes",
                Schema::array("For a safe place.", Schema::text("A code.")).shownOnce())});
}

HttpResponse codesReply(const std::vector<std::string>& codes) {
  Json body = Json::object();
  body["backup_codes"] = codes;
  return resourceReply(200, body);
}

Route enrolRoute(Authority* authority) {
  Route enrol = personRoute(Method::kPost, kPath, "second_factor.enrol", "self:write",
                            "Makes the seed of an authenticator app. Logins ask for nothing "
                            "before a code of it confirms that the app has it.");
  enrol.extent = Extent::kSelf;
  enrol.response = Schema::object(
      "Enrolment", "For the app; it is not shown again.",
      {required("uri", Schema::text("What a QR code for apps holds.").shownOnce()),
       required("secret", Schema::text("The same seed, to type into the app.").shownOnce())});
  enrol.statuses = {201};
  enrol.replay = Replay::kNever;
  enrol.proof = Proof::kRecent;
  enrol.cli = Cli{"second-factor enrol", {}, {"secret", "uri"}};
  enrol.handler = [authority](const Call& call) -> Answered {
    return replyOr(authority->factors().enrol(call.principal), [](const Enrolment& made) {
      Json body = Json::object();
      body["uri"] = made.uri;
      body["secret"] = made.secret;
      return resourceReply(201, body);
    });
  };
  return enrol;
}

Route confirmRoute(Authority* authority) {
  Route confirm = personRoute(Method::kPost, std::string(kPath) + "/actions/confirm",
                              "second_factor.confirm", "self:write",
                              "Begins to ask for codes at each login, and ends the sessions that "
                              "came in without.");
  confirm.extent = Extent::kSelf;
  confirm.body =
      Schema::object("FactorCode", "What the app shows.",
                     {required("code", Schema::text("Six digits.").length(1, kCodeMax).secret())});
  confirm.response = codesSchema();
  confirm.replay = Replay::kNever;
  confirm.proof = Proof::kRecent;  // it keeps out whoever has not got the app
  confirm.cli = Cli{"second-factor confirm", {}, {"backup_codes"}};
  confirm.handler = [authority](const Call& call) -> Answered {
    return guardedReply(
        authority->factors().confirm(call.principal, call.text("code"), call.http.requestId),
        codesReply);
  };
  return confirm;
}

Route renewRoute(Authority* authority) {
  Route renew = personRoute(Method::kPost, std::string(kPath) + "/actions/renew-backup-codes",
                            "second_factor.renew_backup_codes", "self:write",
                            "Makes ten backup codes; those of before are worth nothing.");
  renew.extent = Extent::kSelf;
  renew.response = codesSchema();
  renew.replay = Replay::kNever;
  renew.proof = Proof::kRecent;
  renew.cli = Cli{"second-factor renew-backup-codes", {}, {"backup_codes"}};
  renew.handler = [authority](const Call& call) -> Answered {
    return replyOr(authority->factors().renewBackupCodes(call.principal, call.http.requestId),
                   codesReply);
  };
  return renew;
}

Route readingRoute(Authority* authority) {
  Route get = readRoute(Lane::kWorker, kPath, "second_factor.get", "self:read",
                        "Tells whether one's logins ask for a code.");
  get.extent = Extent::kSelf;
  get.response = stateSchema();
  get.cli = Cli{"second-factor get", {}, {"enabled", "since", "backup_codes_left"}};
  get.handler = [authority](const Call& call) -> Answered {
    return replyOr(authority->factors().state(call.principal), [](const FactorState& state) {
      Json body = Json::object();
      body["enabled"] = state.enabled;
      body["since"] = state.enabled ? Json(timestamp(state.since)) : Json();
      body["backup_codes_left"] = state.backupCodesLeft;
      return resourceReply(200, body);
    });
  };
  return get;
}

}  // namespace

std::vector<Route> secondFactorRoutes(const Services& services) {
  Authority* authority = services.authority;
  std::vector<Route> routes;
  routes.push_back(enrolRoute(authority));
  routes.push_back(confirmRoute(authority));
  routes.push_back(renewRoute(authority));
  routes.push_back(readingRoute(authority));

  Route disable = personRoute(Method::kDelete, kPath, "second_factor.disable", "self:write",
                              "Logins ask for the password alone again.");
  disable.extent = Extent::kSelf;
  disable.answer = Answer::kEmpty;
  disable.statuses = {204};
  disable.proof = Proof::kRecent;
  disable.cli = Cli{"second-factor disable", {}, {}};
  disable.handler = [authority](const Call& call) -> Answered {
    return replyOr(authority->factors().disable(call.principal, call.http.requestId),
                   [](Ok) { return emptyReply(); });
  };
  routes.push_back(std::move(disable));

  Route removal =
      personRoute(Method::kDelete, "/api/v1/admins/{admin}/second-factor", "second_factor.remove",
                  "admins:write", "Takes the second factor away from somebody who lost it.");
  removal.answer = Answer::kEmpty;
  removal.statuses = {204};
  removal.proof = Proof::kRecent;
  removal.cli = Cli{"admin reset-second-factor", {"admin"}, {}};
  removal.handler = [authority](const Call& call) -> Answered {
    return replyOr(
        authority->factors().remove(call.principal, call.pathValue("admin"), call.http.requestId),
        [](Ok) { return emptyReply(); });
  };
  routes.push_back(std::move(removal));
  return routes;
}

}  // namespace bulkhead::api
