#include "cli/audit_explain.h"

#include <unistd.h>

#include <algorithm>
#include <functional>
#include <iostream>

#include <capnp/schema.h>

#include "cli/agent_call.h"
#include "cli/output.h"

#include <nlohmann/json.hpp>

namespace bulkhead::cli {
namespace {

constexpr auto kReplayLimit = 600 * kj::SECONDS;  // above every operation's own limit
constexpr std::uint16_t kPage = 100;
constexpr std::size_t kRecordsMax = 1000;  // a request that has made more is one to look at by hand
constexpr std::uint64_t kMicrosAMilli = 1000;

std::string textOf(capnp::Text::Reader text) { return {text.begin(), text.end()}; }

std::string word(const Json& record, const char* key) {
  const auto found = record.find(key);
  return found != record.end() && found->is_string() ? printable(found->get<std::string>()) : "";
}

// "asked", "done", ... in the words of whoever reads it.
std::string verdictOf(const Json& record) {
  const std::string kind = word(record, "kind");
  const Json result = record.value("result", Json::object());
  const std::string code = word(result, "code");
  const std::string message = word(result, "message");
  if (kind == "intent") return "allowed; to be done";
  if (kind == "deny") return "refused (" + code + "): " + message;
  if (kind == "preview") return "tried dry";
  if (kind == "recover") return "cut off: " + message;
  const auto millis = record.value("dur_us", std::uint64_t{0}) / kMicrosAMilli;
  if (code == "ok") return "done, and seen from outside, in " + std::to_string(millis) + " ms";
  return "failed (" + code + "): " + message;
}

Result<std::vector<Json>> recordsBy(
    const std::function<void(rpc::AuditQuery::Builder, std::uint64_t before)>& query,
    std::size_t atMost) {
  return withAgent(
      [&](rpc::Agent::Client agent, kj::AsyncIoContext& io) -> Result<std::vector<Json>> {
        std::vector<Json> records;
        std::uint64_t before = 0;
        for (bool more = true; more && records.size() < atMost;) {
          auto request = agent.auditListRequest();
          request.initContext().setActor("local:root");
          query(request.initParams(), before);
          auto response =
              io.provider->getTimer().timeoutAfter(kReadLimit, request.send()).wait(io.waitScope);
          TRY(refusal(response));
          const auto lines = response.getOk().getRecords();
          for (const auto line : lines) {
            TRY_ASSIGN(auto record, parseJson(textOf(line)));
            before = record.value("seq", std::uint64_t{0});
            records.push_back(std::move(record));
          }
          more = response.getOk().getMore() && lines.size() > 0;
        }
        return records;
      });
}

Result<Ok> setField(capnp::DynamicStruct::Builder out,
                    capnp::StructSchema::Field field,
                    const std::string& name,
                    const Json& value) {
  const auto type = field.getType();
  const Error odd{Code::kUnsupported, name + ": the record did not keep the value", ""};
  if (value.is_object()) return odd;  // its digest
  if (type.isText() && value.is_string()) {
    const auto text = value.get<std::string>();
    out.set(field, capnp::Text::Reader(text.c_str(), text.size()));  // a NUL in it stays
  } else if (type.isEnum() && value.is_string()) {
    KJ_IF_MAYBE (known, type.asEnum().findEnumerantByName(value.get<std::string>().c_str())) {
      out.set(field, capnp::DynamicEnum(*known));
    } else {
      return odd;
    }
  } else if (type.isBool() && value.is_boolean()) {
    out.set(field, value.get<bool>());
  } else if (value.is_number_unsigned()) {
    out.set(field, value.get<std::uint64_t>());
  } else if (value.is_number_integer()) {
    out.set(field, value.get<std::int64_t>());
  } else if (type.isList() && value.is_array()) {
    auto list = out.init(field, static_cast<capnp::uint>(value.size())).as<capnp::DynamicList>();
    for (capnp::uint i = 0; i < list.size(); ++i) {
      if (!value[i].is_string()) return odd;
      list.set(i, value[i].get<std::string>().c_str());
    }
  } else {
    return odd;
  }
  return Ok{};
}

Result<Ok> fill(const Json& params,
                capnp::DynamicStruct::Builder out,
                const std::string& prefix,
                std::vector<std::string>& left) {
  for (const auto field : out.getSchema().getNonUnionFields()) {
    const std::string name = prefix + field.getProto().getName().cStr();
    if (field.getType().isStruct()) {
      TRY(fill(params, out.init(field).as<capnp::DynamicStruct>(), name + ".", left));
    } else if (const auto found = params.find(name); found == params.end()) {
      left.push_back(name);
    } else {
      TRY(setField(out, field, name, *found));
    }
  }
  return Ok{};
}

ExitCode notRoot(const char* command) {
  return complain({Code::kPermissionDenied, "this needs root: it asks the agent itself", ""},
                  std::string("sudo bulkhead audit ") + command);
}

std::string kindOf(rpc::Change::Kind kind) {
  const auto all = capnp::Schema::from<rpc::Change::Kind>().getEnumerants();
  const auto number = static_cast<unsigned>(kind);
  return number < all.size() ? all[number].getProto().getName().cStr() : "change";
}

// The same call again, dry. Answers the changes it would make.
Result<Json> replay(const Json& record, std::vector<std::string>& left) {
  return withAgent([&](rpc::Agent::Client agent, kj::AsyncIoContext& io) -> Result<Json> {
    const auto name = methodOfOperation(word(record, "op"));
    KJ_IF_MAYBE (method, capnp::Schema::from<rpc::Agent>().findMethodByName(name.c_str())) {
      (void)method;
    } else {
      return Error{Code::kUnsupported, word(record, "op") + ": no operation of this agent", ""};
    }
    capnp::DynamicCapability::Client any = agent;
    auto request = any.newRequest(name.c_str());
    auto context = request.init("context").as<capnp::DynamicStruct>();
    context.set("actor", "local:root");
    context.set("dryRun", true);
    TRY(fill(record.value("params", Json::object()),
             request.init("params").as<capnp::DynamicStruct>(), "", left));
    auto response =
        io.provider->getTimer().timeoutAfter(kReplayLimit, request.send()).wait(io.waitScope);
    if (response.has("error", capnp::HasMode::NON_NULL)) {
      const auto error = response.get("error").as<capnp::DynamicStruct>().as<rpc::Error>();
      return Error{codeFromName(textOf(error.getCode())), textOf(error.getMessage()),
                   textOf(error.getField())};
    }
    Json changes = Json::array();
    for (const auto item : response.get("preview").as<capnp::DynamicList>()) {
      const auto change = item.as<capnp::DynamicStruct>().as<rpc::Change>();
      changes.push_back({{"kind", kindOf(change.getKind())},
                         {"target", textOf(change.getTarget())},
                         {"diff", textOf(change.getDiff())}});
    }
    return changes;
  });
}

}  // namespace

std::string methodOfOperation(const std::string& operation) {
  std::string name;
  for (std::size_t i = 0; i < operation.size(); ++i) {
    if (operation[i] != '.' || i + 1 == operation.size())
      name += operation[i];
    else
      name += static_cast<char>(operation[++i] - 'a' + 'A');
  }
  return name;
}

Result<Ok> fillFromRecord(const Json& params,
                          capnp::DynamicStruct::Builder out,
                          std::vector<std::string>& left) {
  return fill(params, out, "", left);
}

std::string renderWhy(const std::vector<Json>& records) {
  std::string text;
  for (auto record = records.rbegin(); record != records.rend(); ++record) {
    const std::string account = word(*record, "account");
    text += word(*record, "ts") + "  " + word(*record, "op") +
            (account.empty() ? "" : " " + account) + " for " + word(*record, "actor") + ": " +
            verdictOf(*record) + " (record " +
            std::to_string(record->value("seq", std::uint64_t{0})) + ")\n";
  }
  return text;
}

ExitCode runAuditWhy(const std::string& requestId, bool json) {
  if (::geteuid() != 0) return notRoot("why REQUEST");
  const auto records = recordsBy(
      [&requestId](rpc::AuditQuery::Builder query, std::uint64_t before) {
        query.setRequestId(requestId.c_str());
        query.setLimit(kPage);
        query.setBefore(before);
      },
      kRecordsMax);
  if (!records.ok()) return complain(records.error(), "look at: systemctl status bulkhead-agent");
  if (records->empty())
    return complain(
        {Code::kNotFound, "the agent has no record of that request", ""},
        "the REST server refused it by itself, or only read: journalctl -u bulkhead-api");
  if (json) {
    Json all = Json::array();
    for (auto record = records->rbegin(); record != records->rend(); ++record)
      all.push_back(*record);
    std::cout << printJson(all) << "\n";
  } else {
    std::cout << renderWhy(*records);
  }
  return ExitCode::kOk;
}

ExitCode runAuditReplay(std::uint64_t seq, bool json) {
  if (::geteuid() != 0) return notRoot("replay RECORD");
  const auto found = recordsBy(
      [seq](rpc::AuditQuery::Builder query, std::uint64_t) {
        query.setBefore(seq + 1);
        query.setLimit(1);
      },
      1);
  if (!found.ok()) return complain(found.error(), "look at: systemctl status bulkhead-agent");
  if (found->empty() || found->front().value("seq", std::uint64_t{0}) != seq)
    return complain({Code::kNotFound, "there is no record " + std::to_string(seq), ""},
                    "bulkhead audit list shows their numbers (seq)");
  const Json& record = found->front();
  const std::string kind = word(record, "kind");
  if (kind != "intent" && kind != "preview" && kind != "deny")
    return complain({Code::kUnsupported,
                     "record " + std::to_string(seq) + " (" + kind +
                         ") says how something went, not what was asked",
                     ""},
                    "take the one with the same op_id whose kind is intent");
  std::vector<std::string> left;
  const auto changes = replay(record, left);
  for (const auto& name : left)
    std::cerr << "not in the record, left as nothing: " << name << "\n";
  if (!changes.ok()) return complain(changes.error(), "so it would be refused today");
  if (json) {
    std::cout << printJson(*changes) << "\n";
    return ExitCode::kOk;
  }
  for (const auto& change : *changes) {
    std::cout << word(change, "kind") << " " << word(change, "target") << "\n";
    std::string diff = change.value("diff", "");
    for (std::size_t end = 0; !diff.empty(); diff.erase(0, end)) {
      end = std::min(diff.find('\n'), diff.size() - 1) + 1;
      std::cout << "  " << printable(std::string_view(diff).substr(0, end - 1)) << "\n";
    }
  }
  if (changes->empty()) std::cout << "it would change nothing\n";
  return ExitCode::kOk;
}

}  // namespace bulkhead::cli
