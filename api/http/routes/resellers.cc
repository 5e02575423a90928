// Resellers: create, list, get, change, delete.
#include "api/http/model_json.h"
#include "api/http/reply.h"
#include "api/http/routes/login_reply.h"
#include "api/http/routes/routes.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {
namespace {

constexpr std::int64_t kAccountsMax = 1'000'000;

std::vector<Field> contactFields() {
  return {
      optional("email",
               Schema::text("Where mail reaches the reseller.", Format::kEmail).nullable()),
      optional("locale", Schema::text("Language, as \"EN_us\".", Format::kLocale).nullable()),
      optional(
          "account",
          Schema::text("Id or name of its own hosting account.", Format::kAccountRef).nullable()),
      optional("owner", Schema::text("The administrator who owns it; left out: oneself, or for "
                                     "root the main administrator.",
                                     Format::kAdminRef)),
      optional("accounts_max",
               Schema::integer("Accounts it may own; 0 is unlimited.", 0, kAccountsMax))};
}

Schema newResellerSchema() {
  std::vector<Field> fields = contactFields();
  fields.insert(
      fields.begin(),
      required("name", Schema::text("Unique name; not an administrator's.", Format::kAdminName)));
  fields.push_back(optional("password", newPasswordSchema()));
  return Schema::object("NewReseller", "A reseller to create.", std::move(fields));
}

Schema resellerChangeSchema() {
  std::vector<Field> fields = contactFields();
  fields[3] = optional("owner", Schema::text("The administrator who owns it.", Format::kAdminRef));
  fields.insert(
      fields.begin(),
      optional("name", Schema::text("Unique name; not an administrator's.", Format::kAdminName)));
  return Schema::object("ResellerChange",
                        "What to change. A field that is left out stays; null takes it away.",
                        std::move(fields));
}

HttpResponse shown(const Reseller& reseller) {
  return resourceReply(toJson(reseller), reseller.revision);
}

Route createRoute(People* people, Authority* authority, const std::vector<std::string>& columns) {
  Route create = changeRoute(Method::kPost, "/api/v1/resellers", "reseller.create",
                             "resellers:write", "Creates a reseller.");
  create.lane = Lane::kWaiting;  // it may hash a password
  create.body = newResellerSchema();
  create.response = resellerSchema();
  create.statuses = {201};
  create.cli = Cli{"reseller create", {"name"}, columns};
  create.handler = [people, authority](const Call& call) -> Answered {
    NewReseller wanted;
    wanted.name = call.text("name");
    wanted.email = optionalOf(call.body, "email");
    wanted.locale = optionalOf(call.body, "locale");
    wanted.account = call.text("account");
    wanted.owner = ownerOf(call);
    wanted.accountsMax = call.body.value("accounts_max", 0U);
    const auto perform = [&] {
      return replyOr(people->createReseller(call.actor, wanted), [](const Reseller& reseller) {
        HttpResponse response = createdReply(toJson(reseller), "/api/v1/resellers/" + reseller.id);
        response.headers.emplace_back("ETag", etagOf(reseller.revision));
        return response;
      });
    };
    if (!call.body.contains("password")) return perform();
    return guardedReply(authority->hashPassword(call.text("password"), wanted.name),
                        [&](std::string hash) -> Answered {
                          wanted.passwordHash = std::move(hash);
                          return perform();
                        });
  };
  return create;
}

Answered change(People& people, const Call& call) {
  ResellerChange wanted;
  if (call.body.contains("name")) wanted.name = call.text("name");
  wanted.email = patchOf(call.body, "email");
  wanted.locale = patchOf(call.body, "locale");
  wanted.account = patchOf(call.body, "account");
  if (call.body.contains("owner")) wanted.owner = call.text("owner");
  if (call.body.contains("accounts_max")) wanted.accountsMax = call.body.value("accounts_max", 0U);
  return whenUnchanged(
      call, [&] { return people.reseller(call.pathValue("reseller")); },
      [&](const Reseller& before, const Expected& expected) -> Answered {
        return replyOr(people.changeReseller(call.actor, before.id, wanted, expected), shown);
      });
}

}  // namespace

std::vector<Route> resellerRoutes(const Services& services) {
  People* people = services.people;
  const std::vector<std::string> columns{"name",  "state",        "host_id",   "email",
                                         "owner", "accounts_max", "created_at"};
  std::vector<Route> routes;
  routes.push_back(createRoute(people, services.authority, columns));

  Route list = readRoute(Lane::kWorker, "/api/v1/resellers", "reseller.list", "resellers:read",
                         "Lists the resellers.");
  list.extent = Extent::kReach;
  list.answer = Answer::kList;
  list.response = resellerSchema();
  list.cli = Cli{"reseller list", {}, columns};
  list.handler = [people](const Call& call) {
    return pageReply(call, people->resellers(call.page));
  };
  routes.push_back(std::move(list));

  Route get = readRoute(Lane::kInline, "/api/v1/resellers/{reseller}", "reseller.get",
                        "resellers:read", "Reads one reseller.");
  get.extent = Extent::kReach;
  get.response = resellerSchema();
  get.cli = Cli{"reseller get", {"reseller"}, columns};
  get.handler = [people](const Call& call) -> Answered {
    return replyOr(people->reseller(call.pathValue("reseller")), shown);
  };
  routes.push_back(std::move(get));

  Route update = changeRoute(Method::kPatch, "/api/v1/resellers/{reseller}", "reseller.update",
                             "resellers:write", "Changes a reseller.");
  update.conditional = true;
  update.body = resellerChangeSchema();
  update.response = resellerSchema();
  update.cli = Cli{"reseller update", {"reseller"}, columns};
  update.handler = [people](const Call& call) { return change(*people, call); };
  routes.push_back(std::move(update));

  Route removal =
      changeRoute(Method::kDelete, "/api/v1/resellers/{reseller}", "reseller.delete",
                  "resellers:write", "Deletes a reseller; what it owns becomes somebody else's.");
  removal.answer = Answer::kEmpty;
  removal.statuses = {204};
  removal.query = {reassignField()};
  removal.cli = Cli{"reseller delete", {"reseller"}, {}};
  removal.handler = [people](const Call& call) -> Answered {
    return whenUnchanged(
        call, [&] { return people->reseller(call.pathValue("reseller")); },
        [&](const Reseller& before, const Expected& expected) -> Answered {
          return replyOr(people->deleteReseller(call.actor, before.id,
                                                call.queryText("reassign_to"), expected),
                         [](Ok) { return emptyReply(); });
        });
  };
  routes.push_back(std::move(removal));
  return routes;
}

}  // namespace bulkhead::api
