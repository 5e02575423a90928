#include "common/audit/record.h"

#include <algorithm>
#include <array>
#include <ctime>

#include "common/audit/digest.h"
#include "common/core/escape.h"
#include "common/core/json.h"

#include <nlohmann/json.hpp>

namespace bulkhead {
namespace {

// What the peer says is cut to what an honest peer needs; one byte may take six when escaped.
constexpr std::size_t kIdBytesMax = 64;
constexpr std::size_t kActorBytesMax = 128;
constexpr std::size_t kMessageBytesMax = 256;

struct KindName {
  AuditKind kind;
  std::string_view name;
};
constexpr std::array kKinds = {
    KindName{AuditKind::kStart, "start"},
    KindName{AuditKind::kIntent, "intent"},
    KindName{AuditKind::kOutcome, "outcome"},
    KindName{AuditKind::kPreview, "preview"},
    KindName{AuditKind::kDeny, "deny"},
    KindName{AuditKind::kRecover, "recover"},
    KindName{AuditKind::kRotate, "rotate"},
    KindName{AuditKind::kKey, "key"},
    KindName{AuditKind::kCheckpoint, "checkpoint"},
};

// Kinds whose parameters are the writer's own; those of an operation may be called the same.
bool namesKeys(std::string_view kind) {
  return kind == auditKindName(AuditKind::kKey) || kind == auditKindName(AuditKind::kRotate) ||
         kind == auditKindName(AuditKind::kCheckpoint);
}

std::string digestOf(std::string_view text) {
  return "{\"sha256\":\"" + sha256Hex(text) + "\",\"bytes\":" + std::to_string(text.size()) + "}";
}

// NUL is no text for any reader of JSON here: it would hide the record from them.
std::string quotedText(std::string_view value) {
  if (value.find('\0') == std::string_view::npos) return quoteAscii(value);
  std::string shown;
  for (const char c : value)
    shown += c == '\0' ? std::string("\xef\xbf\xbd") : std::string(1, c);
  return quoteAscii(shown);
}

struct ValueText {
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(std::uint64_t value) const { return std::to_string(value); }
  std::string operator()(const std::string& value) const { return quotedText(value); }
  std::string operator()(const std::vector<std::string>& values) const {
    std::string text = "[";
    for (const auto& value : values) {
      if (text.size() > 1) text += ',';
      text += quotedText(value);
    }
    return text + "]";
  }
};

std::string paramsText(const std::vector<AuditParam>& params, std::size_t valueBytesMax) {
  std::string text = "{";
  for (const auto& param : params) {
    if (text.size() > 1) text += ',';
    const std::string value = std::visit(ValueText{}, param.value);
    text += quotedText(param.name) + ":";
    text += value.size() <= valueBytesMax ? value : digestOf(value);
  }
  return text + "}";
}

class LineBuilder {
 public:
  void raw(std::string_view key, std::string_view value) {
    text_ += text_.empty() ? "{\"" : ",\"";
    text_.append(key).append("\":").append(value);
  }
  void number(std::string_view key, std::uint64_t value) { raw(key, std::to_string(value)); }
  void text(std::string_view key, std::string_view value, std::size_t bytesMax) {
    raw(key, quotedText(value.substr(0, bytesMax)));
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string bodyOf(const AuditRecord& record, const AuditStamp& stamp, const std::string& params) {
  LineBuilder line;
  line.number("v", 1);
  line.number("seq", stamp.seq);
  line.text("ts", auditTimeText(stamp.time.unixMicros), kIdBytesMax);
  line.number("mono_ns", stamp.time.monotonicNanos);
  line.text("boot_id", stamp.bootId, kIdBytesMax);
  line.text("kind", auditKindName(record.kind), kIdBytesMax);
  line.text("op", record.op, kIdBytesMax);
  line.text("op_id", record.opId, kIdBytesMax);
  line.text("req_id", record.requestId, kIdBytesMax);
  line.text("actor", record.actor, kActorBytesMax);
  line.text("trace", record.trace, kIdBytesMax);
  line.raw("peer", "{\"uid\":" + std::to_string(record.peer.uid) +
                       ",\"gid\":" + std::to_string(record.peer.gid) +
                       ",\"pid\":" + std::to_string(record.peer.pid) + "}");
  line.text("account", record.account, kIdBytesMax);
  line.raw("params", params);
  line.raw("result", "{\"code\":" + quotedText(record.code.substr(0, kIdBytesMax)) +
                         ",\"message\":" + quotedText(record.message.substr(0, kMessageBytesMax)) +
                         "}");
  line.number("dur_us", record.durationMicros);
  line.text("prev", stamp.prevHash, kDigestTextBytes);
  return line.take();
}

}  // namespace

std::string auditTimeText(std::int64_t unixMicros) {
  const std::time_t seconds = unixMicros / 1000000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S.", &parts);
  const std::string micros = std::to_string(1000000 + unixMicros % 1000000);
  return std::string(text.data(), length) + micros.substr(1) + "Z";
}

std::string_view auditKindName(AuditKind kind) {
  for (const auto& entry : kKinds)
    if (entry.kind == kind) return entry.name;
  return "start";
}

bool isAuditKind(std::string_view name) {
  return std::any_of(kKinds.begin(), kKinds.end(),
                     [&](const auto& entry) { return entry.name == name; });
}

std::string formatAuditRecord(const AuditRecord& record, const AuditStamp& stamp) {
  constexpr std::size_t kTailBytes =
      sizeof(",\"hash\":\"\",\"mac\":\"\"}\n") - 1 + 2 * kDigestTextBytes;
  std::string body = bodyOf(record, stamp, paramsText(record.params, kAuditParamBytesMax));
  if (body.size() + kTailBytes > kRecordBytesMax) {
    // Each value fits, all together do not: one digest over all of them.
    const std::string all = paramsText(record.params, std::string::npos);
    body = bodyOf(record, stamp, "{\"all\":" + digestOf(all) + "}");
  }
  const std::string hash = chainHashHex(stamp.prevHash, body);
  return body + ",\"hash\":\"" + hash + "\"}";
}

std::string sealAuditLine(std::string line, std::string_view macHex) {
  line.pop_back();
  line.append(",\"mac\":\"").append(macHex).append("\"}");
  return line;
}

Result<AuditLine> parseAuditLine(std::string_view line) {
  const JsonLimits limits{.bytes = kRecordBytesMax, .depth = 4, .values = 4096};
  TRY_ASSIGN(const Json json, parseJson(line, limits));
  try {
    AuditLine parsed;
    parsed.seq = json.at("seq").get<std::uint64_t>();
    parsed.time = json.at("ts").get<std::string>();
    parsed.kind = json.at("kind").get<std::string>();
    parsed.op = json.at("op").get<std::string>();
    parsed.opId = json.at("op_id").get<std::string>();
    parsed.requestId = json.at("req_id").get<std::string>();
    parsed.actor = json.at("actor").get<std::string>();
    parsed.account = json.at("account").get<std::string>();
    parsed.code = json.at("result").at("code").get<std::string>();
    parsed.message = json.at("result").at("message").get<std::string>();
    const Json& params = json.at("params");
    if (namesKeys(parsed.kind) && params.contains("key")) {
      parsed.publicKey = params.at("key").get<std::string>();
      parsed.epoch = params.at("epoch").get<std::uint64_t>();
    }
    return parsed;
  } catch (const nlohmann::json::exception&) {
    return Error{Code::kInvalidArgument, "not an audit record", ""};
  }
}

}  // namespace bulkhead
