// Server: listening Unix sockets in, one handler behind them. The constructor starts no thread, so
// a sandbox can be put on between it and start(); after start() it needs no new files.
#pragma once
#include <cstddef>
#include <memory>
#include <vector>

#include "api/http/engine.h"
#include "api/http/listener.h"

namespace bulkhead::api {

struct ServerOptions {
  Limits limits;
  std::size_t ioThreads = kIoThreads;
  std::size_t workerThreads = kWorkerThreads;
  std::size_t waitingThreads = kWaitingThreads;
  std::size_t scriptThreads = kScriptThreads;
  LaneChooser laneOf = laneByPreference;
  FaultSink onFault;
  Acceptor::OnRefusedPeer onRefusedPeer;
};

class Server {
 public:
  // The handler is called from many threads at once. It may throw (500); it must end by itself
  // within Limits::handlerTime: its client gets a 504 then, but its thread stays taken.
  Server(std::vector<Listener> listeners, Handler handler, ServerOptions options = {});
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();  // stop()

  void start();
  // Accepts nothing more, lets running requests finish (at most Limits::shutdownTime), then closes
  // everything and waits for the handlers. Idempotent.
  void stop();
  std::size_t openConnections() const;
  // True when every socket thread has come round since the last call, which woke it: for a watchdog
  // that asks every few seconds. From one thread.
  bool comesRound();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bulkhead::api
