#include "agent/host/http.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "agent/host/http_reply.h"
#include "common/os/errors.h"
#include "common/os/fd.h"

namespace bulkhead::agent {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kBlockBytes = 64U << 10U;

bool isPlain(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

Error noAnswer(const std::string& why) {
  return Error{Code::kUnavailable, "no answer: " + why, ""};
}

// One connection with a time limit over everything that happens on it.
class Connection {
 public:
  explicit Connection(std::chrono::milliseconds timeLimit) : deadline_(Clock::now() + timeLimit) {}

  Result<Ok> open(const HttpExchange& call) {
    const int family = call.socketPath.empty() ? AF_INET : AF_UNIX;
    socket_ = Fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket_) return os::lastError("socket");
    if (family == AF_UNIX) return connectUnix(call.socketPath);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(call.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return connectTo(reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }

  // A peer that answers before it has read everything is heard, so a broken pipe is no failure
  // here.
  enum class Sent { kAll, kRefused };
  Result<Sent> send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = os::retry(
          [&] { return ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL); });
      if (sent > 0) {
        bytes.remove_prefix(static_cast<std::size_t>(sent));
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        TRY(await(POLLOUT));
      } else {
        return Sent::kRefused;
      }
    }
    return Sent::kAll;
  }

  Result<std::size_t> receive(char* buffer, std::size_t size) {
    while (true) {
      const auto got = os::retry([&] { return ::recv(socket_.get(), buffer, size, 0); });
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EAGAIN && errno != EWOULDBLOCK) return noAnswer("the connection broke");
      TRY(await(POLLIN));
    }
  }

 private:
  Result<Ok> connectUnix(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return noAnswer("the socket's path is too long");
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    return connectTo(reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }

  Result<Ok> connectTo(const sockaddr* address, socklen_t size) {
    while (::connect(socket_.get(), address, size) != 0) {
      if (errno == EAGAIN) {  // a Unix socket whose queue is full
        TRY(pause());
        continue;
      }
      if (errno != EINPROGRESS && errno != EINTR) return noAnswer(os::lastError("connect").message);
      TRY(await(POLLOUT));
      int failure = 0;
      socklen_t length = sizeof failure;
      if (::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &failure, &length) != 0 || failure != 0)
        return noAnswer(os::fromErrno(failure, "connect").message);
      break;
    }
    return Ok{};
  }

  int left() const {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - Clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3600000));
  }

  Result<Ok> await(short events) {
    pollfd watched{socket_.get(), events, 0};
    const int milliseconds = left();
    const int ready =
        milliseconds == 0 ? 0 : os::retry([&] { return ::poll(&watched, 1, milliseconds); });
    if (ready < 0) return os::lastError("poll");
    if (ready == 0) return Error{Code::kTimeout, "no answer in time", ""};
    return Ok{};
  }

  Result<Ok> pause() {
    constexpr int kPauseMs = 10;
    if (left() == 0) return Error{Code::kTimeout, "no answer in time", ""};
    (void)::poll(nullptr, 0, kPauseMs);
    return Ok{};
  }

  Clock::time_point deadline_;
  Fd socket_;
};

Result<std::uint64_t> bodyBytes(const HttpExchange& call) {
  if (call.bodyFd < 0) return static_cast<std::uint64_t>(call.body.size());
  struct stat info = {};
  if (::fstat(call.bodyFd, &info) != 0) return os::lastError("body");
  return static_cast<std::uint64_t>(info.st_size);
}

std::string headOf(const HttpExchange& call, std::uint64_t bytes) {
  std::string head = call.method + " " + call.path + " HTTP/1.1\r\nHost: " + call.hostHeader +
                     "\r\nConnection: close\r\n";
  if (!call.contentType.empty()) head += "Content-Type: " + call.contentType + "\r\n";
  if (call.method != "GET" || bytes > 0)
    head += "Content-Length: " + std::to_string(bytes) + "\r\n";
  return head + "\r\n";
}

Result<Ok> sendRequest(Connection& connection, const HttpExchange& call) {
  TRY_ASSIGN(std::uint64_t left, bodyBytes(call));
  const std::string start = headOf(call, left) + (call.bodyFd < 0 ? call.body : "");
  TRY_ASSIGN(auto sent, connection.send(start));
  std::string block(call.bodyFd < 0 ? 0 : kBlockBytes, '\0');
  while (call.bodyFd >= 0 && left > 0 && sent == Connection::Sent::kAll) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left, block.size()));
    const auto got = os::retry([&] { return ::read(call.bodyFd, block.data(), wanted); });
    if (got <= 0) return Error{Code::kInternal, "the body ended before its end", ""};
    left -= static_cast<std::uint64_t>(got);
    TRY_ASSIGN(sent, connection.send({block.data(), static_cast<std::size_t>(got)}));
  }
  return Ok{};
}

Result<HttpReply> readReply(Connection& connection, HttpExchange::Oversize oversize) {
  HttpReplyReader reader(kReplyBytesMax);
  std::array<char, kBlockBytes> block{};
  auto state = HttpReplyReader::State::kMore;
  while (state == HttpReplyReader::State::kMore) {
    TRY_ASSIGN(const auto got, connection.receive(block.data(), block.size()));
    state = got == 0 ? reader.finish() : reader.feed({block.data(), got});
  }
  if (state == HttpReplyReader::State::kBad) return noAnswer("it is not HTTP, or it is cut");
  if (state == HttpReplyReader::State::kFull && oversize == HttpExchange::Oversize::kRefuse)
    return Error{Code::kLimitExceeded, "the answer is larger than 4 MiB", ""};
  return HttpReply{reader.status(), std::move(reader.body())};
}

}  // namespace

Result<HttpReply> exchange(const HttpExchange& call) {
  if (!call.path.starts_with('/') || !isPlain(call.path) || !isPlain(call.hostHeader) ||
      !isPlain(call.contentType) || !isPlain(call.method))
    return Error{Code::kInternal, "an HTTP request that is not plain text", ""};
  Connection connection(call.timeLimit);
  TRY(connection.open(call));
  TRY(sendRequest(connection, call));
  return readReply(connection, call.oversize);
}

}  // namespace bulkhead::agent
