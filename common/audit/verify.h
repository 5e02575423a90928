// Verification of the whole log: the chain always, the seals when seeds are given, and the end when
// anchors are. Only anchors show a log whose end was cut off at a line's end, or a directory that
// was put back to an older state together with its keys.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/audit/anchor.h"
#include "common/audit/chain.h"
#include "common/audit/keys.h"
#include "common/core/result.h"

namespace bulkhead {

struct VerifyRequest {
  // Of all keys that were ever shown, in any order; records of keys before the first of them are
  // covered by its chain.
  std::vector<AuditSeed> seeds = {};
  std::vector<AuditAnchor> anchors = {};  // sorted, as parseAnchors() answers them
  // A record that is being written looks cut, and is looked at again a moment later.
  enum class Writer { kMayWrite, kNone } writer = Writer::kMayWrite;
};

struct ChainFinding {
  ChainFault fault = ChainFault::kEdited;
  std::uint64_t seq = 0;        // the first record that cannot be believed
  std::string file;             // name of the segment
  std::uint64_t line = 0;       // from 1
  std::uint64_t anchorSeq = 0;  // of the anchor that says so, 0 = the log itself does
};

// What an honest host can do, too: its clock was set, or it was suspended.
struct ClockNotice {
  std::uint64_t seq = 0;  // the first record after it
  std::int64_t seconds = 0;
};
inline constexpr std::size_t kClockNoticesMax = 100;  // of more, the first ones are told

struct ChainReport {
  std::uint64_t records = 0;  // good ones, before the finding
  std::uint64_t sealed = 0;   // of them, whose seal was checked against a seed
  std::size_t anchors = 0;    // that fit
  ChainHead head;             // the last good one
  std::string publicKey;      // of the keys in force at the head, "" = it is not sealed
  std::vector<ClockNotice> clock;
  std::optional<ChainFinding> finding;
};

// Reads the whole log. An error means that it could not be read (kNotFound, kUnavailable); a broken
// log is a finding. May run while the agent writes.
Result<ChainReport> verifyAudit(const std::string& directory, const VerifyRequest& request = {});

}  // namespace bulkhead
