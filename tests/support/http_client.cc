// The test client's socket work and parser.
#include "tests/support/http_client.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>

namespace bulkhead::test {
namespace {

using Time = std::chrono::steady_clock;

bool waitFor(int fd, short events, Time::time_point until) {
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - Time::now()).count();
    pollfd polled{fd, events, 0};
    const int ready = ::poll(&polled, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::optional<ClientResponse> parseHeadOf(std::string_view head) {
  ClientResponse out;
  if (head.substr(0, 9) != "HTTP/1.1 " || head.size() < 12) return std::nullopt;
  std::from_chars(head.data() + 9, head.data() + 12, out.status);
  std::size_t at = head.find("\r\n");
  while (at != std::string_view::npos) {
    const std::size_t begin = at + 2;
    at = head.find("\r\n", begin);
    const std::string_view line = head.substr(begin, at - begin);
    const std::size_t colon = line.find(": ");
    if (colon == std::string_view::npos) return std::nullopt;
    out.headers.emplace_back(lowered(line.substr(0, colon)), line.substr(colon + 2));
  }
  return out.status >= 200 ? std::optional(out) : std::nullopt;
}

}  // namespace

std::string ClientResponse::header(std::string_view lowerName) const {
  for (const auto& [name, value] : headers) {
    if (name == lowerName) return value;
  }
  return "";
}

std::string httpRequest(std::string_view method,
                        std::string_view target,
                        std::string_view body,
                        std::string_view extraLines) {
  std::string out;
  out.append(method)
      .append(" ")
      .append(target)
      .append(" HTTP/1.1\r\nHost: test\r\n")
      .append(extraLines);
  if (!body.empty())
    out.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
  return out.append("\r\n").append(body);
}

HttpClient::HttpClient(const std::string& socketPath)
    : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socketPath.copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
  const auto until = Time::now() + kPatience;
  // A full backlog answers EAGAIN at once and there is nothing to poll for.
  while (::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno != EAGAIN || Time::now() > until) {
      fd_.reset();
      return;
    }
    (void)::poll(nullptr, 0, 1);
  }
}

bool HttpClient::send(std::string_view bytes, std::chrono::milliseconds patience) {
  while (!bytes.empty()) {
    const ssize_t put = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(put));
    } else if (errno != EAGAIN || !waitFor(fd_.get(), POLLOUT, Time::now() + patience)) {
      return false;
    }
  }
  return true;
}

HttpClient::Got HttpClient::readMore(Time::time_point until) {
  if (!fd_ || !waitFor(fd_.get(), POLLIN, until)) return Got::kNothing;
  std::array<char, 65536> buffer;
  const ssize_t got = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
  if (got <= 0) return got < 0 && errno == EAGAIN ? Got::kNothing : Got::kEnd;
  in_.append(buffer.data(), static_cast<std::size_t>(got));
  return Got::kBytes;
}

std::optional<ClientResponse> HttpClient::receive(std::chrono::milliseconds patience, Body body) {
  const auto until = Time::now() + patience;
  std::size_t end = 0;
  while ((end = in_.find("\r\n\r\n")) == std::string::npos) {
    if (readMore(until) != Got::kBytes) return std::nullopt;
  }
  auto response = parseHeadOf(std::string_view(in_).substr(0, end));
  if (!response) return std::nullopt;
  const std::string length = body == Body::kNone ? "" : response->header("content-length");
  std::size_t bytes = 0;
  std::from_chars(length.data(), length.data() + length.size(), bytes);
  while (in_.size() < end + 4 + bytes) {
    if (readMore(until) != Got::kBytes) return std::nullopt;
  }
  response->body = in_.substr(end + 4, bytes);
  in_.erase(0, end + 4 + bytes);
  return response;
}

std::optional<ClientResponse> HttpClient::exchange(std::string_view bytes,
                                                   std::chrono::milliseconds patience) {
  // A server may answer and close before it has read all: the answer counts, not the failed rest of
  // the send.
  (void)send(bytes, patience);
  return receive(patience);
}

std::string HttpClient::until(std::string_view mark, std::chrono::milliseconds patience) {
  const auto end = Time::now() + patience;
  std::size_t at = 0;
  while ((at = in_.find(mark)) == std::string::npos)
    if (readMore(end) != Got::kBytes) return "";
  std::string taken = in_.substr(0, at + mark.size());
  in_.erase(0, at + mark.size());
  return taken;
}

bool HttpClient::closedWithin(std::chrono::milliseconds patience) {
  const auto until = Time::now() + patience;
  for (;;) {
    const Got got = readMore(until);
    if (got != Got::kBytes) return got == Got::kEnd;
  }
}

void HttpClient::endInput() { (void)::shutdown(fd_.get(), SHUT_WR); }

}  // namespace bulkhead::test
