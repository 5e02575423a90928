// `bulkhead lockdown on|off|status`: the kill-switch. The agent keeps it, so it holds whatever has
// become of the panel; the panel follows within a second.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>

#include "cli/client.h"
#include "cli/exit_code.h"
#include "common/core/result.h"

namespace bulkhead::cli {

struct LockdownFacts {
  bool on = false;
  std::int64_t since = 0;  // Unix seconds; 0 when it is off, or not known any more
};
enum class LockdownVerb { kOn, kOff, kStatus };

struct LockdownOptions {
  // How long the panel may take to follow.
  std::chrono::milliseconds patience{15000};
  std::chrono::milliseconds pause{200};  // between two looks at it
};

// `ask` is the agent. Ends with kUnreachable when the agent does what is asked and the panel does
// not show it in time: it is locked then, and sessions end when the panel starts.
ExitCode runLockdown(LockdownVerb verb,
                     const std::function<Result<LockdownFacts>(LockdownVerb)>& ask,
                     const Client& panel,
                     const LockdownOptions& options,
                     bool json);
// Asks this host's agent; root only.
ExitCode runLockdown(LockdownVerb verb, const Client& panel, bool json);

}  // namespace bulkhead::cli
