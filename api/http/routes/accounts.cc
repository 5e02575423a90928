// Hosting accounts: create, list, get, change, rename, suspend, unsuspend,
// delete, restore, purge; and what others did with them.
#include "api/http/model_json.h"
#include "api/http/reply.h"
#include "api/http/routes/login_reply.h"
#include "api/http/routes/routes.h"
#include "api/usecases/state_names.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {
namespace {

Schema newAccountSchema() {
  return Schema::object(
      "NewAccount", "A hosting account to create, with its first domain.",
      {required("username",
                Schema::text("Name of the account and of its system user.", Format::kUsername)),
       required("plan", Schema::text("Id or name of its plan.", Format::kPlanRef)),
       required("domain", Schema::text("Its first domain.", Format::kDomain)),
       optional("preview_port",
                Schema::boolean(
                    "Open a port under which the site can be seen before its domain points here.")),
       optional("owner", Schema::text("The administrator or reseller whose it is; left out: "
                                      "oneself, or for root the main administrator.",
                                      Format::kOwnerRef)),
       optional("email", Schema::text("Where mail reaches its user.", Format::kEmail)),
       optional("locale", Schema::text("Language of its user, as \"EN_us\".", Format::kLocale)),
       optional("password", newPasswordSchema())});
}

Schema accountChangeSchema() {
  return Schema::object(
      "AccountChange", "What to change. A field that is left out stays; null takes it away.",
      {optional("plan", Schema::text("Id or name of its plan.", Format::kPlanRef)),
       optional("owner",
                Schema::text("The administrator or reseller whose it is.", Format::kOwnerRef)),
       optional("email", Schema::text("Where mail reaches its user.", Format::kEmail).nullable()),
       optional("locale",
                Schema::text("Language of its user, as \"EN_us\".", Format::kLocale).nullable())});
}

Answered change(Panel& panel, const Call& call) {
  AccountChange wanted;
  if (call.body.contains("plan")) wanted.plan = call.text("plan");
  if (call.body.contains("owner")) wanted.owner = call.text("owner");
  wanted.email = patchOf(call.body, "email");
  wanted.locale = patchOf(call.body, "locale");
  return whenUnchanged(
      call, [&] { return panel.account(call.pathValue("account")); },
      [&](const Account& before, const Expected& expected) {
        return jobReply(call, panel,
                        panel.changeAccount(call.actor, before.id, wanted, expected, call.mode));
      });
}

std::vector<std::string> jobColumns() { return {"id", "kind", "state", "progress"}; }

using AccountAct = Result<JobOrPreview> (Panel::*)(const Actor&, std::string_view, Mode);

constexpr const char* kWriteScope = "accounts:write";
constexpr const char* kPurgeScope = "accounts:purge";

Route actRoute(Panel* panel,
               Method method,
               std::string path,
               std::string operation,
               std::string summary,
               AccountAct act,
               const char* scope = kWriteScope) {
  Route route = jobRoute(method, std::move(path), operation, scope, std::move(summary));
  route.extent = Extent::kReach;
  std::string words = std::move(operation);
  words[words.find('.')] = ' ';
  route.cli = Cli{std::move(words), {"account"}, jobColumns()};
  route.handler = [panel, act](const Call& call) {
    return jobReply(call, *panel, (panel->*act)(call.actor, call.pathValue("account"), call.mode));
  };
  return route;
}

Answered createAccount(Panel& panel, Authority& authority, const Call& call) {
  NewAccount wanted{call.text("username"),
                    call.text("plan"),
                    call.text("domain"),
                    call.body.value("preview_port", false),
                    ownerOf(call),
                    optionalOf(call.body, "email"),
                    optionalOf(call.body, "locale")};
  const auto perform = [&] {
    return jobReply(call, panel, panel.createAccount(call.actor, wanted, call.mode),
                    "/api/v1/accounts/" + wanted.username);
  };
  if (!call.body.contains("password")) return perform();
  return guardedReply(authority.hashPassword(call.text("password"), wanted.username),
                      [&](std::string hash) {
                        wanted.passwordHash = std::move(hash);
                        return perform();
                      });
}

Route createRoute(Panel* panel, Authority* authority) {
  Route create = jobRoute(Method::kPost, "/api/v1/accounts", "account.create", "accounts:write",
                          "Creates a hosting account with its first domain and site.");
  create.extent = Extent::kReach;
  create.lane = Lane::kWaiting;  // it may hash a password
  create.body = newAccountSchema();
  create.statuses = {202, 201, 200};
  create.cli = Cli{"account create", {"username"}, jobColumns()};
  create.handler = [panel, authority](const Call& call) {
    return createAccount(*panel, *authority, call);
  };
  return create;
}

Route updateRoute(Panel* panel) {
  Route update = jobRoute(Method::kPatch, "/api/v1/accounts/{account}", "account.update",
                          "accounts:write", "Changes a hosting account's owner, plan or contact.");
  update.extent = Extent::kReach;
  update.conditional = true;
  update.body = accountChangeSchema();
  update.cli = Cli{"account update", {"account"}, jobColumns()};
  update.handler = [panel](const Call& call) { return change(*panel, call); };
  return update;
}

Route renameRoute(Panel* panel) {
  Route rename =
      jobRoute(Method::kPost, "/api/v1/accounts/{account}/actions/rename", "account.rename",
               "accounts:write", "Gives a hosting account and its system user another name.");
  rename.body = Schema::object(
      "AccountRename", "The new name of a hosting account.",
      {required("username",
                Schema::text("Name of the account and of its system user.", Format::kUsername))});
  rename.extent = Extent::kReach;
  rename.conditional = true;
  rename.cli = Cli{"account rename", {"account", "username"}, jobColumns()};
  rename.handler = [panel](const Call& call) {
    return whenUnchanged(
        call, [&] { return panel->account(call.pathValue("account")); },
        [&](const Account& before, const Expected& expected) {
          return jobReply(call, *panel,
                          panel->renameAccount(call.actor, before.id, call.text("username"),
                                               expected, call.mode));
        });
  };
  return rename;
}

}  // namespace

std::vector<Route> accountRoutes(const Services& services) {
  Panel* panel = services.panel;
  const std::vector<std::string> columns{"username", "state", "plan", "owner", "uid", "created_at"};
  std::vector<Route> routes;
  routes.push_back(createRoute(panel, services.authority));

  Route list = readRoute(Lane::kWorker, "/api/v1/accounts", "account.list", "accounts:read",
                         "Lists the hosting accounts, deleted ones only when asked for.");
  list.extent = Extent::kReach;
  list.answer = Answer::kList;
  list.response = accountSchema();
  list.cli = Cli{"account list", {}, columns};
  list.query = {optional("state", Schema::choice("Only those in this state; without it, all but "
                                                 "deleted ones.",
                                                 accountStateNames()))};
  list.handler = [panel](const Call& call) {
    return pageReply(
        call, panel->accounts(call.page, stateFromName<AccountState>(call.queryText("state"))));
  };
  routes.push_back(std::move(list));

  Route get = readRoute(Lane::kInline, "/api/v1/accounts/{account}", "account.get", "accounts:read",
                        "Reads one hosting account.");
  get.extent = Extent::kReach;
  get.response = accountSchema();
  get.cli = Cli{"account get", {"account"}, columns};
  get.handler = [panel](const Call& call) -> Answered {
    return replyOr(panel->account(call.pathValue("account")), [](const Account& account) {
      return resourceReply(toJson(account), account.revision);
    });
  };
  routes.push_back(std::move(get));

  routes.push_back(updateRoute(panel));
  routes.push_back(renameRoute(panel));
  routes.push_back(actRoute(panel, Method::kDelete, "/api/v1/accounts/{account}", "account.delete",
                            "Stops a hosting account; for 72 hours it can be restored, then it is "
                            "purged.",
                            &Panel::deleteAccount));
  routes.push_back(actRoute(panel, Method::kPost, "/api/v1/accounts/{account}/actions/restore",
                            "account.restore", "Brings a deleted hosting account back as it was.",
                            &Panel::restoreAccount));
  Route purge =
      actRoute(panel, Method::kPost, "/api/v1/accounts/{account}/actions/purge", "account.purge",
               "Takes a hosting account away at once with everything it has; there is no "
               "way back.",
               &Panel::purgeAccount, kPurgeScope);
  purge.risk = Risk::kDestroy;
  routes.push_back(std::move(purge));
  routes.push_back(actRoute(
      panel, Method::kPost, "/api/v1/accounts/{account}/actions/suspend", "account.suspend",
      "Stops everything of a hosting account; its data stays.", &Panel::suspendAccount));
  routes.push_back(actRoute(panel, Method::kPost, "/api/v1/accounts/{account}/actions/unsuspend",
                            "account.unsuspend", "Lets a suspended hosting account run again.",
                            &Panel::unsuspendAccount));
  routes.push_back(actRoute(
      panel, Method::kPost, "/api/v1/accounts/{account}/actions/restored", "account.restored",
      "Tells CloudLinux that a hosting account's files are back from a backup, all of them.",
      &Panel::announceRestoredAccount));
  return routes;
}

}  // namespace bulkhead::api
