// Wires acceptor, reactor threads and handler threads, and takes them down in order.
#include "api/http/server.h"

#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <utility>

#include "api/http/transport.h"

namespace bulkhead::api {
namespace {

// After the graceful time: how long the socket threads get to close what is left (microseconds in
// practice).
constexpr Millis kDropTime{2'000};
constexpr std::uint64_t kNeverAsked = ~std::uint64_t{0};

}  // namespace

class Server::Impl {
 public:
  Impl(std::vector<Listener> listeners, Handler handler, ServerOptions options)
      : engine_{options.limits,
                std::move(handler),
                std::move(options.laneOf),
                std::move(options.onFault),
                HandlerPool(HandlerPool::Sizes{options.workerThreads, options.waitingThreads,

                                               options.limits.queuedRequests,
                                               options.scriptThreads}),
                ConnectionGauge(options.limits.connections)},
        acceptor_(
            std::move(listeners),
            options.limits,
            engine_.connections,
            [this](std::shared_ptr<Connection> connection) { deliver(std::move(connection)); },
            std::move(options.onRefusedPeer)) {
    reactor_.init(Pistache::Aio::AsyncContext(options.ioThreads, "api-socket"));
    const auto key = reactor_.addHandler(std::make_shared<HttpTransport>(engine_));
    for (const auto& handlerOfThread : reactor_.handlers(key)) {
      inboxes_.push_back(std::static_pointer_cast<HttpTransport>(handlerOfThread)->inbox());
      turnsSeen_.push_back(kNeverAsked);
    }
  }

  void start() {
    started_ = true;
    engine_.pool.start();
    reactor_.run();
    acceptor_.start();
  }

  void stop() {
    if (!std::exchange(started_, false)) return;
    acceptor_.stop();
    engine_.stopping = true;
    wakeAll();
    if (!engine_.connections.waitUntilEmpty(engine_.limits.shutdownTime)) {
      engine_.dropAll = true;
      wakeAll();
      (void)engine_.connections.waitUntilEmpty(
          kDropTime);  // ignoring: what is left ends with the process
    }
    engine_.pool.stop();  // before the reactor: running handlers still hand in their answers
    reactor_.shutdown();
    for (const auto& inbox : inboxes_) {
      for (const auto& arrival : inbox->takeAll().arrivals)
        (void)::close(arrival->fd());
    }
  }

  std::size_t openConnections() const { return engine_.connections.open(); }

  bool comesRound() {
    bool all = true;
    for (std::size_t i = 0; i < inboxes_.size(); ++i) {
      const std::uint64_t turns = inboxes_[i]->turns();
      if (turns == turnsSeen_[i]) all = false;
      turnsSeen_[i] = turns;
    }
    wakeAll();
    return all;
  }

 private:
  void deliver(std::shared_ptr<Connection> connection) {
    // Round robin; only the acceptor's thread comes here.
    inboxes_[next_++ % inboxes_.size()]->push(std::move(connection));
  }

  void wakeAll() {
    for (const auto& inbox : inboxes_)
      inbox->wake();
  }

  // Destroyed from the bottom up: the acceptor's gauges must outlive the connections that the
  // reactor holds.
  Engine engine_;
  std::vector<std::shared_ptr<Inbox>> inboxes_;
  std::vector<std::uint64_t> turnsSeen_;  // one for each inbox
  std::size_t next_ = 0;
  bool started_ = false;
  Acceptor acceptor_;
  Pistache::Aio::Reactor reactor_;
};

Server::Server(std::vector<Listener> listeners, Handler handler, ServerOptions options)
    : impl_(std::make_unique<Impl>(std::move(listeners), std::move(handler), std::move(options))) {}
Server::~Server() { stop(); }
void Server::start() { impl_->start(); }
void Server::stop() { impl_->stop(); }
std::size_t Server::openConnections() const { return impl_->openConnections(); }
bool Server::comesRound() { return impl_->comesRound(); }

}  // namespace bulkhead::api
