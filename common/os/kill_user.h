// Ends everything that runs as one user, in a single act of the kernel. A list of processes is old
// when it is read: who forks fast enough is never on it. kill(-1) walks the kernel's own list under
// the lock that a fork needs to add to it, and a fork that has begun gives up when its process has
// a fatal signal pending. So after one call nobody is left that could start another.
#pragma once
#include <sys/types.h>

#include <chrono>

#include "common/core/result.h"

namespace bulkhead::os {

// Sends SIGKILL to each process whose real or saved uid is `uid`, and to each in a user namespace
// that `uid` has made, whatever uids it has there: the containers of a rootless engine. Needs
// CAP_SETUID. The signal comes from a child with the effective uid `uid` and no capability; its
// real and saved uid are `sender`, so that `uid` can neither stop nor kill it. Nobody may run as
// `sender`: that would be hit too. Never uid 0 (kInternal). Works the same under every hierarchy of
// control groups and without any.
Result<Ok> killUser(uid_t uid, uid_t sender, std::chrono::milliseconds patience);

}  // namespace bulkhead::os
