// What a freshly forked worker gives up before it looks at a request. Each step is proved; one that
// fails ends the worker.
#pragma once
#include <sys/capability.h>
#include <sys/types.h>

#include <chrono>
#include <vector>

#include "common/core/result.h"

namespace bulkhead::agent {

inline constexpr int kResultFd = 3;  // the only descriptor that survives besides 0-2 (/dev/null)

struct Confinement {
  std::vector<cap_value_t>
      capabilities;                    // permitted, effective and bounding set become exactly these
  std::chrono::seconds timeLimit{30};  // of processor time; the core watches the real time
  int resultFd = -1;                   // becomes kResultFd
  pid_t parent = 0;                    // the worker dies with it
};

// Call right after fork(), in the child, with one thread.
Result<Ok> confine(const Confinement& confinement);

}  // namespace bulkhead::agent
