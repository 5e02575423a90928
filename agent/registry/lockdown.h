// The lockdown: while its record is there, the agent changes nothing for the panel, whoever has
// taken it over. Root's own socket still can, and only root there removes the record.
#pragma once
#include <cstdint>
#include <optional>

#include "agent/host/host.h"

namespace bulkhead::agent {

inline constexpr const char* kLockdownFile = "/var/lib/bulkhead/agent/lockdown";

struct Lockdown {
  std::int64_t since = 0;  // Unix seconds; 0 when the record does not tell it any more
};

// A record that cannot be read or understood locks, too. nullopt: there is none.
std::optional<Lockdown> lockdownOf(const Host& host);

}  // namespace bulkhead::agent
