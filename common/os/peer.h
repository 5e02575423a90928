// Who is at the other end of a Unix socket, said by the kernel.
#pragma once
#include <sys/types.h>

#include "common/core/result.h"

namespace bulkhead::os {

struct Peer {
  pid_t pid = 0;
  uid_t uid = 0;
  gid_t gid = 0;
};

// The identity at the time of connect(). Any failure must close the connection.
Result<Peer> peerOf(int socket);

}  // namespace bulkhead::os
