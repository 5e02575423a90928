// Reads the audit log newest first, segment by segment from the end. Works on any Host.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "agent/host/host.h"
#include "common/audit/chain.h"
#include "common/core/result.h"

namespace bulkhead::agent {

inline constexpr std::uint16_t kAuditPageMax = 100;       // 100 records of 8 KiB fit into one reply
inline constexpr std::size_t kSegmentsSearchedMax = 128;  // 1 GiB: some seconds

struct AuditFilter {
  std::uint64_t before = 0;  // only older records than this one; 0 = from the newest
  std::uint16_t limit = 50;
  std::string account = {}, requestId = {}, kind = {};  // "" = any
};

struct AuditRecords {
  std::vector<std::string> lines;  // as in the file
  bool more = false;               // older ones match, too
};

// kLimitExceeded when too much would have to be searched; say `before` then.
Result<AuditRecords> queryAudit(const Host& host,
                                const AuditFilter& filter,
                                const std::string& directory = kAuditDirectory);

}  // namespace bulkhead::agent
