#include "common/audit/line_head.h"

#include <charconv>
#include <chrono>

namespace bulkhead {
namespace {

class Cursor {
 public:
  explicit Cursor(std::string_view rest) : rest_(rest) {}

  bool skip(std::string_view expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }
  template <typename T>
  bool number(T& value, std::size_t digits = 0) {
    const auto text = digits == 0 ? rest_ : rest_.substr(0, digits);
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    const auto used = static_cast<std::size_t>(parsed.ptr - text.data());
    if (parsed.ec != std::errc() || (digits != 0 && used != digits)) return false;
    rest_.remove_prefix(used);
    return true;
  }
  // Up to the quote: for texts that need no escapes.
  bool text(std::string_view& value) {
    const std::size_t end = rest_.find('"');
    if (end == std::string_view::npos) return false;
    value = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return true;
  }

 private:
  std::string_view rest_;
};

bool readTime(Cursor& at, std::int64_t& micros) {
  int year = 0;
  unsigned month = 0, day = 0, hour = 0, minute = 0, second = 0, fraction = 0;
  if (!at.number(year, 4) || !at.skip("-") || !at.number(month, 2) || !at.skip("-") ||
      !at.number(day, 2) || !at.skip("T") || !at.number(hour, 2) || !at.skip(":") ||
      !at.number(minute, 2) || !at.skip(":") || !at.number(second, 2) || !at.skip(".") ||
      !at.number(fraction, 6) || !at.skip("Z"))
    return false;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(day)};
  if (!date.ok()) return false;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  micros = (((days * 24 + hour) * 60 + minute) * 60 + second) * 1000000 + fraction;
  return true;
}

}  // namespace

std::optional<LineHead> readHead(std::string_view line) {
  LineHead head;
  std::uint64_t seq = 0;
  Cursor at(line);
  if (!at.skip("{\"v\":1,\"seq\":") || !at.number(seq) || !at.skip(",\"ts\":\"") ||
      !readTime(at, head.time.unixMicros) || !at.skip("\",\"mono_ns\":") ||
      !at.number(head.time.monotonicNanos) || !at.skip(",\"boot_id\":\"") ||
      !at.text(head.bootId) || !at.skip("\",\"kind\":\"") || !at.text(head.kind))
    return std::nullopt;
  return head;
}

}  // namespace bulkhead
