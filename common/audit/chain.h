// The hash chain over audit records: hash = SHA-256(previous hash || line up to ,"hash":), and the
// mac behind it, if any, seals the hash (keys.h). Where a line stands and what it says about that;
// verify.h walks all of them.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/result.h"

namespace bulkhead {

inline constexpr const char* kAuditDirectory = "/var/log/bulkhead/audit";

struct ChainHead {
  std::uint64_t seq = 0;  // of the last record, 0 before the first
  std::string hash = std::string(64, '0');
};

// What one line says about its own place.
struct ChainLink {
  std::uint64_t seq = 0;
  std::string prev;
  std::string hash;
  std::string mac;      // "" = the line is not sealed
  bool intact = false;  // the hash fits the line's own bytes and prev
};
// Nothing when the line is not of the written form at all.
std::optional<ChainLink> readLink(std::string_view line);
bool follows(const ChainHead& head, const ChainLink& link);

enum class ChainFault {
  kEdited,      // the bytes of a record were changed
  kDeleted,     // records are missing
  kDuplicated,  // a record is there twice
  kReordered,   // a record stands after a later one
  kSpliced,     // a record of another chain
  kTruncated,   // the last line is cut, or records are missing at the end
  kKey,         // not sealed by the key that was in force
  kClock,       // the time since boot ran backwards
  kRewritten,   // whole records, but not those that were anchored elsewhere
};
std::string_view chainFaultName(ChainFault fault);  // "edited"

// Segments are audit-<20 digits: first seq>.jsonl, so that names sort in the order of the chain.
struct AuditSegment {
  std::uint64_t firstSeq = 0;
  std::string name;
};
std::string segmentName(std::uint64_t firstSeq);
std::optional<std::uint64_t> parseSegmentName(std::string_view name);
Result<std::vector<AuditSegment>> listSegments(const std::string& directory);  // sorted

}  // namespace bulkhead
