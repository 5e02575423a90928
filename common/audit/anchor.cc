#include "common/audit/anchor.h"

#include <algorithm>

#include "common/audit/digest.h"
#include "common/core/json.h"

#include <nlohmann/json.hpp>

namespace bulkhead {
namespace {

constexpr std::string_view kStatement = "bulkhead audit anchor 1";
// An entry of the journal with all its fields.
constexpr std::size_t kJournalLineBytesMax = 65536;
constexpr JsonLimits kLimits{.bytes = kJournalLineBytesMax, .depth = 4, .values = 1024};

// As auditTimeText() writes it: "2026-01-02T03:04:05.678901Z". It is printed again.
bool isTimeText(std::string_view text) {
  constexpr std::string_view kShape = "0000-00-00T00:00:00.000000Z";
  return text.size() == kShape.size() &&
         std::equal(text.begin(), text.end(), kShape.begin(), [](char c, char shape) {
           return shape == '0' ? c >= '0' && c <= '9' : c == shape;
         });
}

Result<AuditAnchor> parseLine(std::string_view line) {
  TRY_ASSIGN(const Json json, parseJson(line, kLimits));
  if (json.is_object() && json.contains("MESSAGE") && json.at("MESSAGE").is_string())
    return AuditAnchor::parse(json.at("MESSAGE").get<std::string>());
  return AuditAnchor::parse(line);
}

}  // namespace

std::string AuditAnchor::statement() const {
  std::string text(kStatement);
  for (const auto& part :
       {publicKey, std::to_string(seq), hash, std::to_string(epoch), std::to_string(count), time})
    text += "\n" + part;
  return text;
}

AuditAnchor AuditAnchor::sign(AuditAnchor unsignedAnchor, const AuditKeys& keys) {
  unsignedAnchor.publicKey = keys.publicKey;
  unsignedAnchor.signature = keys.sign(unsignedAnchor.statement());
  return unsignedAnchor;
}

Result<AuditAnchor> AuditAnchor::parse(std::string_view line) {
  const Error refused{Code::kInvalidArgument, "that is not an anchor of an audit log", ""};
  if (line.size() > kAnchorBytesMax) return refused;
  const auto parsed = parseJson(line, kLimits);
  if (!parsed.ok()) return refused;
  const Json& json = *parsed;
  AuditAnchor anchor;
  try {
    if (json.at("anchor").get<int>() != 1) return refused;
    anchor.publicKey = json.at("key").get<std::string>();
    anchor.seq = json.at("seq").get<std::uint64_t>();
    anchor.hash = json.at("hash").get<std::string>();
    anchor.epoch = json.at("epoch").get<std::uint64_t>();
    anchor.count = json.at("count").get<std::uint64_t>();
    anchor.time = json.at("time").get<std::string>();
    anchor.signature = json.at("sig").get<std::string>();
  } catch (const nlohmann::json::exception&) {
    return refused;
  }
  if (!isDigestText(anchor.publicKey) || !isDigestText(anchor.hash) || anchor.seq == 0 ||
      !isTimeText(anchor.time) ||
      !isSignedBy(anchor.publicKey, anchor.statement(), anchor.signature))
    return refused;
  return anchor;
}

std::string AuditAnchor::line() const {
  return "{\"anchor\":1,\"key\":\"" + publicKey + "\",\"seq\":" + std::to_string(seq) +
         ",\"hash\":\"" + hash + "\",\"epoch\":" + std::to_string(epoch) +
         ",\"count\":" + std::to_string(count) + ",\"time\":\"" + time + "\",\"sig\":\"" +
         signature + "\"}";
}

AnchorLines readAnchors(std::string_view text) {
  AnchorLines lines;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    auto anchor = parseLine(line);
    if (anchor.ok())
      lines.anchors.push_back(std::move(anchor).value());
    else
      lines.bad.push_back(number);
  }
  std::stable_sort(lines.anchors.begin(), lines.anchors.end(),
                   [](const auto& a, const auto& b) { return a.seq < b.seq; });
  return lines;
}

Result<std::vector<AuditAnchor>> parseAnchors(std::string_view text) {
  auto lines = readAnchors(text);
  if (!lines.bad.empty())
    return Error{Code::kInvalidArgument,
                 "line " + std::to_string(lines.bad.front()) + " is not an anchor of an audit log",
                 ""};
  if (lines.anchors.empty())
    return Error{Code::kInvalidArgument, "there is no anchor, so nothing can be compared", ""};
  return std::move(lines.anchors);
}

}  // namespace bulkhead
