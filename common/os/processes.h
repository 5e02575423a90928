// Processes as /proc shows them: whose they are, what they started, and how to end all of them.
#pragma once
#include <sys/types.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "common/core/result.h"

namespace bulkhead::os {

struct Process {
  pid_t pid = 0;
  pid_t parent = 0;
  pid_t session = 0;
  std::uint64_t started = 0;    // ticks since boot: with the pid it names one process for ever
  std::array<uid_t, 4> uids{};  // real, effective, saved, file system
  bool dead = false;  // a zombie: it holds nothing and cannot act; its parent has yet to look
  std::string name;
};

// All processes that exist. kUnavailable when /proc is mounted so that it hides some of them from
// us: an answer that leaves out processes would be taken for "there is none".
Result<std::vector<Process>> listProcesses();

using Match = std::function<bool(const Process&)>;

// Kills everything that matches, again and again, until nothing that matches is alive; stops them
// all first, so that they cannot start new ones in between. Answers how many it ended; kTimeout
// when some do not go. Works on pidfds: a pid that is given to another process meanwhile is never
// hit.
Result<std::uint32_t> killMatching(const Match& match, std::chrono::milliseconds patience);

// Kills a process with all that it started, also what left its group, as long as the chain of
// parents or the session is intact. Make the caller a subreaper (PR_SET_CHILD_SUBREAPER) to keep it
// intact. The caller still has to wait for its own child.
Result<std::uint32_t> killProcessTree(pid_t root, std::chrono::milliseconds patience);

}  // namespace bulkhead::os
