// The audit log, as the agent wrote it.
#include "api/http/reply.h"
#include "api/http/routes/routes.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {
namespace {

Answered list(Panel& panel, const Call& call) {
  const Panel::AuditFilter filter{call.queryText("account"), call.queryText("request_id"),
                                  call.queryText("kind")};
  const auto page = panel.audit(filter, call.page);
  if (!page.ok()) return problemOf(page.error());
  Json items = Json::array();
  for (const auto& line : page.value().items) {
    auto record = parseJson(line);
    // The chain is over the exact bytes; a line that cannot be read is a finding for `bulkhead
    // audit verify`, not for a guess.
    if (!record.ok())
      return problemOf(Error{Code::kUnavailable, "a record of the audit log cannot be read", ""});
    items.push_back(std::move(record).value());
  }
  return listReply(call, std::move(items), page.value().nextCursor);
}

}  // namespace

std::vector<Route> auditRoutes(const Services& services) {
  Panel* panel = services.panel;
  Route route = readRoute("/api/v1/audit", "audit.list", "audit:read",
                          "Lists the audit records, newest first.");
  route.answer = Answer::kList;
  route.response = Schema::any("A record of the audit log.");
  route.query = {
      optional("account", Schema::text("Only those about this account (id or username).",
                                       Format::kAccountRef)),
      optional("request_id", Schema::text("Only those of this request.", Format::kRequestId)),
      optional("kind", Schema::text("Only this operation.", Format::kOperation))};
  route.cli = Cli{"audit list", {}, {}};
  route.handler = [panel](const Call& call) { return list(*panel, call); };
  std::vector<Route> routes;
  routes.push_back(std::move(route));
  return routes;
}

}  // namespace bulkhead::api
