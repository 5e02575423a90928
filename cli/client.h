// Client: one request to the panel, over the Unix socket (root on this host) or over TLS with a
// token.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "common/core/result.h"

namespace bulkhead::cli {

inline constexpr const char* kDefaultSocket = "/run/bulkhead/api.sock";

// Error::field of a connection that was lost after it was made: the request may have arrived.
inline constexpr const char* kLostField = "connection";

struct Endpoint {
  std::string socketPath = kDefaultSocket;
  std::string host;           // "panel.example:2087" instead of the socket
  std::string token;          // bearer, read from a file or stdin, never from an argument
  std::string authorityFile;  // CA bundle for host, "" = the system's
};

struct Request {
  std::string method;
  std::string path;  // with query
  std::string body;  // JSON, "" = none
  long timeLimitSeconds = 90;
  std::string ifMatch = {};  // the number of a revision; "" = no condition
  // What the panel knows a repetition by; "" = send() makes one of 128 random bits for whatever is
  // no GET.
  std::string idempotencyKey = {};
  std::string accept = "application/json";
  std::string lastEventId = {};  // of a stream: after which to go on; "" = none
};

struct Response {
  int status = 0;
  std::map<std::string, std::string> headers;  // lower-case names
  std::string body;
};

class Client {
 public:
  explicit Client(Endpoint endpoint);
  // kUnavailable when nobody answers, kTimeout when not in time, kCancelled after Ctrl-C under an
  // InterruptGuard; the field names the option at fault. An HTTP error is a Response, not an Error.
  Result<Response> send(const Request& request) const;
  // The same for a body that goes on: each piece of a good answer as it comes, until the panel ends
  // it or `take` answers false, which is no error. A time limit of 0 is none; silence for longer
  // than heartbeats take is a lost connection.
  Result<Response> stream(const Request& request,
                          const std::function<bool(std::string_view)>& take) const;

 private:
  using Take = std::function<bool(std::string_view)>;
  Result<Response> exchange(const Request& request, const Take* take) const;

  Endpoint endpoint_;
};

// What to do after an Error of Client::send().
std::string nextAfterFailure(const Error& error, const Endpoint& endpoint);

std::string percentEncode(const std::string& text);
std::string newIdempotencyKey();
// kInvalidArgument for what the panel would refuse, or what would end the header's line; "" is
// none.
Result<Ok> checkIdempotencyKey(const std::string& key);

}  // namespace bulkhead::cli
