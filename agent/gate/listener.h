// Listener: accepts peers on one socket. Who they are is what the kernel says of the uid, compared
// as a number.
#pragma once
#include <sys/types.h>

#include <map>
#include <memory>

#include <kj/async-io.h>

#include "agent/gate/connection.h"
#include "agent/gate/tasks.h"
#include "common/os/fd.h"

namespace bulkhead::agent {

inline constexpr std::size_t kConnectionsPerUidMax = 16;  // the API needs one, a command line one
inline constexpr std::size_t kConnectionsMax = 48;        // of one socket; only two uids can get in

struct ListenerOptions {
  Peer peer = Peer::kApi;
  uid_t uid = 0;  // the only one that may connect
};

class Listener {
 public:
  Listener(kj::AsyncIoContext& io,
           Fd socket,
           const ListenerOptions& options,
           Dispatcher& dispatcher);
  void stop();  // accepts nobody any more; connections go on

 private:
  kj::Promise<void> acceptAll();
  void welcome(kj::Own<kj::AsyncIoStream> stream);

  kj::Timer& timer_;
  kj::Own<kj::ConnectionReceiver> receiver_;
  ListenerOptions options_;
  Dispatcher& dispatcher_;
  std::size_t connections_ = 0;
  std::map<uid_t, std::size_t> byUid_;
  LoggedTasks open_{"a connection ended badly"};
  kj::Promise<void> accepting_;
};

// A listening socket of our own, for where systemd does not pass one. Replaces a socket of that
// name.
Result<Fd> listenOn(const std::string& path, mode_t mode);

}  // namespace bulkhead::agent
