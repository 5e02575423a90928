// Serialization of answers, and request ids.
#include "api/http/wire.h"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "api/http/problem.h"

namespace bulkhead::api {
namespace {

constexpr std::size_t kRequestIdBytesMin = 8;
// Of every answer, whoever made it. Answers are data for one caller: no cache, no sniffing, and
// harmless when a browser opens one as a page.
constexpr std::string_view kSecurityHeaders =
    "Cache-Control: no-store\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "X-Frame-Options: DENY\r\n";

bool isTransportHeader(std::string_view name) {
  constexpr std::array<std::string_view, 13> kOwn{"cache-control",
                                                  "connection",
                                                  "content-length",
                                                  "content-security-policy",
                                                  "content-type",
                                                  "cross-origin-opener-policy",
                                                  "cross-origin-resource-policy",
                                                  "keep-alive",
                                                  "referrer-policy",
                                                  "transfer-encoding",
                                                  "x-content-type-options",
                                                  "x-frame-options",
                                                  "x-request-id"};
  const auto same = [name](std::string_view own) {
    const auto equalLetter = [](char a, char b) {
      return a == b || (a >= 'A' && a <= 'Z' && a - 'A' + 'a' == b);
    };
    return std::equal(name.begin(), name.end(), own.begin(), own.end(), equalLetter);
  };
  return std::any_of(kOwn.begin(), kOwn.end(), same);
}

bool isSendable(const HttpResponse& response) {
  if (response.status < 200 || response.status > 599 || !isFieldValue(response.contentType))
    return false;
  return std::all_of(response.headers.begin(), response.headers.end(), [](const auto& header) {
    return isToken(header.first) && !isTransportHeader(header.first) && isFieldValue(header.second);
  });
}

void appendHeader(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

std::string newRequestId() {
  constexpr std::size_t kIdBytes = 16;
  // For several ids at once: a call of the kernel each would be felt.
  thread_local std::array<unsigned char, 16 * kIdBytes> random{};
  thread_local std::size_t used = random.size();
  if (used == random.size()) {
    // Unpredictable ids are not needed for safety, only unique ones: a short read (never below 256
    // bytes) would be harmless.
    (void)!::getrandom(random.data(), random.size(), 0);
    used = 0;
  }
  std::string out;
  out.reserve(kIdBytes * 2);
  for (const std::size_t end = used + kIdBytes; used < end; ++used) {
    out += "0123456789abcdef"[random[used] >> 4U];
    out += "0123456789abcdef"[random[used] & 15U];
  }
  return out;
}

}  // namespace

namespace {

bool isBodiless(const HttpResponse& response) {
  return response.status == 204 || response.status == 304;
}

std::string headOf(const HttpResponse& response, AfterAnswer after, std::string_view requestId) {
  std::string out;
  out.reserve(768);
  out.append("HTTP/1.1 ")
      .append(std::to_string(response.status))
      .append(" ")
      .append(reasonPhrase(response.status))
      .append("\r\n");
  if (!isBodiless(response)) {
    if (!response.contentType.empty()) appendHeader(out, "Content-Type", response.contentType);
    if (!response.stream)
      appendHeader(out, "Content-Length", std::to_string(response.content().size()));
  }
  for (const auto& [name, value] : response.headers)
    appendHeader(out, name, value);
  out += kSecurityHeaders;
  appendHeader(out, "X-Request-Id", requestId);
  appendHeader(out, "Connection", after == AfterAnswer::kClose ? "close" : "keep-alive");
  out += "\r\n";
  return out;
}

}  // namespace

std::optional<AnswerBytes> answerBytes(HttpResponse response,
                                       Method method,
                                       AfterAnswer after,
                                       std::string_view requestId) {
  if (!isSendable(response)) return std::nullopt;
  // Its length is not known: the end of the connection is the end of the body.
  const bool streams = response.stream != nullptr && method != Method::kHead;
  if (streams) after = AfterAnswer::kClose;
  AnswerBytes bytes{headOf(response, after, requestId), {}, {}};
  if (isBodiless(response) || method == Method::kHead) return bytes;
  bytes.stream = std::move(response.stream);
  if (streams) return bytes;
  bytes.body = std::move(response.body);
  bytes.sharedBody = std::move(response.sharedBody);
  return bytes;
}

std::optional<std::string> serializeResponse(const HttpResponse& response,
                                             Method method,
                                             AfterAnswer after,
                                             std::string_view requestId) {
  auto bytes = answerBytes(response, method, after, requestId);
  if (!bytes) return std::nullopt;
  return bytes->head + bytes->content();
}

namespace {
// The same words that the router has for these, see problem.h.
std::string_view publishedCode(const Refusal& refusal) {
  if (refusal.status == statusOf(HttpFault::kBadRequest))
    return httpFaultName(HttpFault::kBadRequest);
  if (refusal.status == statusOf(HttpFault::kPayloadTooLarge))
    return httpFaultName(HttpFault::kPayloadTooLarge);
  return codeName(refusal.code);
}
}  // namespace

std::string serializeRefusal(const Refusal& refusal,
                             Method method,
                             AfterAnswer after,
                             std::string_view requestId) {
  HttpResponse response =
      problemResponse(refusal.status, publishedCode(refusal), refusal.detail, requestId);
  if (refusal.status == 503) response.headers.emplace_back("Retry-After", "1");
  // All texts are ours, so it is sendable.
  return serializeResponse(response, method, after, requestId).value();
}

std::string chooseRequestId(const std::string* offered) {
  const auto plain = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_';
  };
  const bool usable = offered && offered->size() >= kRequestIdBytesMin &&
                      offered->size() <= kRequestIdBytesMax &&
                      std::all_of(offered->begin(), offered->end(), plain);
  return usable ? *offered : newRequestId();
}

}  // namespace bulkhead::api
