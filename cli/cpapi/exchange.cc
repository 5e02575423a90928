// HTTP, as little as the server's own transport speaks.
#include "cli/cpapi/exchange.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cli/cpapi/paths.h"
#include "common/cpapi/text.h"

namespace bulkhead::cpapi {
namespace {

constexpr std::size_t kHeadBytesMax = 4096;     // the server's heads have some 500
constexpr std::size_t kFirstReadBytes = 16384;  // the answers about one account fit
constexpr timespec kPause{0, 30'000'000};       // while the server is busy or restarts
constexpr std::size_t kStatusDigits = 3;
constexpr int kStatusDone = 200;
constexpr int kStatusBusy = 503;
constexpr std::string_view kOutcomeHeader = "bulkhead-cpapi-status";

enum class Try { kAnswered, kUnreachable, kAgain, kFailed };

class Socket {
 public:
  Socket() : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() {
    if (fd_ >= 0) (void)::close(fd_);  // ignoring: nothing was written that could be lost
  }
  int fd() const { return fd_; }

  bool wait(short events, const Deadline& deadline) const {
    for (;;) {
      pollfd one{fd_, events, 0};
      const int ready = ::poll(&one, 1, static_cast<int>(deadline.left()));
      if (ready > 0) return true;
      if (ready == 0 || errno != EINTR) return false;
    }
  }

 private:
  int fd_;
};

Try connectTo(const Socket& socket) {
  if (socket.fd() < 0) return Try::kFailed;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  static_assert(sizeof kSocketPath <= sizeof address.sun_path);
  std::memcpy(static_cast<char*>(address.sun_path), kSocketPath, sizeof kSocketPath);
  if (::connect(socket.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
    return Try::kAnswered;
  // EAGAIN: more are waiting to be let in than the socket holds.
  return errno == EAGAIN || errno == EINTR ? Try::kAgain : Try::kUnreachable;
}

bool sendAll(const Socket& socket, std::string_view bytes, const Deadline& deadline) {
  while (!bytes.empty()) {
    const ssize_t put = ::send(socket.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(put));
    } else if (errno == EAGAIN) {
      if (!socket.wait(POLLOUT, deadline)) return false;
    } else if (errno != EINTR) {
      // The server answers "too many connections" before it has read anything: look for that.
      return errno == EPIPE || errno == ECONNRESET;
    }
  }
  return true;
}

// Reads until `size` bytes are there; false at an early end, an error or the end of time.
bool receiveUntil(const Socket& socket,
                  std::size_t size,
                  const Deadline& deadline,
                  Document& answer) {
  while (answer.size() < size) {
    const ssize_t got = ::recv(socket.fd(), answer.end(), answer.room(), 0);
    if (got > 0) {
      answer.grew(static_cast<std::size_t>(got));
    } else if (got < 0 && errno == EAGAIN) {
      if (!socket.wait(POLLIN, deadline)) return false;
    } else if (got == 0 || errno != EINTR) {
      return false;
    }
  }
  return true;
}

bool receiveHead(const Socket& socket, const Deadline& deadline, Document& answer) {
  while (answer.view().find("\r\n\r\n") == std::string_view::npos) {
    if (answer.size() > kHeadBytesMax || !receiveUntil(socket, answer.size() + 1, deadline, answer))
      return false;
  }
  return true;
}

Try once(std::string_view request,
         std::string_view body,
         const Deadline& deadline,
         Document& answer) {
  const Socket socket;
  if (const Try connected = connectTo(socket); connected != Try::kAnswered) return connected;
  if (!answer.reserve(kFirstReadBytes)) return Try::kFailed;
  if (!sendAll(socket, request, deadline) || !sendAll(socket, body, deadline)) return Try::kAgain;
  if (!receiveHead(socket, deadline, answer)) return Try::kAgain;
  const auto head = parseAnswerHead(answer.view());
  if (!head) return Try::kFailed;
  if (head->status == kStatusBusy) return Try::kAgain;
  if (head->status != kStatusDone || !head->outcome) return Try::kFailed;
  const std::size_t whole = head->headBytes + head->bodyBytes;
  if (!answer.reserve(whole)) return Try::kFailed;
  if (!receiveUntil(socket, whole, deadline, answer)) return Try::kAgain;
  answer.outcome = *head->outcome;
  answer.cut(head->headBytes, head->bodyBytes);
  return Try::kAnswered;
}

std::string_view takeLine(std::string_view& text) {
  const std::size_t end = text.find("\r\n");
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 2);
  return line;
}

bool isHeader(std::string_view name, std::string_view lower) {
  if (name.size() != lower.size()) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c) != lower[i]) return false;
  }
  return true;
}

std::optional<std::size_t> decimal(std::string_view text) {
  std::size_t value = 0;
  if (text.empty() || text.size() > 9) return std::nullopt;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value;
}

}  // namespace

std::optional<AnswerHead> parseAnswerHead(std::string_view bytes) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  AnswerHead head;
  head.headBytes = end + 4;
  std::string_view lines = bytes.substr(0, end + 2);
  const std::string_view first = takeLine(lines);
  constexpr std::string_view kVersion = "HTTP/1.1 ";
  if (first.substr(0, kVersion.size()) != kVersion) return std::nullopt;
  const std::string_view code = first.substr(kVersion.size(), kStatusDigits);
  const auto status = decimal(code);
  if (!status || code.size() != kStatusDigits) return std::nullopt;
  head.status = static_cast<int>(*status);
  bool sized = false;
  while (!lines.empty()) {
    const std::string_view line = takeLine(lines);
    const std::size_t colon = line.find(": ");
    if (colon == std::string_view::npos) return std::nullopt;
    const std::string_view name = line.substr(0, colon);
    const auto value = decimal(line.substr(colon + 2));
    if (isHeader(name, "content-length")) {
      if (!value || sized) return std::nullopt;
      sized = true;
      head.bodyBytes = *value;
    } else if (isHeader(name, kOutcomeHeader)) {
      if (!value || *value > static_cast<std::size_t>(Outcome::kNotFound)) return std::nullopt;
      head.outcome = static_cast<Outcome>(*value);
    }
  }
  return sized ? std::optional(head) : std::nullopt;
}

Exchanged ask(std::string_view script,
              std::string_view body,
              const Deadline& deadline,
              Document& answer) {
  FixedText<256> request;
  put(request, "POST /cpapi/v1/");
  put(request, script);
  put(request,
      " HTTP/1.1\r\nHost: cpapi\r\nConnection: close\r\nContent-Type: application/json\r\n"
      "Content-Length: ");
  putNumber(request, body.size());
  put(request, "\r\n\r\n");
  bool reached = false;  // a server that was there a moment ago is restarting
  for (;;) {
    answer.clear();
    switch (once(request.view(), body, deadline, answer)) {
      case Try::kAnswered:
        return Exchanged::kAnswered;
      case Try::kUnreachable:
        if (!reached) return Exchanged::kUnreachable;
        break;
      case Try::kFailed:
        return Exchanged::kFailed;
      case Try::kAgain:
        reached = true;
        break;
    }
    if (deadline.over()) return Exchanged::kFailed;
    (void)::nanosleep(&kPause, nullptr);  // ignoring: a shorter pause does no harm
  }
}

}  // namespace bulkhead::cpapi
