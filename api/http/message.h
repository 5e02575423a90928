// The plain types of one HTTP exchange. Everything above the transport uses only these; no Pistache
// header comes in here.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bulkhead::api {

// The closed list of methods; any other word is answered 501 before a handler sees it.
enum class Method { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions };

std::string_view methodName(Method method);
std::optional<Method> methodFromName(std::string_view name);

// Ordered and with duplicates, as they came.
using NameValues = std::vector<std::pair<std::string, std::string>>;

// The process at the other end of the Unix socket, as the kernel says (SO_PEERCRED); for requests
// that came through the gateway that is the gateway itself. There is no value that means "nobody":
// uid 0 would be root.
struct Peer {
  uid_t uid = static_cast<uid_t>(-1);
  gid_t gid = static_cast<gid_t>(-1);
  pid_t pid = -1;
};

struct HttpRequest {
  Method method = Method::kGet;
  std::string path;  // raw, begins with '/', printable ASCII, no query; decode with pathSegments()
                     // (target.h)
  NameValues query;  // decoded, in order, keys never empty; a duplicate key is there twice
  NameValues headers;  // lower-case names, values trimmed; Host, Authorization, Cookie and others
                       // of kind "one" at most once
  std::string body;
  Peer peer;
  std::string listener;  // name of the listening socket it came through (ListenerOptions::name)
  std::string
      requestId;  // the caller's X-Request-Id when it is well-formed, else made here; never empty

  // The first header of that lower-case name; nullptr when absent. Valid as long as the request.
  const std::string* header(std::string_view lowerName) const;
  // The value of a query key; nullopt when absent or given more than once.
  std::optional<std::string_view> queryValue(std::string_view key) const;
  bool hasDuplicateQueryKey() const;
};

class BodyStream;  // body_stream.h

// The transport adds Content-Type, Content-Length, Connection and X-Request-Id itself: one of these
// in headers is a fault of the handler and becomes a 500. For HEAD return what GET would: the body
// is counted but not sent. 204 and 304 carry no body.
struct HttpResponse {
  int status = 200;
  NameValues headers;
  std::string contentType = "application/json";
  std::string body;
  // Stands for `body` when it is set: a large document that several answers share.
  std::shared_ptr<const std::string> sharedBody = {};
  // Follows the head for as long as it lasts; there is no other body then, and no length. The
  // connection ends with it.
  std::shared_ptr<BodyStream> stream = {};

  const std::string& content() const { return sharedBody ? *sharedBody : body; }
};

// "Not Found" for 404; "Unknown" for a status that we never send.
std::string_view reasonPhrase(int status);

// A problem+json answer (RFC 9457) from fixed texts: code is the stable snake_case name; detail is
// for people and must not repeat input. All texts must need no JSON escaping beyond quotes and
// backslashes (they are ours).
HttpResponse problemResponse(int status,
                             std::string_view code,
                             std::string_view detail,
                             std::string_view requestId);

}  // namespace bulkhead::api
