// The strict parser of one request head (request line and headers). Pure: no sockets, no state,
// bounded by Limits. Whatever two servers could read differently is refused: that is how requests
// are smuggled.
#pragma once
#include <cstddef>
#include <string_view>
#include <variant>

#include "api/http/limits.h"
#include "api/http/message.h"
#include "common/core/result.h"

namespace bulkhead::api {

// Why the transport itself answers. The detail is a fixed text and never repeats input.
struct Refusal {
  int status;
  Code code;
  std::string_view detail;
};

struct RequestHead {
  HttpRequest request;  // method, path, query, headers; the rest is filled in by others
  std::size_t bodyBytes = 0;
  bool keepAlive = true;
};

// `head` is everything up to and with the CRLF of the last header line, without the empty line.
std::variant<RequestHead, Refusal> parseHead(std::string_view head, const Limits& limits);

// A token of RFC 9110: what method and header names are made of.
bool isToken(std::string_view text);
// No control characters but tab: no CR, LF or NUL can hide in a header value.
bool isFieldValue(std::string_view text);

}  // namespace bulkhead::api
