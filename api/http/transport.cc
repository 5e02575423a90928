// The event loop of one socket thread. Pistache calls onReady() without a try block, so no
// exception may leave it.
#include "api/http/transport.h"

#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

#include "api/http/body_stream.h"

namespace bulkhead::api {
namespace {

namespace polling = Pistache::Polling;
using polling::NotifyOn;

constexpr NotifyOn kWatchRead =
    static_cast<NotifyOn>(static_cast<int>(NotifyOn::Read) | static_cast<int>(NotifyOn::Shutdown));
constexpr NotifyOn kWatchBoth =
    static_cast<NotifyOn>(static_cast<int>(kWatchRead) | static_cast<int>(NotifyOn::Write));
// Rounds of read, handle and write for one client before the others get their turn.
constexpr int kRoundsPerTurn = 16;

// Pistache insists on one per transport; none of its calls carries anything for us.
class UnusedHandler final : public Pistache::Tcp::Handler {
 public:
  std::shared_ptr<Pistache::Tcp::Handler> clone() const override {
    return std::make_shared<UnusedHandler>();
  }
  void onInput(const char*, size_t, const std::shared_ptr<Pistache::Tcp::Peer>&) override {}
};

polling::Tag tagOf(int fd) { return polling::Tag(static_cast<std::uint64_t>(fd)); }

}  // namespace

HttpTransport::HttpTransport(Engine& engine)
    : Pistache::Tcp::Transport(std::make_shared<UnusedHandler>()),
      engine_(engine),
      inbox_(std::make_shared<Inbox>()),
      timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) {
  if (!timer_) throw std::system_error(errno, std::generic_category(), "timerfd");
}

std::shared_ptr<Pistache::Aio::Handler> HttpTransport::clone() const {
  return std::make_shared<HttpTransport>(engine_);
}

void HttpTransport::registerPoller(polling::Epoll& poller) {
  Pistache::Tcp::Transport::registerPoller(poller);
  const Pistache::Flags<NotifyOn> read(NotifyOn::Read);
  poller.addFd(inbox_->fd(), read, tagOf(inbox_->fd()));
  poller.addFd(timer_.get(), read, tagOf(timer_.get()));
}

void HttpTransport::onReady(const Pistache::Aio::FdSet& events) {
  bool inbox = false;
  bool tick = false;
  for (const Event& event : events) {
    const int fd = static_cast<int>(event.getTag().value());
    const auto client = clients_.find(fd);
    if (client != clients_.end()) {
      onClientEvent(client->second, event);
    } else if (fd == inbox_->fd()) {
      inbox = true;
    } else if (fd == timer_.get()) {
      tick = true;
    } else {
      onLibraryEvent(event);
    }
  }
  // After the clients: a descriptor that one of them gave up may arrive again as a new client.
  if (inbox) takeInbox();
  // Last: bytes that have arrived count before the clock does.
  if (tick) onTick();
}

void HttpTransport::onClientEvent(Client& client, const Event& event) {
  // Both directions are closed: nobody is left to read an answer.
  if (event.isHangup()) return remove(client.connection->fd());
  client.connection->markReadable();
  serve(client);
}

// Pistache's own queues (unused), or an event of a client that this very batch removed.
void HttpTransport::onLibraryEvent(const Event& event) {
  try {
    polling::Event copy(event.getTag());
    copy.flags.setFlag(NotifyOn::Read);
    std::vector<polling::Event> one;
    one.push_back(std::move(copy));
    Pistache::Tcp::Transport::onReady(Pistache::Aio::FdSet(std::move(one)));
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): "unknown fd" is what a stale
                                     // event means
  }
}

void HttpTransport::takeInbox() {
  Inbox::Content content = inbox_->takeAll();
  for (const auto& arrival : content.arrivals)
    welcome(arrival);
  for (FinishedAnswer& answer : content.answers)
    deliver(std::move(answer));
  for (const StreamNews& news : content.news) {
    const auto found = clients_.find(news.fd);
    if (found != clients_.end() && found->second.connection->id() == news.connectionId)
      serve(found->second);
  }
  if (engine_.stopping) onTick();
}

void HttpTransport::welcome(const std::shared_ptr<Connection>& connection) {
  const int fd = connection->fd();
  try {
    const Pistache::Address nowhere(Pistache::Ipv4::loopback(), Pistache::Port(0));
    auto peer = Pistache::Tcp::Peer::Create(fd, nowhere);
    handleNewPeer(peer);  // on this thread it registers at once and queues nothing
    const auto client = clients_.insert_or_assign(fd, Client{std::move(peer), connection}).first;
    if (!timerRuns_) setTimer(engine_.limits.tick);
    // The first bytes may have come before the registration.
    client->second.connection->markReadable();
    serve(client->second);
  } catch (const std::exception&) {
    if (clients_.count(fd) == 0 && peers.count(fd) == 0) {
      (void)::close(fd);  // ignoring: nothing can be done about a failed close
    } else {
      remove(fd);
    }
  }
}

void HttpTransport::deliver(FinishedAnswer answer) {
  const auto found = clients_.find(answer.fd);
  if (found == clients_.end()) return;
  Connection& connection = *found->second.connection;
  // The client may have left, another one may have its descriptor, or the handler took too long.
  if (connection.id() != answer.connectionId || connection.phase() != Connection::Phase::kHandler)
    return;
  this->answer(connection, std::move(answer.bytes), answer.after);
  serve(found->second);
}

void HttpTransport::answer(Connection& connection, AnswerBytes bytes, AfterAnswer after) {
  if (bytes.stream) {
    after = AfterAnswer::kClose;
    bytes.stream->onNews([inbox = inbox_, fd = connection.fd(), id = connection.id()] {
      inbox->push(StreamNews{fd, id});
    });
  }
  connection.answer(std::move(bytes), after);
}

void HttpTransport::serve(Client& client) {
  const int fd = client.connection->fd();
  try {
    serveUnguarded(client);
  } catch (const std::exception&) {
    remove(fd);  // out of memory, or the reactor refused: this client only
  }
}

void HttpTransport::serveUnguarded(Client& client) {
  Connection& connection = *client.connection;
  for (int round = 0; round < kRoundsPerTurn; ++round) {
    bool changed = connection.receive();
    changed = connection.flush() || changed;
    changed = advance(connection) || changed;
    if (connection.phase() == Connection::Phase::kClosed) return remove(connection.fd());
    if (changed) continue;
    if (connection.wantsWritable() != client.watchesWrite) {
      client.watchesWrite = connection.wantsWritable();
      watch(client, client.watchesWrite ? kWatchBoth : kWatchRead);
    }
    return;
  }
  // Not finished, but others wait: setting the interest again makes the reactor report it once
  // more.
  client.watchesWrite = connection.wantsWritable();
  watch(client, client.watchesWrite ? kWatchBoth : kWatchRead);
}

void HttpTransport::watch(Client& client, NotifyOn interest) {
  reactor()->modifyFd(key(), client.connection->fd(), interest, polling::Mode::Edge);
}

// True when a request or a refusal has moved the connection on.
bool HttpTransport::advance(Connection& connection) {
  using Phase = Connection::Phase;
  const Phase phase = connection.phase();
  if (phase != Phase::kIdle && phase != Phase::kHead && phase != Phase::kBody) return false;
  switch (connection.parse()) {
    case RequestReader::State::kRequest:
      begin(connection);
      return true;
    case RequestReader::State::kRefused:
      refuse(connection, connection.refusal());
      return true;
    case RequestReader::State::kIdle:
    case RequestReader::State::kHead:
    case RequestReader::State::kBody:
      return false;
  }
  return false;
}

void HttpTransport::begin(Connection& connection) {
  FramedRequest framed = connection.takeRequest();
  HttpRequest& request = framed.request;
  request.requestId = chooseRequestId(request.header("x-request-id"));
  const AfterAnswer after =
      framed.keepAlive && !engine_.stopping ? AfterAnswer::kKeepAlive : AfterAnswer::kClose;
  const Lane lane = engine_.laneOf(request);
  if (lane == Lane::kInline) return answer(connection, runHandler(engine_, request, after), after);

  const Method method = request.method;
  const std::string requestId = request.requestId;
  const bool taken = engine_.pool.submit(
      lane, [&engine = engine_, inbox = inbox_, fd = connection.fd(), id = connection.id(),
             places = connection.places(), after, owned = std::move(request)] {
        inbox->push(FinishedAnswer{fd, id, runHandler(engine, owned, after), after});
      });
  if (taken) return;
  connection.answer({serializeRefusal({503, Code::kBusy, "too many requests are waiting"}, method,
                                      after, requestId),
                     {},
                     {}},
                    after);
}

void HttpTransport::refuse(Connection& connection, const Refusal& refusal) {
  // After any refusal the rest of the stream has no known meaning: always close.
  connection.answer(
      {serializeRefusal(refusal, Method::kGet, AfterAnswer::kClose, chooseRequestId(nullptr)),
       {},
       {}},
      AfterAnswer::kClose);
}

void HttpTransport::remove(int fd) {
  const auto found = clients_.find(fd);
  if (found == clients_.end()) return;
  const Client client = std::move(found->second);
  clients_.erase(found);
  try {
    removePeer(client.peer);         // closes the descriptor
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): not registered any more is
                                     // what we want
  }
}

void HttpTransport::onTick() {
  std::uint64_t ticks = 0;
  (void)!::read(timer_.get(), &ticks, sizeof ticks);  // ignoring: only resets it
  const auto now = SteadyClock::now();
  std::vector<int> due;
  for (const auto& [fd, client] : clients_) {
    if (engine_.dropAll || engine_.stopping || client.connection->isLate(now)) due.push_back(fd);
  }
  for (const int fd : due) {
    const auto found = clients_.find(fd);
    if (found != clients_.end()) expire(found->second);
  }
  if (clients_.empty()) setTimer(Millis(0));
}

void HttpTransport::expire(Client& client) {
  using Phase = Connection::Phase;
  Connection& connection = *client.connection;
  const int fd = connection.fd();
  if (engine_.dropAll) return remove(fd);
  const bool late = connection.isLate(SteadyClock::now());
  switch (connection.phase()) {
    case Phase::kIdle:
      if (late) return remove(fd);
      // Stopping: a request may just have arrived; only a connection without one is closed.
      connection.markReadable();
      serve(client);
      if (const auto left = clients_.find(fd);
          left != clients_.end() && left->second.connection->phase() == Phase::kIdle)
        remove(fd);
      return;
    case Phase::kHead:
    case Phase::kBody:
      if (!late) return;
      refuse(connection, {408, Code::kTimeout, "the request took too long to arrive"});
      return serve(client);
    case Phase::kHandler:
      if (!late) return;
      refuse(connection, {504, Code::kTimeout, "the request took too long to handle"});
      return serve(client);
    case Phase::kStream:
      if (engine_.stopping) serve(client);  // what is there goes out; it can be gone on with by id
      if (late || engine_.stopping) remove(fd);
      return;
    case Phase::kWrite:
    case Phase::kLinger:
    case Phase::kClosed:
      if (late) remove(fd);
      return;
  }
}

void HttpTransport::setTimer(Millis interval) {
  const auto count = interval.count();
  itimerspec spec{};
  spec.it_interval.tv_sec = static_cast<time_t>(count / 1000);
  spec.it_interval.tv_nsec = static_cast<long>(count % 1000 * 1'000'000);
  spec.it_value = spec.it_interval;
  timerRuns_ = ::timerfd_settime(timer_.get(), 0, &spec, nullptr) == 0 && count > 0;
}

}  // namespace bulkhead::api
