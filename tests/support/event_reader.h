// EventReader: a client that follows events over the Unix socket, as a browser would.
#pragma once
#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/http_client.h"

namespace bulkhead::test {

class EventReader {
 public:
  struct Seen {
    std::int64_t id = 0;
    std::string type;  // "" = only an id: a heartbeat
    std::string data;
  };

  // Asks for a stream of `target`; status() says what came of it.
  explicit EventReader(const std::string& socketPath,
                       const std::string& target = "/api/v1/events",
                       const std::string& lines = "",
                       const std::string& form = "text/event-stream")
      : client_(socketPath) {
    if (!client_.connected()) return;
    (void)client_.send(httpRequest("GET", target, "", "Accept: " + form + "\r\n" + lines));
    if (auto head = client_.receive()) head_ = *head;
  }
  int status() const { return head_.status; }
  const ClientResponse& head() const { return head_; }
  HttpClient& client() { return client_; }

  // The next block; nullopt at the end or when nothing comes in time.
  std::optional<Seen> next(std::chrono::milliseconds patience = HttpClient::kPatience) {
    const std::string block = client_.until("\n\n", patience);
    if (block.empty()) return std::nullopt;
    Seen seen;
    for (std::size_t at = 0; at < block.size();) {
      const std::size_t end = block.find('\n', at);
      const std::string_view line = std::string_view(block).substr(at, end - at);
      if (line.starts_with("id: "))
        std::from_chars(line.data() + 4, line.data() + line.size(), seen.id);
      if (line.starts_with("event: ")) seen.type = line.substr(7);
      if (line.starts_with("data: ")) seen.data = line.substr(6);
      at = end + 1;
    }
    last_ = seen.id;
    return seen;
  }
  // The next one that tells something.
  std::optional<Seen> nextEvent(std::chrono::milliseconds patience = HttpClient::kPatience) {
    while (auto seen = next(patience))
      if (!seen->type.empty()) return seen;
    return std::nullopt;
  }
  // Types up to and with the one named; what came when it does not come.
  std::vector<std::string> typesUntil(const std::string& type) {
    std::vector<std::string> types;
    while (const auto seen = nextEvent()) {
      types.push_back(seen->type);
      if (seen->type == type) break;
    }
    return types;
  }
  std::int64_t lastId() const { return last_; }

 private:
  HttpClient client_;
  ClientResponse head_;
  std::int64_t last_ = 0;
};

}  // namespace bulkhead::test
