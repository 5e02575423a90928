#include "common/audit/ecs.h"

#include "common/audit/record.h"
#include "common/core/json.h"
#include "common/core/json_members.h"

#include <nlohmann/json.hpp>

namespace bulkhead {
namespace {

constexpr const char* kVersion = "8.11.0";
constexpr std::uint64_t kNanosOfMicro = 1000;

Json typesOf(std::string_view kind) {
  if (kind == "deny") return {"denied"};
  if (kind == "intent") return {"start"};
  if (kind == "outcome") return {"change", "end"};
  return {"info"};
}

// Of an intent nobody knows yet.
std::string outcomeOf(const AuditLine& line) {
  if (line.kind == "intent") return "unknown";
  return line.code == "ok" ? "success" : "failure";
}

Json eventOf(const AuditLine& line, const Json& record) {
  Json event = {{"kind", "event"},
                {"category", {"configuration"}},
                {"type", typesOf(line.kind)},
                {"action", line.op},
                {"outcome", outcomeOf(line)},
                {"module", "bulkhead"},
                {"dataset", "bulkhead.audit"},
                {"sequence", line.seq},
                {"id", textAt(record, {"hash"})}};
  if (!line.code.empty()) event["code"] = line.code;
  if (!line.message.empty()) event["reason"] = line.message;
  if (line.kind == "outcome") event["duration"] = numberAt(record, {"dur_us"}) * kNanosOfMicro;
  return event;
}

}  // namespace

Result<std::string> ecsLine(std::string_view auditLine) {
  TRY_ASSIGN(const AuditLine line, parseAuditLine(auditLine));
  TRY_ASSIGN(const Json record, parseJson(auditLine));
  const Json* const params = memberAt(record, {"params"});
  Json out = {{"@timestamp", line.time},
              {"ecs", {{"version", kVersion}}},
              {"event", eventOf(line, record)},
              {"process", {{"pid", numberAt(record, {"peer", "pid"})}}},
              {"user", {{"id", std::to_string(numberAt(record, {"peer", "uid"}))}}},
              {"host", {{"boot", {{"id", textAt(record, {"boot_id"})}}}}}};
  if (!line.actor.empty()) out["user"]["name"] = line.actor;
  if (!line.account.empty()) out["user"]["target"] = {{"name", line.account}};
  if (!line.requestId.empty()) out["http"] = {{"request", {{"id", line.requestId}}}};
  if (const auto trace = textAt(record, {"trace"}); !trace.empty()) out["trace"] = {{"id", trace}};
  out["bulkhead"] = {{"kind", line.kind},
                     {"op_id", line.opId},
                     {"params", params == nullptr ? Json::object() : *params}};
  return printJson(out);
}

}  // namespace bulkhead
