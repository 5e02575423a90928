// A listening Unix socket, who may connect to it, and the Acceptor thread that lets them in.
#pragma once
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "api/http/connection.h"
#include "common/core/result.h"
#include "common/os/fd.h"

namespace bulkhead::api {

struct Listener {
  std::string name;  // handlers see it as HttpRequest::listener
  Fd socket;         // bound and listening, from systemd or listenOnUnixSocket()
  // Decides by the peer's numeric ids; without one nobody gets in. Called on the acceptor's thread.
  std::function<bool(const Peer&)> admits;
  // Share of Limits::connections that this socket may use, so that one kind of caller cannot lock
  // out another.
  std::size_t connectionsMax = kConnectionsMax;
  // Share of connectionsMax that one user may have, so that none can lock out the others; 0 = all.
  std::size_t connectionsOfUserMax = 0;
  std::size_t bodyBytesMax = kBodyBytesMax;  // when it is less than Limits::bodyBytes
};

std::function<bool(const Peer&)> admitUids(std::vector<uid_t> uids);

// Removes a stale socket of that path first. For programs that were not started by socket
// activation.
Result<Fd> listenOnUnixSocket(const std::string& path, mode_t mode);

class Acceptor {
 public:
  using Deliver = std::function<void(std::shared_ptr<Connection>)>;
  using OnRefusedPeer = std::function<void(std::string_view listener, const Peer&)>;

  // `total` must outlive the acceptor and every connection.
  Acceptor(std::vector<Listener> listeners,
           const Limits& limits,
           ConnectionGauge& total,
           Deliver deliver,
           OnRefusedPeer onRefusedPeer);
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;
  ~Acceptor() { stop(); }

  void start();
  // Accepts no more; what waits in the backlog stays there for the next process.
  void stop();

 private:
  struct Entry {
    Listener listener;
    std::unique_ptr<ConnectionGauge> open;  // by pointer: connections keep their addresses
    std::unique_ptr<UidGauge> ofUsers;
  };

  void run();
  // False when the process is out of descriptors or memory: wait before the next try.
  bool acceptFrom(Entry& entry);
  void admit(Entry& entry, Fd client);

  Limits limits_;
  ConnectionGauge& total_;
  Deliver deliver_;
  OnRefusedPeer onRefusedPeer_;
  std::vector<Entry> entries_;
  Fd stopped_;
  std::thread thread_;
};

}  // namespace bulkhead::api
