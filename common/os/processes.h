// Processes as /proc shows them: whose they are, what they started, and how to end all of them.
#pragma once
#include <sys/types.h>

#include <array>
#include <chrono>
#include <cstdint>
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

// Whose processes are one tenant's: those of a uid and of a range of uids that it was given beside.
struct Tenant {
  uid_t uid = 0;
  uid_t subUidFirst = 0;
  std::uint32_t subUidCount = 0;
  uid_t sender = 0;  // as in kill_user.h

  bool owns(uid_t other) const {
    return other == uid || (other >= subUidFirst && other - subUidFirst < subUidCount);
  }
};

// Kills everything of a tenant, until nothing of it is alive. "Nothing" does not rest on a list,
// which a process that forks and ends outruns: each round asks the kernel which of the tenant's
// uids have a process at all, ends each of those users with one call (see kill_user.h), so that
// nobody can fork any more, and only then looks at /proc for what is still dying. Answers how many
// it saw; kTimeout when some do not go.
Result<std::uint32_t> killTenant(const Tenant& tenant, std::chrono::milliseconds patience);

// Kills a process with all that it started, also what left its group, as long as the chain of
// parents or the session is intact. Make the caller a subreaper (PR_SET_CHILD_SUBREAPER) to keep it
// intact. The caller still has to wait for its own child. Stops what it finds first, so that it
// cannot start more meanwhile: enough for programs of ours, not against a tenant. Works on pidfds:
// a pid that is given to another process meanwhile is never hit. kTimeout when some do not go.
Result<std::uint32_t> killProcessTree(pid_t root, std::chrono::milliseconds patience);

}  // namespace bulkhead::os
