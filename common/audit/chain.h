// The hash chain over audit records: hash = SHA-256(previous hash || line up to ,"hash":). Shows
// any changed, missing, added or moved record. What it cannot show by itself is a log whose end was
// cut off at a line's end: compare the report's head with one that was noted elsewhere.
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
  kTruncated,   // the last line is cut
};
std::string_view chainFaultName(ChainFault fault);  // "edited"

struct ChainFinding {
  ChainFault fault = ChainFault::kEdited;
  std::uint64_t seq = 0;   // the first record that cannot be believed
  std::string file;        // name of the segment
  std::uint64_t line = 0;  // from 1
};

struct ChainReport {
  std::uint64_t records = 0;  // good ones, before the finding
  ChainHead head;             // the last good one
  std::optional<ChainFinding> finding;
};

// Segments are audit-<20 digits: first seq>.jsonl, so that names sort in the order of the chain.
struct AuditSegment {
  std::uint64_t firstSeq = 0;
  std::string name;
};
std::string segmentName(std::uint64_t firstSeq);
std::optional<std::uint64_t> parseSegmentName(std::string_view name);
Result<std::vector<AuditSegment>> listSegments(const std::string& directory);  // sorted

// Reads the whole log. An error means that it could not be read (kNotFound, kUnavailable); a broken
// chain is a finding. May run while the agent writes.
Result<ChainReport> verifyAudit(const std::string& directory);

}  // namespace bulkhead
