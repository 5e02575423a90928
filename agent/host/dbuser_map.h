// dbuser_map: the file that tells MySQL Governor whose each database user is, a line
// "DATABASE_USER ACCOUNT UID" each. A call changes one account's lines and keeps all others.
#pragma once
#include <string>
#include <vector>

#include "agent/host/evidence.h"
#include "agent/host/host.h"
#include "common/core/result.h"
#include "common/types/host_names.h"

namespace bulkhead::agent::dbuser_map {

inline constexpr const char* kPath = "/etc/container/dbuser-map";

// kConflict when another account has one of them.
Result<Ok> check(const Host& host, const Identity& who, const std::vector<DatabaseUserName>& users);
// These are all that the account has; a file that says so already is not touched, for Governor goes
// by its time stamp. kConflict as check() has it. No file and no users: nothing to do.
Result<Ok> put(Host& host, const Identity& who, const std::vector<DatabaseUserName>& users);
Result<Proof> prove(const Host& host,
                    const Identity& who,
                    const std::vector<DatabaseUserName>& users);
// The lines of all hosting accounts go, and the file with the last of its lines.
Result<Ok> clear(Host& host);

}  // namespace bulkhead::agent::dbuser_map
