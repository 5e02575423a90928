#include "common/core/escape.h"

#include <cstdint>

namespace bulkhead {
namespace {

struct CodePoint {
  std::uint32_t value = 0xfffd;
  std::size_t length = 1;  // bytes taken
};

// Decodes strictly: overlong forms, surrogates and values above U+10FFFF count as one bad byte.
CodePoint decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1};
  std::size_t length = 0;
  std::uint32_t value = 0;
  std::uint32_t smallest = 0;
  if ((first & 0xe0U) == 0xc0U) {
    length = 2, value = first & 0x1fU, smallest = 0x80;
  } else if ((first & 0xf0U) == 0xe0U) {
    length = 3, value = first & 0x0fU, smallest = 0x800;
  } else if ((first & 0xf8U) == 0xf0U) {
    length = 4, value = first & 0x07U, smallest = 0x10000;
  } else {
    return {};
  }
  if (text.size() < length) return {};
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80U) return {};
    value = (value << 6U) | (byte(i) & 0x3fU);
  }
  const bool surrogate = value >= 0xd800 && value <= 0xdfff;
  if (value < smallest || value > 0x10ffff || surrogate) return {};
  return {value, length};
}

void appendUnit(std::string& out, std::uint32_t unit) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4)
    out += kHex[(unit >> shift) & 0xfU];
}

void appendCodePoint(std::string& out, std::uint32_t value) {
  if (value == '"' || value == '\\') {
    out += '\\';
    out += static_cast<char>(value);
  } else if (value >= 0x20 && value < 0x7f) {
    out += static_cast<char>(value);
  } else if (value < 0x10000) {
    appendUnit(out, value);
  } else {
    appendUnit(out, 0xd800 + ((value - 0x10000) >> 10U));
    appendUnit(out, 0xdc00 + ((value - 0x10000) & 0x3ffU));
  }
}

}  // namespace

std::string quoteAscii(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  out += '"';
  while (!text.empty()) {
    const CodePoint point = decode(text);
    appendCodePoint(out, point.value);
    text.remove_prefix(point.length);
  }
  out += '"';
  return out;
}

}  // namespace bulkhead
