// Accepting connections: numeric peer check, caps, and back-off when descriptors run out.
#include "api/http/listener.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <system_error>
#include <utility>

namespace bulkhead::api {
namespace {

// Accept keeps the loop at full speed while descriptors are short; connections end within this time
// anyhow.
constexpr int kBackOffMs = 50;
// Connections taken from one socket before the others get their turn.
constexpr int kAcceptsPerTurn = 32;

std::optional<Peer> peerOf(int fd) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0 ||
      size != sizeof credentials)
    return std::nullopt;
  return Peer{credentials.uid, credentials.gid, credentials.pid};
}

void answerBusy(int fd) {
  const std::string bytes =
      serializeRefusal({503, Code::kBusy, "too many connections"}, Method::kGet,
                       AfterAnswer::kClose, chooseRequestId(nullptr));
  (void)::send(fd, bytes.data(), bytes.size(),
               MSG_NOSIGNAL | MSG_DONTWAIT);  // ignoring: a courtesy
}

Error failed(const std::string& what, int error) {
  return Error{Code::kInternal, what + ": " + std::strerror(error), ""};
}

}  // namespace

std::function<bool(const Peer&)> admitUids(std::vector<uid_t> uids) {
  return [uids = std::move(uids)](const Peer& peer) {
    return std::find(uids.begin(), uids.end(), peer.uid) != uids.end();
  };
}

Result<Fd> listenOnUnixSocket(const std::string& path, mode_t mode) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    return Error{Code::kInvalidArgument, "bad socket path", "path"};
  path.copy(static_cast<char*>(address.sun_path), path.size());
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return failed("socket", errno);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return failed("unlink", errno);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return failed("bind", errno);
  // The mode counts from listen() on: nobody can connect before.
  if (::chmod(path.c_str(), mode) != 0) return failed("chmod", errno);
  if (::listen(fd.get(), SOMAXCONN) != 0) return failed("listen", errno);
  return fd;
}

Acceptor::Acceptor(std::vector<Listener> listeners,
                   const Limits& limits,
                   ConnectionGauge& total,
                   Deliver deliver,
                   OnRefusedPeer onRefusedPeer)
    : limits_(limits),
      total_(total),
      deliver_(std::move(deliver)),
      onRefusedPeer_(std::move(onRefusedPeer)),
      stopped_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (!stopped_) throw std::system_error(errno, std::generic_category(), "eventfd");
  for (Listener& listener : listeners) {
    // systemd passes blocking sockets; accept() on one could hang after a client that left again.
    const int flags = ::fcntl(listener.socket.get(), F_GETFL);
    if (flags < 0 || ::fcntl(listener.socket.get(), F_SETFL, flags | O_NONBLOCK) != 0) {
      throw std::system_error(errno, std::generic_category(), "listening socket");
    }
    auto open = std::make_unique<ConnectionGauge>(listener.connectionsMax);
    auto ofUsers = std::make_unique<UidGauge>(listener.connectionsOfUserMax);
    entries_.push_back(Entry{std::move(listener), std::move(open), std::move(ofUsers)});
  }
}

void Acceptor::start() {
  thread_ = std::thread([this] {
    (void)::pthread_setname_np(::pthread_self(),
                               "api-accept");  // ignoring: a name is only for people
    run();
  });
}

void Acceptor::stop() {
  if (!thread_.joinable()) return;
  (void)::eventfd_write(stopped_.get(), 1);  // ignoring: cannot fail with a count of one
  thread_.join();
}

void Acceptor::run() {
  std::vector<pollfd> polled{{stopped_.get(), POLLIN, 0}};
  for (const Entry& entry : entries_)
    polled.push_back({entry.listener.socket.get(), POLLIN, 0});
  bool exhausted = false;
  for (;;) {
    // While exhausted only "stop" is watched: the clients wait in the backlog.
    const int ready =
        ::poll(polled.data(), exhausted ? 1 : polled.size(), exhausted ? kBackOffMs : -1);
    if (ready > 0 && polled[0].revents != 0) return;
    if (ready < 0) continue;  // EINTR
    const bool all = std::exchange(exhausted, false);
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if ((all || polled[i + 1].revents != 0) && !acceptFrom(entries_[i])) exhausted = true;
    }
  }
}

bool Acceptor::acceptFrom(Entry& entry) {
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    Fd client(
        ::accept4(entry.listener.socket.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    const int error = errno;
    if (client) {
      try {
        admit(entry, std::move(client));
      } catch (const std::exception&) {
        return false;  // out of memory: the client is closed, and we wait
      }
      continue;
    }
    if (error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM) return false;
    if (error == EAGAIN || error == EWOULDBLOCK) return true;
    // ECONNABORTED, EINTR: that client is gone; take the next
  }
  return true;
}

void Acceptor::admit(Entry& entry, Fd client) {
  const auto peer = peerOf(client.get());
  if (!peer || !entry.listener.admits || !entry.listener.admits(*peer)) {
    if (onRefusedPeer_) onRefusedPeer_(entry.listener.name, peer.value_or(Peer{}));
    return;
  }
  // Where users have shares, root is not crowded out by all of them together.
  const bool spared = peer->uid == 0 && entry.listener.connectionsOfUserMax != 0;
  Slots slots{total_.acquire(), spared ? entry.open->force() : entry.open->acquire(),
              entry.ofUsers->acquire(peer->uid)};
  if (!slots.total.taken() || !slots.ofListener.taken() || !slots.ofUid.taken()) {
    answerBusy(client.get());
    return;
  }
  Limits limits = limits_;
  limits.bodyBytes = std::min(limits.bodyBytes, entry.listener.bodyBytesMax);
  auto connection = std::make_shared<Connection>(client.get(), Origin{*peer, entry.listener.name},
                                                 limits, std::move(slots));
  deliver_(std::move(connection));
  (void)client.release();  // the reactor closes it now
}

}  // namespace bulkhead::api
