// Users of the host's database server, under the account whose they are.
#include "api/http/model_json.h"
#include "api/http/reply.h"
#include "api/http/routes/routes.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {

std::vector<Route> databaseUserRoutes(const Services& services) {
  Panel* panel = services.panel;
  const std::string all = "/api/v1/accounts/{account}/database-users";
  const std::vector<std::string> jobColumns{"id", "kind", "state", "progress"};
  std::vector<Route> routes;

  Route add = jobRoute(Method::kPost, all, "database_user.create", "database-users:write",
                       "Tells the panel whose a user of the host's database server is.");
  add.extent = Extent::kReach;
  add.body = Schema::object(
      "NewDatabaseUser", "A user of the host's database server.",
      {required("name", Schema::text("Its name, unique on this host.", Format::kDatabaseUser))});
  add.cli = Cli{"database-user create", {"account", "name"}, jobColumns};
  add.handler = [panel](const Call& call) {
    return jobReply(call, *panel,
                    panel->addDatabaseUser(call.actor, call.pathValue("account"), call.text("name"),
                                           call.mode));
  };
  routes.push_back(std::move(add));

  Route list = readRoute(Lane::kWorker, all, "database_user.list", "database-users:read",
                         "Lists the database users of a hosting account.");
  list.extent = Extent::kReach;
  list.answer = Answer::kList;
  list.response = databaseUserSchema();
  list.cli = Cli{"database-user list", {"account"}, {"name", "account_id", "created_at"}};
  list.handler = [panel](const Call& call) {
    return pageReply(call, panel->databaseUsers(call.pathValue("account"), call.page));
  };
  routes.push_back(std::move(list));

  Route removal = jobRoute(Method::kDelete, all + "/{database_user}", "database_user.delete",
                           "database-users:write", "Takes a database user from a hosting account.");
  removal.extent = Extent::kReach;
  removal.cli = Cli{"database-user delete", {"account", "database_user"}, jobColumns};
  removal.handler = [panel](const Call& call) {
    return jobReply(call, *panel,
                    panel->removeDatabaseUser(call.actor, call.pathValue("account"),
                                              call.pathValue("database_user"), call.mode));
  };
  routes.push_back(std::move(removal));
  return routes;
}

}  // namespace bulkhead::api
