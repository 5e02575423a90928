// A small HTTP client over a Unix socket for tests: sends raw bytes, so that it can misbehave, and
// parses answers strictly.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "api/http/message.h"
#include "common/os/fd.h"

namespace bulkhead::test {

struct ClientResponse {
  int status = 0;
  api::NameValues headers;  // lower-case names
  std::string body;

  // "" when absent.
  std::string header(std::string_view lowerName) const;
};

// "GET /path HTTP/1.1" with a Host, Content-Length when there is a body, and the extra header lines
// ("Name: value\r\n").
std::string httpRequest(std::string_view method,
                        std::string_view target,
                        std::string_view body = "",
                        std::string_view extraLines = "");

class HttpClient {
 public:
  static constexpr std::chrono::milliseconds kPatience{10'000};
  enum class Body { kExpected, kNone };  // kNone: the answer to a HEAD

  // Connects; connected() tells whether it worked.
  explicit HttpClient(const std::string& socketPath);

  bool connected() const { return fd_.valid(); }
  int fd() const { return fd_.get(); }
  // Blocks until all is sent; false when the server closed or nothing moved for the given time.
  bool send(std::string_view bytes, std::chrono::milliseconds patience = kPatience);
  // The next answer; nullopt on end, timeout or malformed bytes.
  std::optional<ClientResponse> receive(std::chrono::milliseconds patience = kPatience,
                                        Body body = Body::kExpected);
  std::optional<ClientResponse> exchange(std::string_view bytes,
                                         std::chrono::milliseconds patience = kPatience);
  // What comes until `mark`, with it, taken out of rest(); "" when it does not come in time.
  std::string until(std::string_view mark, std::chrono::milliseconds patience = kPatience);
  // True when the server closes within that time; what it sends before is kept for rest().
  bool closedWithin(std::chrono::milliseconds patience = kPatience);
  // Bytes received and not yet parsed.
  const std::string& rest() const { return in_; }
  void endInput();  // half-close: we send no more
  void hangUp() { fd_.reset(); }

 private:
  enum class Got { kBytes, kEnd, kNothing };
  Got readMore(std::chrono::steady_clock::time_point until);

  Fd fd_;
  std::string in_;
};

}  // namespace bulkhead::test
