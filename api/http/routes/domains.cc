// Domains: add, list, get, remove.
#include "api/http/model_json.h"
#include "api/http/reply.h"
#include "api/http/routes/routes.h"
#include "common/types/domain_name.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {
namespace {

// Where the domain will be, under its canonical name; nowhere for a name that is refused anyway.
std::string addressOf(const std::string& typed) {
  const auto name = DomainName::parse(typed);
  return name.ok() ? "/api/v1/domains/" + name->text() : "";
}

}  // namespace

std::vector<Route> domainRoutes(const Services& services) {
  Panel* panel = services.panel;
  const std::vector<std::string> columns{"name", "state", "primary", "account_id", "created_at"};
  const std::vector<std::string> jobColumns{"id", "kind", "state", "progress"};
  std::vector<Route> routes;

  Route add = jobRoute(Method::kPost, "/api/v1/accounts/{account}/domains", "domain.create",
                       "domains:write", "Adds a domain to a hosting account and serves its site.");
  add.body = Schema::object(
      "NewDomain", "A domain to add.",
      {required("name", Schema::text("The name, in letters or in A-labels.", Format::kDomain))});
  add.statuses = {202, 201, 200};
  add.cli = Cli{"domain create", {"account", "name"}, jobColumns};
  add.handler = [panel](const Call& call) {
    const std::string name = call.text("name");
    return jobReply(call, *panel,
                    panel->addDomain(call.actor, call.pathValue("account"), name, call.mode),
                    addressOf(name));
  };
  routes.push_back(std::move(add));

  Route list = readRoute("/api/v1/domains", "domain.list", "domains:read", "Lists the domains.");
  list.answer = Answer::kList;
  list.response = domainSchema();
  list.query = {optional("account", Schema::text("Only those of this account (id or username).",
                                                 Format::kAccountRef))};
  list.cli = Cli{"domain list", {}, columns};
  list.handler = [panel](const Call& call) {
    return pageReply(call, panel->domains(call.queryText("account"), call.page));
  };
  routes.push_back(std::move(list));

  Route get =
      readRoute("/api/v1/domains/{domain}", "domain.get", "domains:read", "Reads one domain.");
  get.response = domainSchema();
  get.cli = Cli{"domain get", {"domain"}, columns};
  get.handler = [panel](const Call& call) -> Answered {
    return replyOr(panel->domain(call.pathValue("domain")),
                   [](const Domain& domain) { return resourceReply(200, toJson(domain)); });
  };
  routes.push_back(std::move(get));

  Route removal =
      jobRoute(Method::kDelete, "/api/v1/domains/{domain}", "domain.delete", "domains:write",
               "Stops serving a domain and takes it from its account.");
  removal.cli = Cli{"domain delete", {"domain"}, jobColumns};
  removal.handler = [panel](const Call& call) {
    return jobReply(call, *panel,
                    panel->removeDomain(call.actor, call.pathValue("domain"), call.mode));
  };
  routes.push_back(std::move(removal));
  return routes;
}

}  // namespace bulkhead::api
