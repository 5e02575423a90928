#include "api/http/request_wishes.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace bulkhead::api {
namespace {

bool isLowerHex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// The media types of an Accept, without their parameters: who names one of ours wants it.
bool accepts(std::string_view accept, std::string_view type) {
  while (!accept.empty()) {
    const std::size_t comma = accept.find(',');
    std::string_view one = accept.substr(0, comma);
    one = one.substr(0, one.find(';'));
    while (!one.empty() && one.front() == ' ')
      one.remove_prefix(1);
    while (!one.empty() && one.back() == ' ')
      one.remove_suffix(1);
    if (equalsIgnoringCase(one, type)) return true;
    accept = comma == std::string_view::npos ? std::string_view{} : accept.substr(comma + 1);
  }
  return false;
}

}  // namespace

bool equalsIgnoringCase(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [&](char x, char y) { return lower(x) == lower(y); });
}

EventForm eventForm(const HttpRequest& request) {
  const std::string* accept = request.header("accept");
  if (accept == nullptr || request.method != Method::kGet) return EventForm::kPage;
  if (accepts(*accept, "text/event-stream")) return EventForm::kServerSent;
  if (accepts(*accept, "application/x-ndjson")) return EventForm::kLines;
  return EventForm::kPage;
}

std::chrono::seconds preferredWait(const HttpRequest& request) {
  constexpr std::string_view kWait = "wait=";
  const std::string* prefer = request.header("prefer");
  if (prefer == nullptr) return std::chrono::seconds{0};
  std::string_view rest = *prefer;
  while (!rest.empty()) {
    const std::size_t comma = rest.find(',');
    std::string_view one = rest.substr(0, comma);
    while (!one.empty() && one.front() == ' ')
      one.remove_prefix(1);
    if (equalsIgnoringCase(one.substr(0, kWait.size()), kWait)) {
      std::uint32_t seconds = 0;
      one.remove_prefix(kWait.size());
      const auto [stop, fault] = std::from_chars(one.data(), one.data() + one.size(), seconds);
      // A preference that we cannot read is none (RFC 7240 section 2).
      if (fault == std::errc() && stop == one.data() + one.size())
        return std::min(std::chrono::seconds{seconds}, kWaitMax);
    }
    rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
  }
  return std::chrono::seconds{0};
}

bool asksToWait(const HttpRequest& request) { return preferredWait(request).count() > 0; }

std::string traceparentOf(const HttpRequest& request) {
  constexpr std::size_t kLength = 55;  // 00-<32>-<16>-<2>
  const std::string* header = request.header("traceparent");
  if (header == nullptr || header->size() != kLength) return "";
  const std::string_view text = *header;
  const std::string_view trace = text.substr(3, 32);
  const std::string_view parent = text.substr(36, 16);
  const bool formed = text.substr(0, 3) == "00-" && text[35] == '-' && text[52] == '-' &&
                      isLowerHex(trace) && isLowerHex(parent) && isLowerHex(text.substr(53));
  const auto zero = [](std::string_view t) {
    return t.find_first_not_of('0') == std::string_view::npos;
  };
  return formed && !zero(trace) && !zero(parent) ? *header : "";
}

}  // namespace bulkhead::api
