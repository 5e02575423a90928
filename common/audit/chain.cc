#include "common/audit/chain.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>

#include "common/audit/digest.h"
#include "common/audit/record.h"

namespace bulkhead {
namespace {

constexpr std::string_view kStartOfLine = "{\"v\":1,\"seq\":";
constexpr std::string_view kBeforePrev = ",\"prev\":\"";
constexpr std::string_view kBeforeHash = "\",\"hash\":\"";
constexpr std::string_view kBeforeMac = "\",\"mac\":\"";
constexpr std::string_view kEndOfLine = "\"}";
constexpr std::string_view kSegmentPrefix = "audit-";
constexpr std::string_view kSegmentSuffix = ".jsonl";
constexpr std::size_t kSegmentDigits = 20;  // of the largest 64-bit number

struct FaultName {
  ChainFault fault;
  std::string_view name;
};
constexpr std::array kFaults = {
    FaultName{ChainFault::kEdited, "edited"},
    FaultName{ChainFault::kDeleted, "deleted"},
    FaultName{ChainFault::kDuplicated, "duplicated"},
    FaultName{ChainFault::kReordered, "reordered"},
    FaultName{ChainFault::kSpliced, "spliced"},
    FaultName{ChainFault::kTruncated, "truncated"},
    FaultName{ChainFault::kKey, "key"},
    FaultName{ChainFault::kClock, "clock"},
    FaultName{ChainFault::kRewritten, "rewritten"},
};

// Cuts `expected` off the end of `line`; false when the line ends differently.
bool cutEnd(std::string_view& line, std::string_view expected) {
  if (!line.ends_with(expected)) return false;
  line.remove_suffix(expected.size());
  return true;
}

std::optional<std::string_view> cutDigest(std::string_view& line) {
  if (line.size() < kDigestTextBytes) return std::nullopt;
  const auto digest = line.substr(line.size() - kDigestTextBytes);
  if (!isDigestText(digest)) return std::nullopt;
  line.remove_suffix(kDigestTextBytes);
  return digest;
}

}  // namespace

std::string_view chainFaultName(ChainFault fault) {
  for (const auto& entry : kFaults)
    if (entry.fault == fault) return entry.name;
  return "edited";
}

std::optional<ChainLink> readLink(std::string_view line) {
  if (line.size() >= kRecordBytesMax || !line.starts_with(kStartOfLine)) return std::nullopt;
  ChainLink link;
  const char* number = line.data() + kStartOfLine.size();
  const auto parsed = std::from_chars(number, line.data() + line.size(), link.seq);
  if (parsed.ec != std::errc() || *number == '0') return std::nullopt;

  std::string_view rest = line;
  if (!cutEnd(rest, kEndOfLine)) return std::nullopt;
  auto hash = cutDigest(rest);
  if (hash && cutEnd(rest, kBeforeMac)) {
    link.mac = *hash;
    hash = cutDigest(rest);
  }
  if (!hash || !cutEnd(rest, kBeforeHash)) return std::nullopt;
  const std::string_view body = line.substr(0, rest.size() + 1);  // with the quote that ends prev
  const auto prev = cutDigest(rest);
  if (!prev || !cutEnd(rest, kBeforePrev)) return std::nullopt;
  link.prev = *prev;
  link.hash = *hash;
  link.intact = chainHashHex(link.prev, body) == link.hash;
  return link;
}

bool follows(const ChainHead& head, const ChainLink& link) {
  return link.intact && link.seq == head.seq + 1 && link.prev == head.hash;
}

std::string segmentName(std::uint64_t firstSeq) {
  std::string digits = std::to_string(firstSeq);
  digits.insert(0, kSegmentDigits - digits.size(), '0');
  return std::string(kSegmentPrefix) + digits + std::string(kSegmentSuffix);
}

std::optional<std::uint64_t> parseSegmentName(std::string_view name) {
  if (!name.starts_with(kSegmentPrefix) || !name.ends_with(kSegmentSuffix)) return std::nullopt;
  name.remove_prefix(kSegmentPrefix.size());
  name.remove_suffix(kSegmentSuffix.size());
  std::uint64_t first = 0;
  const auto parsed = std::from_chars(name.data(), name.data() + name.size(), first);
  if (name.size() != kSegmentDigits || parsed.ec != std::errc() ||
      parsed.ptr != name.data() + name.size())
    return std::nullopt;
  return first;
}

Result<std::vector<AuditSegment>> listSegments(const std::string& directory) {
  std::error_code failure;
  std::filesystem::directory_iterator entries(directory, failure);
  if (failure == std::errc::no_such_file_or_directory)
    return Error{Code::kNotFound, "there is no audit log in " + directory, ""};
  if (failure) return Error{Code::kUnavailable, "cannot read " + directory, ""};
  std::vector<AuditSegment> segments;
  for (; entries != std::filesystem::directory_iterator(); entries.increment(failure)) {
    const std::string name = entries->path().filename().string();
    if (const auto first = parseSegmentName(name)) segments.push_back({*first, name});
    if (failure) break;
  }
  if (failure) return Error{Code::kUnavailable, "cannot read " + directory, ""};
  std::sort(segments.begin(), segments.end(),
            [](const auto& a, const auto& b) { return a.firstSeq < b.firstSeq; });
  return segments;
}

}  // namespace bulkhead
