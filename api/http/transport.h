// HttpTransport: one socket thread on Pistache's reactor. Include it from server.cc and
// transport.cc only: all other code of the project knows the types of message.h and nothing of
// Pistache.
#pragma once
#include <sys/timerfd.h>

#include <memory>
#include <unordered_map>

#include "api/http/connection.h"
#include "api/http/engine.h"
#include "api/http/inbox.h"
#include "api/http/pistache.h"

namespace bulkhead::api {

// From Pistache: threads, epoll, and the registration and removal of peers. Ours: every read,
// write, deadline and the passing between threads. Everything but inbox() runs on the one thread of
// this transport.
class HttpTransport final : public Pistache::Tcp::Transport {
 public:
  explicit HttpTransport(Engine& engine);

  // The reactor makes one for each of its threads.
  std::shared_ptr<Pistache::Aio::Handler> clone() const override;
  void registerPoller(Pistache::Polling::Epoll& poller) override;
  void onReady(const Pistache::Aio::FdSet& events) override;

  const std::shared_ptr<Inbox>& inbox() const { return inbox_; }

 private:
  struct Client {
    std::shared_ptr<Pistache::Tcp::Peer> peer;
    std::shared_ptr<Connection> connection;
    bool watchesWrite = false;
  };
  using Event = Pistache::Aio::FdSet::Entry;

  void onClientEvent(Client& client, const Event& event);
  void onLibraryEvent(const Event& event);
  void takeInbox();
  void welcome(const std::shared_ptr<Connection>& connection);
  void deliver(FinishedAnswer answer);
  void answer(Connection& connection, AnswerBytes bytes, AfterAnswer after);

  // Does all that can be done for a client now. The reference is dead afterwards: it may have been
  // removed.
  void serve(Client& client);
  void serveUnguarded(Client& client);
  bool advance(Connection& connection);
  void begin(Connection& connection);
  void refuse(Connection& connection, const Refusal& refusal);
  void watch(Client& client, Pistache::Polling::NotifyOn interest);
  void remove(int fd);

  void onTick();
  void expire(Client& client);
  void setTimer(Millis interval);

  Engine& engine_;
  std::shared_ptr<Inbox> inbox_;
  Fd timer_;
  bool timerRuns_ = false;
  std::unordered_map<int, Client>
      clients_;  // by descriptor; an entry leaves before its descriptor is closed
};

}  // namespace bulkhead::api
