// Administrators besides the main one: create, list, get, change, delete. Names stay for good: what
// they own and what the audit log says goes by them.
#include "api/auth/authority.h"
#include "api/auth/password.h"
#include "api/http/model_json.h"
#include "api/http/reply.h"
#include "api/http/routes/login_reply.h"
#include "api/http/routes/routes.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {
namespace {

std::vector<Field> contactFields() {
  return {
      optional("email",
               Schema::text("Where mail reaches the administrator.", Format::kEmail).nullable()),
      optional("locale", Schema::text("Language, as \"EN_us\".", Format::kLocale).nullable()),
      optional("unix_user",
               Schema::text("An existing user of the host, as whom its tools may be run.",
                            Format::kUnixUser)
                   .nullable())};
}

Schema newAdminSchema() {
  std::vector<Field> fields = contactFields();
  fields.insert(fields.begin(),
                {required("username", Schema::text("Name to log in with; not a reseller's.",
                                                   Format::kAdminName)),
                 required("password", Schema::text("At least 12 characters; any are allowed.")
                                          .length(Password::kMinLength, Password::kMaxLength)
                                          .secret())});
  return Schema::object("NewAdministrator", "An administrator to create.", std::move(fields));
}

Schema adminChangeSchema() {
  return Schema::object("AdministratorChange",
                        "What to change. A field that is left out stays; null takes it away.",
                        contactFields());
}

HttpResponse shown(const Administrator& admin) {
  return resourceReply(toJson(admin), admin.revision);
}

Answered create(People& people, Authority& authority, const Call& call) {
  NewAdministrator wanted;
  wanted.name = call.text("username");
  wanted.email = optionalOf(call.body, "email");
  wanted.locale = optionalOf(call.body, "locale");
  wanted.unixUser = optionalOf(call.body, "unix_user");
  return guardedReply(
      authority.hashPassword(call.text("password"), wanted.name),
      [&](std::string hash) -> Answered {
        wanted.passwordHash = std::move(hash);
        return replyOr(
            people.createAdministrator(call.actor, wanted), [](const Administrator& admin) {
              HttpResponse response = createdReply(toJson(admin), "/api/v1/admins/" + admin.id);
              response.headers.emplace_back("ETag", etagOf(admin.revision));
              return response;
            });
      });
}

Answered change(People& people, const Call& call) {
  const AdministratorChange wanted{patchOf(call.body, "email"), patchOf(call.body, "locale"),
                                   patchOf(call.body, "unix_user")};
  return whenUnchanged(
      call, [&] { return people.administrator(call.pathValue("admin")); },
      [&](const Administrator& before, const Expected& expected) -> Answered {
        return replyOr(people.changeAdministrator(call.actor, before.name, wanted, expected),
                       shown);
      });
}

Answered remove(People& people, const Call& call) {
  return whenUnchanged(
      call, [&] { return people.administrator(call.pathValue("admin")); },
      [&](const Administrator& before, const Expected& expected) -> Answered {
        return replyOr(people.deleteAdministrator(call.actor, before.name,
                                                  call.queryText("reassign_to"), expected),
                       [](Ok) { return emptyReply(); });
      });
}

Route stateRoute(Authority* authority,
                 PersonState state,
                 const std::string& verb,
                 const char* summary) {
  Route route = personRoute(Method::kPost, "/api/v1/admins/{admin}/actions/" + verb,
                            "admin." + verb, "admins:write", summary);
  route.response = administratorSchema();
  route.proof = Proof::kRecent;
  route.cli = Cli{"admin " + verb, {"admin"}, {"username", "role", "state"}};
  route.handler = [authority, state](const Call& call) -> Answered {
    return replyOr(authority->credentials().setState(call.principal, call.pathValue("admin"), state,
                                                     call.http.requestId),
                   shown);
  };
  return route;
}

}  // namespace

Field reassignField() {
  return optional("reassign_to", Schema::text("Who takes over what it owns: an administrator or, "
                                              "for accounts and plans, a reseller.",
                                              Format::kOwnerRef));
}

std::string ownerOf(const Call& call) {
  if (call.body.contains("owner")) return call.text("owner");
  return call.principal.kind == Principal::Kind::kPerson ? call.principal.username : "";
}

std::vector<Route> adminRoutes(const Services& services) {
  People* people = services.people;
  Authority* authority = services.authority;
  const std::vector<std::string> columns{"username", "role",      "state",
                                         "email",    "unix_user", "created_at"};
  std::vector<Route> routes;

  Route made = personRoute(Method::kPost, "/api/v1/admins", "admin.create", "admins:write",
                           "Creates an administrator. Only the main administrator may.");
  made.body = newAdminSchema();
  made.response = administratorSchema();
  made.statuses = {201};
  made.lane = Lane::kWaiting;  // it hashes a password
  made.proof = Proof::kRecent;
  made.cli = Cli{"admin create", {"username"}, columns};
  made.handler = [people, authority](const Call& call) {
    return create(*people, *authority, call);
  };
  routes.push_back(std::move(made));

  Route list = readRoute(Lane::kWorker, "/api/v1/admins", "admin.list", "admins:read",
                         "Lists the administrators, the oldest first.");
  list.answer = Answer::kList;
  list.response = administratorSchema();
  list.cli = Cli{"admin list", {}, columns};
  list.handler = [people](const Call& call) {
    return pageReply(call, people->administrators(call.page));
  };
  routes.push_back(std::move(list));

  Route get = readRoute(Lane::kInline, "/api/v1/admins/{admin}", "admin.get", "admins:read",
                        "Reads one administrator.");
  get.response = administratorSchema();
  get.cli = Cli{"admin get", {"admin"}, columns};
  get.handler = [people](const Call& call) -> Answered {
    return replyOr(people->administrator(call.pathValue("admin")), shown);
  };
  routes.push_back(std::move(get));

  Route update = personRoute(Method::kPatch, "/api/v1/admins/{admin}", "admin.update",
                             "admins:write", "Changes an administrator.");
  update.conditional = true;
  update.body = adminChangeSchema();
  update.response = administratorSchema();
  update.proof = Proof::kRecent;
  update.cli = Cli{"admin update", {"admin"}, columns};
  update.handler = [people](const Call& call) { return change(*people, call); };
  routes.push_back(std::move(update));

  routes.push_back(stateRoute(authority, PersonState::kDisabled, "disable",
                              "Keeps an administrator out: sessions, tokens and links end at "
                              "once. What it owns stays its own."));
  routes.push_back(stateRoute(authority, PersonState::kActive, "enable",
                              "Lets a disabled administrator log in again."));

  Route removal =
      personRoute(Method::kDelete, "/api/v1/admins/{admin}", "admin.delete", "admins:write",
                  "Deletes an administrator with its sessions; what it owns becomes somebody "
                  "else's.");
  removal.answer = Answer::kEmpty;
  removal.statuses = {204};
  removal.query = {reassignField()};
  removal.proof = Proof::kRecent;
  removal.cli = Cli{"admin delete", {"admin"}, {}};
  removal.handler = [people](const Call& call) { return remove(*people, call); };
  routes.push_back(std::move(removal));
  return routes;
}

}  // namespace bulkhead::api
