// apart: the programs that need a right which the agent itself must never hold. systemd starts each
// as a unit of its own with that right alone, in a file system where it can write what it owns, and
// without everything else. So neither the agent nor a worker has CAP_NET_ADMIN, CAP_NET_RAW or
// CAP_SYS_ADMIN, and nothing that one of them is talked into can use them.
#pragma once
#include <array>
#include <optional>

#include "agent/host/transient.h"

namespace bulkhead::agent {

inline constexpr const char* kQuotaProgram = "/usr/libexec/bulkhead/bulkhead-quota";

// The unit that the command runs in; nothing for a program that the agent starts as its own child.
std::optional<TransientUnit> unitApart(const Command& command, const std::string& path);

}  // namespace bulkhead::agent
