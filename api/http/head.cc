// Request line and headers, byte by byte.
#include "api/http/head.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>

#include "api/http/target.h"

namespace bulkhead::api {
namespace {

using MaybeRefusal = std::optional<Refusal>;

Refusal bad(std::string_view detail) { return Refusal{400, Code::kInvalidArgument, detail}; }

// Two of one of these would mean two things; which one counts must not depend on who reads them.
constexpr std::array<std::string_view, 10> kSingleHeaders{
    "authorization", "content-length", "content-type",
    "cookie",        "host",           "idempotency-key",
    "if-match",      "prefer",         "transfer-encoding",
    "x-request-id"};

bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isAlpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool isTokenChar(char c) {
  return isDigit(c) || isAlpha(c) ||
         (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
}

bool isTargetChar(char c) {
  return c > 0x20 && c < 0x7f && std::string_view("\"#<>\\^`{|}").find(c) == std::string_view::npos;
}

bool isHostChar(char c) {
  return isDigit(c) || isAlpha(c) || std::string_view(".-_:[]").find(c) != std::string_view::npos;
}

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && blank(text.back()))
    text.remove_suffix(1);
  return text;
}

MaybeRefusal parseVersion(std::string_view version, bool& http10) {
  http10 = version == "HTTP/1.0";
  if (http10 || version == "HTTP/1.1") return std::nullopt;
  const bool wellFormed = version.size() == 8 && version.substr(0, 5) == "HTTP/" &&
                          isDigit(version[5]) && version[6] == '.' && isDigit(version[7]);
  if (!wellFormed) return bad("malformed request line");
  return Refusal{505, Code::kUnsupported, "only HTTP/1.0 and HTTP/1.1 are spoken here"};
}

MaybeRefusal parseTarget(std::string_view target, const Limits& limits, HttpRequest& out) {
  if (target.size() > limits.targetBytes)
    return Refusal{414, Code::kLimitExceeded, "the address is too long"};
  // Only the origin form: "*", a full URL or "host:port" are for proxies.
  if (target.empty() || target.front() != '/') return bad("the address must begin with '/'");
  if (!std::all_of(target.begin(), target.end(), isTargetChar))
    return bad("the address holds a forbidden character");
  const std::size_t mark = target.find('?');
  out.path = target.substr(0, mark);
  if (!pathSegments(out.path).ok()) return bad("malformed path");
  if (mark == std::string_view::npos) return std::nullopt;
  auto query = parseQuery(target.substr(mark + 1));
  if (!query.ok()) return bad("malformed query");
  out.query = std::move(query).value();
  return std::nullopt;
}

MaybeRefusal parseRequestLine(std::string_view line,
                              const Limits& limits,
                              HttpRequest& out,
                              bool& http10) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return bad("malformed request line");
  const std::string_view word = line.substr(0, first);
  if (!isToken(word)) return bad("malformed method");
  if (auto refusal = parseVersion(line.substr(last + 1), http10)) return refusal;
  const auto method = methodFromName(word);
  if (!method) return Refusal{501, Code::kUnsupported, "unknown method"};
  out.method = *method;
  return parseTarget(line.substr(first + 1, last - first - 1), limits, out);
}

MaybeRefusal parseHeaderLine(std::string_view line, const Limits& limits, NameValues& out) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return bad("a header line has no colon");
  // A folded line begins with a blank, and "Name :" ends with one: neither is a token.
  if (!isToken(line.substr(0, colon))) return bad("malformed header name");
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (!isFieldValue(value)) return bad("a header value holds a control character");
  if (out.size() >= limits.headerCount)
    return Refusal{431, Code::kLimitExceeded, "too many headers"};
  out.emplace_back(lowered(line.substr(0, colon)), value);
  return std::nullopt;
}

MaybeRefusal parseContentLength(std::string_view text, const Limits& limits, std::size_t& out) {
  if (text.empty() || !std::all_of(text.begin(), text.end(), isDigit))
    return bad("malformed Content-Length");
  if (text.size() > 1 && text.front() == '0')
    return bad("malformed Content-Length");  // some readers take 010 as octal
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || out > limits.bodyBytes)
    return Refusal{413, Code::kLimitExceeded, "the body is too large"};
  return std::nullopt;
}

bool hasConnectionWord(std::string_view list, std::string_view word) {
  for (bool more = true; more;) {
    const std::size_t comma = list.find(',');
    more = comma != std::string_view::npos;
    if (lowered(trimmed(list.substr(0, comma))) == word) return true;
    if (more) list.remove_prefix(comma + 1);
  }
  return false;
}

MaybeRefusal checkSingles(const HttpRequest& request) {
  for (std::string_view name : kSingleHeaders) {
    const auto named = [name](const auto& header) { return header.first == name; };
    if (std::count_if(request.headers.begin(), request.headers.end(), named) > 1)
      return bad("a header was sent twice that may be sent once");
  }
  return std::nullopt;
}

// Decides where the body ends, and refuses every head about which two readers could disagree.
MaybeRefusal applyFramingHeaders(RequestHead& head, bool http10, const Limits& limits) {
  const HttpRequest& request = head.request;
  if (auto refusal = checkSingles(request)) return refusal;
  const std::string* host = request.header("host");
  if (!host && !http10) return bad("the Host header is missing");
  if (host && (host->empty() || !std::all_of(host->begin(), host->end(), isHostChar)))
    return bad("malformed Host");
  const std::string* length = request.header("content-length");
  if (request.header("transfer-encoding")) {
    if (length || http10) return bad("Transfer-Encoding contradicts the rest of the head");
    // The gateway sends bodies in one piece with their length, so chunks are not worth their
    // attacks.
    return Refusal{501, Code::kUnsupported, "send the body with Content-Length"};
  }
  if (length) {
    if (auto refusal = parseContentLength(*length, limits, head.bodyBytes)) return refusal;
  }
  const bool bodiless = request.method == Method::kGet || request.method == Method::kHead;
  if (bodiless && head.bodyBytes > 0) return bad("this method takes no body");
  if (request.header("expect"))
    return Refusal{417, Code::kUnsupported, "expectations are not supported"};
  bool close = http10;
  for (const auto& [name, value] : request.headers) {
    if (name != "connection") continue;
    if (http10 && hasConnectionWord(value, "keep-alive")) close = false;
  }
  for (const auto& [name, value] : request.headers) {
    if (name == "connection" && hasConnectionWord(value, "close")) close = true;
  }
  head.keepAlive = !close;
  return std::nullopt;
}

}  // namespace

bool isToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), isTokenChar);
}

bool isFieldValue(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7f) || c == '\t';
  });
}

std::variant<RequestHead, Refusal> parseHead(std::string_view head, const Limits& limits) {
  RequestHead out;
  bool http10 = false;
  bool first = true;
  while (!head.empty()) {
    const std::size_t end = head.find("\r\n");
    if (end == std::string_view::npos) return bad("a line does not end with CR LF");
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(end + 2);
    auto refusal = first ? parseRequestLine(line, limits, out.request, http10)
                         : parseHeaderLine(line, limits, out.request.headers);
    if (refusal) return *refusal;
    first = false;
  }
  if (first) return bad("malformed request line");
  if (auto refusal = applyFramingHeaders(out, http10, limits)) return *refusal;
  return out;
}

}  // namespace bulkhead::api
