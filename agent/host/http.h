// One HTTP exchange with something local that is not trusted: an engine of a tenant, a site, nginx.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>

#include "agent/host/host.h"

namespace bulkhead::agent {

struct HttpExchange {
  std::string method = "GET";
  std::string path;         // with query; printable ASCII without spaces
  std::string hostHeader;   // the same
  std::string socketPath;   // a Unix socket, or "":
  std::uint16_t port = 80;  // of 127.0.0.1
  std::string body;
  std::string contentType;  // of the body
  int bodyFd = -1;          // streamed from here instead, to its end
  std::chrono::milliseconds timeLimit{5000};
  enum class Oversize { kRefuse, kCut } oversize = Oversize::kRefuse;  // above kReplyBytesMax
};

// No redirect, no proxy, no other protocol, no name resolution. kUnavailable when nothing answers,
// or not in HTTP; kTimeout.
Result<HttpReply> exchange(const HttpExchange& call);

}  // namespace bulkhead::agent
