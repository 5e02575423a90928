// Keeps the users that an administrator adds by hand away from the accounts' uids. useradd gives
// the highest uid in its range plus one; with Debian's range up to 60000 that is, from the first
// account on, a uid that the agent would give next.
#pragma once
#include <string>
#include <string_view>

#include "common/core/result.h"

namespace bulkhead::cli {

inline constexpr unsigned kOrdinaryIdMax = 19999;  // right below the agent's managed range

struct IdLimits {
  std::string content;  // of /etc/login.defs as it should be
  std::string changes;  // "UID_MAX 60000 -> 19999"; "" = content is what it was
};
// Sets UID_MAX and GID_MAX unless they are at most kOrdinaryIdMax already; every other byte stays.
// kConflict when ordinary ids begin above that: nothing would be left for useradd to give.
Result<IdLimits> limitIds(std::string_view loginDefs);

// The same to /etc/login.defs itself, atomically. Answers what it found or changed.
Result<std::string> ensureIdLimits(const std::string& path = "/etc/login.defs");

}  // namespace bulkhead::cli
