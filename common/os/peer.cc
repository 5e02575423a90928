#include "common/os/peer.h"

#include <sys/socket.h>

#include "common/os/errors.h"

namespace bulkhead::os {

Result<Peer> peerOf(int socket) {
  struct ucred credentials = {};
  socklen_t size = sizeof credentials;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
    return lastError("peer");
  // A socket that was never connected answers pid 0 and uid -1.
  if (size != sizeof credentials || credentials.pid <= 0 ||
      credentials.uid == static_cast<uid_t>(-1))
    return Error{Code::kPermissionDenied, "the peer is unknown", ""};
  return Peer{credentials.pid, credentials.uid, credentials.gid};
}

}  // namespace bulkhead::os
