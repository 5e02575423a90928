// Runs a piece of work as an account: in a child process with its uid and gid, no other group, no
// capability, no way back and no descriptor but the one that is handed over. What the tenant can do
// to such a child (stop it, kill it) costs nobody else anything.
#pragma once
#include <chrono>
#include <functional>
#include <string>

#include "agent/host/host.h"

namespace bulkhead::agent {

struct AccountWork {
  std::chrono::milliseconds timeLimit{10000};
  std::size_t resultBytesMax = 4096;
  int kept = -1;  // a descriptor that the work may use; it is given the child's number of it
};

// Answers what the work answered. kTimeout and kLimitExceeded end the child; kUnavailable when it
// ended before its answer.
Result<std::string> runAsAccount(const Identity& who,
                                 const AccountWork& limits,
                                 const std::function<Result<std::string>(int kept)>& work);

}  // namespace bulkhead::agent
