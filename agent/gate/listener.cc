#include "agent/gate/listener.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "common/os/errors.h"
#include "common/os/peer.h"

namespace bulkhead::agent {
namespace {

constexpr kj::Duration kAfterFailure = 100 * kj::MILLISECONDS;  // out of descriptors: do not spin
constexpr int kBacklog = 32;

}  // namespace

Listener::Listener(kj::AsyncIoContext& io,
                   Fd socket,
                   const ListenerOptions& options,
                   Dispatcher& dispatcher)
    : timer_(io.provider->getTimer()),
      receiver_(io.lowLevelProvider->wrapListenSocketFd(
          socket.release(), kj::LowLevelAsyncIoProvider::TAKE_OWNERSHIP)),
      options_(options),
      dispatcher_(dispatcher),
      accepting_(acceptAll().eagerlyEvaluate(nullptr)) {}

void Listener::stop() { accepting_ = kj::Promise<void>(kj::READY_NOW); }

kj::Promise<void> Listener::acceptAll() {
  return receiver_->accept().then(
      [this](kj::Own<kj::AsyncIoStream> stream) {
        welcome(kj::mv(stream));
        return acceptAll();
      },
      [this](kj::Exception&& exception) {
        logLine(LogLevel::kError, "cannot accept", {{"reason", exception.getDescription().cStr()}});
        return timer_.afterDelay(kAfterFailure).then([this] { return acceptAll(); });
      });
}

void Listener::welcome(kj::Own<kj::AsyncIoStream> stream) {
  int fd = -1;
  KJ_IF_MAYBE (number, stream->getFd()) {
    fd = *number;
  }
  const auto peer = os::peerOf(fd);
  if (!peer.ok()) {
    logLine(LogLevel::kError, "a peer without identity", {{"reason", peer.error().message}});
    return;
  }
  const Caller caller{options_.peer, {peer->uid, peer->gid, peer->pid}};
  if (peer->uid != options_.uid) {
    dispatcher_.recordDenial(caller, "connection",
                             "uid " + std::to_string(peer->uid) + " may not use this socket");
    return;
  }
  if (connections_ >= kConnectionsMax || byUid_[peer->uid] >= kConnectionsPerUidMax) {
    dispatcher_.recordDenial(caller, "connection", "too many connections");
    return;
  }
  ++connections_;
  ++byUid_[peer->uid];
  auto connection = kj::heap<Connection>(kj::mv(stream), caller, dispatcher_, timer_);
  auto done = connection->done();
  open_.add(done.attach(kj::mv(connection), kj::defer([this, uid = peer->uid] {
                          --connections_;
                          --byUid_[uid];
                        })));
}

Result<Fd> listenOn(const std::string& path, mode_t mode) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    return Error{Code::kInvalidArgument, "socket path is too long: " + path, ""};
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return os::lastError("socket");
  struct stat info {};
  if (::lstat(path.c_str(), &info) == 0 && S_ISSOCK(info.st_mode)) (void)::unlink(path.c_str());
  // The mode is set before anybody can connect: nobody can before listen().
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::chmod(path.c_str(), mode) != 0 || ::listen(socket.get(), kBacklog) != 0)
    return os::lastError(path);
  return socket;
}

}  // namespace bulkhead::agent
