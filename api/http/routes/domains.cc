// Domains: add, list, get, change, rename, remove.
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

Answered change(Panel& panel, const Call& call) {
  // A main domain is replaced by naming another one.
  if (call.body.contains("primary") && !call.body.value("primary", false))
    return problemOf(Error{Code::kInvalidArgument, "make another domain the main one", "primary"});
  const DomainChange wanted{patchOf(call.body, "php"), call.body.value("primary", false)};
  return whenUnchanged(
      call, [&] { return panel.domain(call.pathValue("domain")); },
      [&](const Domain& before, const Expected& expected) {
        return jobReply(call, panel,
                        panel.changeDomain(call.actor, before.id, wanted, expected, call.mode));
      });
}

Route updateRoute(Panel* panel, const std::vector<std::string>& columns) {
  Route update =
      jobRoute(Method::kPatch, "/api/v1/domains/{domain}", "domain.update", "domains:write",
               "Changes a domain's PHP, or makes it the account's main domain.");
  update.extent = Extent::kReach;
  update.conditional = true;
  update.body = Schema::object(
      "DomainChange", "What to change. A field that is left out stays; null takes it away.",
      {optional("php",
                Schema::text("Its PHP, as \"alt-php83\"; null = the host's own.", Format::kPhp)
                    .nullable()),
       optional("primary", Schema::boolean("True makes it the account's main domain."))});
  update.cli = Cli{"domain update", {"domain"}, columns};
  update.handler = [panel](const Call& call) { return change(*panel, call); };
  return update;
}

Route renameRoute(Panel* panel, const std::vector<std::string>& columns) {
  Route rename =
      jobRoute(Method::kPost, "/api/v1/domains/{domain}/actions/rename", "domain.rename",
               "domains:write", "Serves a site under another domain, with its files and settings.");
  rename.extent = Extent::kReach;
  rename.body = Schema::object(
      "DomainRename", "The new name of a domain.",
      {required("name", Schema::text("The name, in letters or in A-labels.", Format::kDomain)),
       optional("include_subdomains",
                Schema::boolean("The account's domains below it move along."))});
  rename.conditional = true;
  rename.cli = Cli{"domain rename", {"domain", "name"}, columns};
  rename.handler = [panel](const Call& call) {
    const DomainRename wanted{call.text("name"), call.body.value("include_subdomains", false)};
    return whenUnchanged(
        call, [&] { return panel->domain(call.pathValue("domain")); },
        [&](const Domain& before, const Expected& expected) {
          return jobReply(call, *panel,
                          panel->renameDomain(call.actor, before.id, wanted, expected, call.mode));
        });
  };
  return rename;
}

}  // namespace

std::vector<Route> domainRoutes(const Services& services) {
  Panel* panel = services.panel;
  const std::vector<std::string> columns{"name",     "state", "primary",
                                         "alias_of", "php",   "account_id"};
  const std::vector<std::string> jobColumns{"id", "kind", "state", "progress"};
  std::vector<Route> routes;

  Route add = jobRoute(Method::kPost, "/api/v1/accounts/{account}/domains", "domain.create",
                       "domains:write", "Adds a domain to a hosting account and serves its site.");
  add.extent = Extent::kReach;
  add.body = Schema::object(
      "NewDomain", "A domain to add.",
      {required("name", Schema::text("The name, in letters or in A-labels.", Format::kDomain)),
       optional("alias_of", Schema::text("Id or name of a site of the same account that is shown "
                                         "under this name too; left out: a site of its own.",
                                         Format::kDomainRef))});
  add.statuses = {202, 201, 200};
  add.cli = Cli{"domain create", {"account", "name"}, jobColumns};
  add.handler = [panel](const Call& call) {
    const std::string name = call.text("name");
    const std::string account = call.pathValue("account");
    const std::string target = call.text("alias_of");
    return jobReply(call, *panel,
                    target.empty() ? panel->addDomain(call.actor, account, name, call.mode)
                                   : panel->addAlias(call.actor, account, name, target, call.mode),
                    addressOf(name));
  };
  routes.push_back(std::move(add));

  Route list = readRoute(Lane::kWorker, "/api/v1/domains", "domain.list", "domains:read",
                         "Lists the domains.");
  list.extent = Extent::kReach;
  list.answer = Answer::kList;
  list.response = domainSchema();
  list.query = {optional("account", Schema::text("Only those of this account (id or username).",
                                                 Format::kAccountRef))};
  list.cli = Cli{"domain list", {}, columns};
  list.handler = [panel](const Call& call) {
    return pageReply(call, panel->domains(call.queryText("account"), call.page));
  };
  routes.push_back(std::move(list));

  Route get = readRoute(Lane::kInline, "/api/v1/domains/{domain}", "domain.get", "domains:read",
                        "Reads one domain.");
  get.extent = Extent::kReach;
  get.response = domainSchema();
  get.cli = Cli{"domain get", {"domain"}, columns};
  get.handler = [panel](const Call& call) -> Answered {
    return replyOr(panel->domain(call.pathValue("domain")), [](const Domain& domain) {
      return resourceReply(toJson(domain), domain.revision);
    });
  };
  routes.push_back(std::move(get));

  routes.push_back(updateRoute(panel, jobColumns));
  routes.push_back(renameRoute(panel, jobColumns));

  Route removal =
      jobRoute(Method::kDelete, "/api/v1/domains/{domain}", "domain.delete", "domains:write",
               "Stops serving a domain and takes it from its account.");
  removal.extent = Extent::kReach;
  removal.cli = Cli{"domain delete", {"domain"}, jobColumns};
  removal.handler = [panel](const Call& call) {
    return jobReply(call, *panel,
                    panel->removeDomain(call.actor, call.pathValue("domain"), call.mode));
  };
  routes.push_back(std::move(removal));
  return routes;
}

}  // namespace bulkhead::api
