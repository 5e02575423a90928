// The audit log, as the agent wrote it.
#include <limits>

#include "api/http/model_json.h"
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

// Written by common/audit/record.cc; what a kind of record does not have is "" or 0.
Schema recordSchema() {
  const auto count = [](std::string description) {
    return Schema::integer(std::move(description), 0, std::numeric_limits<std::int64_t>::max());
  };
  Schema peer = Schema::object("", "Who called the agent, as the kernel says.",
                               {required("uid", count("User.")), required("gid", count("Group.")),
                                required("pid", count("Process."))});
  Schema result =
      Schema::object("", "How it ended; an intent has none yet.",
                     {required("code", Schema::text("\"ok\", or the code of a refusal.")),
                      required("message", Schema::text("In words."))});
  return Schema::object(
      "AuditRecord", "A record of the audit log.",
      {required("v", count("Version of the format.")), required("seq", count("Its number.")),
       required("ts", timestampSchema("When.")), required("mono_ns", count("Time since boot.")),
       required("boot_id", Schema::text("Which boot.")),
       required("kind", Schema::text("\"intent\" before an act, \"outcome\" after it, ...")),
       required("op", Schema::text("The operation.")),
       required("op_id", Schema::text("The same in intent and outcome.")),
       required("req_id", Schema::text("The request that caused it.")),
       required("actor", Schema::text("On whose behalf.")),
       required("trace", Schema::text("The caller's own number for it.")),
       required("peer", std::move(peer)), required("account", Schema::text("The hosting account.")),
       required("params", Schema::any("What was asked; long values as digests.")),
       required("result", std::move(result)), required("dur_us", count("How long it took.")),
       required("prev", Schema::text("Hash of the record before.")),
       required("hash", Schema::text("Hash of this one.")),
       optional("mac", Schema::text("Its seal; records from before there were keys have none."))});
}

}  // namespace

std::vector<Route> auditRoutes(const Services& services) {
  Panel* panel = services.panel;
  Route route = readRoute(Lane::kWorker, "/api/v1/audit", "audit.list", "audit:read",
                          "Lists the audit records, newest first.");
  route.answer = Answer::kList;
  route.response = recordSchema();
  route.query = {
      optional("account", Schema::text("Only those about this account (id or username).",
                                       Format::kAccountRef)),
      optional("request_id", Schema::text("Only those of this request.", Format::kRequestId)),
      optional("kind", Schema::choice("Only records of this kind.",
                                      {"start", "intent", "outcome", "preview", "deny", "recover",
                                       "rotate", "key", "checkpoint"}))};
  route.cli = Cli{"audit list",
                  {},
                  {"seq", "ts", "kind", "op", "account", "actor", "result"},
                  ListOrder::kNewestFirst};
  route.handler = [panel](const Call& call) { return list(*panel, call); };
  std::vector<Route> routes;
  routes.push_back(std::move(route));
  return routes;
}

}  // namespace bulkhead::api
