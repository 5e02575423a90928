// What the end of the log looks like when the agent starts.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/audit/chain.h"
#include "common/audit/record.h"
#include "common/core/result.h"

namespace bulkhead::agent {

// A record and its seal, both hexadecimal.
struct AuditSeal {
  std::string hash, mac;
};

struct AuditTail {
  ChainHead head;
  std::uint64_t size = 0;                     // bytes of whole records in the last segment
  std::string torn;                           // what stands behind them
  std::map<std::string, AuditLine> openActs;  // intents without outcome, by op_id
  std::string publicKey;                      // of the keys in force, "" = the log is not sealed
  std::uint64_t epoch = 0;                    // that the next record belongs to
  std::vector<AuditSeal> seals;               // of that epoch's records so far
};

// Reads the last two segments: an act that runs over a rotation has its intent in the earlier one.
// kConflict when the chain is broken other than by a torn last line.
Result<AuditTail> readTail(const std::string& directory, const std::vector<AuditSegment>& segments);

}  // namespace bulkhead::agent
