// Writing JSON text, for a program without heap and for documents of many megabytes alike: `Out`
// is anything with append(const char*, size_t).
#pragma once
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/cpapi/outcome.h"

namespace bulkhead::cpapi {

// How many bytes at the front of `text` are one character of well-formed UTF-8; 0 when they are
// none. `text` is not empty.
std::size_t utf8Length(std::string_view text);
bool isUtf8(std::string_view text);

// How many bytes at the front of `text` can stand in a JSON string as they are.
std::size_t plainLength(std::string_view text);
// What stands for the first character of `text`, which is not plain; `used` is its length.
struct Escaped {
  std::array<char, 6> bytes;
  std::size_t size;
  std::size_t used;
};
Escaped escapeFront(std::string_view text);

template <typename Out>
void put(Out& out, std::string_view text) {
  out.append(text.data(), text.size());
}

// The inside of a JSON string. Control characters are escaped, a byte that is not UTF-8 becomes
// U+FFFD, everything else stays readable.
template <typename Out>
void putEscaped(Out& out, std::string_view text) {
  while (!text.empty()) {
    const std::size_t plain = plainLength(text);
    out.append(text.data(), plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const Escaped escaped = escapeFront(text);
    out.append(escaped.bytes.data(), escaped.size);
    text.remove_prefix(escaped.used);
  }
}

template <typename Out>
void putString(Out& out, std::string_view text) {
  put(out, "\"");
  putEscaped(out, text);
  put(out, "\"");
}

template <typename Out>
void putNumber(Out& out, std::uint64_t value) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

inline constexpr std::string_view kDataBegin = "{\"data\":";
inline constexpr std::string_view kDataEnd = ",\"metadata\":{\"result\":\"ok\"}}\n";

// Of what a caller typed, so much comes back in a message.
inline constexpr std::size_t kEchoBytesMax = 80;
// `text`, or its first characters when it is longer than that.
std::string_view echoOf(std::string_view text);

// The whole document of a refusal.
template <typename Out>
void putRefusal(Out& out, const Fault& fault) {
  put(out, "{\"data\":null,\"metadata\":{\"result\":\"");
  put(out, outcomeName(fault.outcome));
  put(out, "\",\"message\":\"");
  putEscaped(out, fault.why);
  if (!fault.what.empty()) {
    put(out, ": ");
    putEscaped(out, echoOf(fault.what));
  }
  put(out, "\"");
  put(out, "}}\n");
}

// Text of a fixed size, for places where no memory may be asked for. What does not fit is left out
// and remembered.
template <std::size_t kSize>
class FixedText {
 public:
  void append(const char* bytes, std::size_t size) {
    if (size > kSize - used_) {
      overflowed_ = true;
      return;
    }
    for (std::size_t i = 0; i < size; ++i)
      bytes_[used_ + i] = bytes[i];
    used_ += size;
  }
  void clear() {
    used_ = 0;
    overflowed_ = false;
  }
  std::string_view view() const { return {bytes_.data(), used_}; }
  bool overflowed() const { return overflowed_; }

 private:
  std::array<char, kSize> bytes_;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled as used
  std::size_t used_ = 0;
  bool overflowed_ = false;
};

}  // namespace bulkhead::cpapi
