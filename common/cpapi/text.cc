// UTF-8 and the escapes of JSON strings.
#include "common/cpapi/text.h"

namespace bulkhead::cpapi {
namespace {

constexpr unsigned kAsciiEnd = 0x80;
constexpr unsigned kFirstPrintable = 0x20;
constexpr unsigned kDelete = 0x7f;

unsigned byteAt(std::string_view text, std::size_t position) {
  return static_cast<unsigned char>(text[position]);
}

bool isPlainAscii(unsigned byte) {
  return byte >= kFirstPrintable && byte < kDelete && byte != '"' && byte != '\\';
}

// The lead byte's length and the range of its second byte (RFC 3629, section 4): that range is what
// keeps overlong forms and surrogates out.
struct Lead {
  std::size_t length;
  unsigned low;
  unsigned high;
};
Lead leadOf(unsigned byte) {
  if (byte < kAsciiEnd) return {1, 0, 0};
  if (byte >= 0xc2 && byte <= 0xdf) return {2, 0x80, 0xbf};
  if (byte == 0xe0) return {3, 0xa0, 0xbf};
  if (byte == 0xed) return {3, 0x80, 0x9f};
  if (byte >= 0xe1 && byte <= 0xef) return {3, 0x80, 0xbf};
  if (byte == 0xf0) return {4, 0x90, 0xbf};
  if (byte >= 0xf1 && byte <= 0xf3) return {4, 0x80, 0xbf};
  if (byte == 0xf4) return {4, 0x80, 0x8f};
  return {0, 0, 0};
}

}  // namespace

std::size_t utf8Length(std::string_view text) {
  const Lead lead = leadOf(byteAt(text, 0));
  if (lead.length <= 1) return lead.length;
  if (text.size() < lead.length) return 0;
  const unsigned second = byteAt(text, 1);
  if (second < lead.low || second > lead.high) return 0;
  for (std::size_t i = 2; i < lead.length; ++i)
    if ((byteAt(text, i) & 0xc0U) != 0x80U) return 0;
  return lead.length;
}

bool isUtf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8Length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::size_t plainLength(std::string_view text) {
  std::size_t position = 0;
  while (position < text.size()) {
    const unsigned byte = byteAt(text, position);
    if (byte < kAsciiEnd) {
      if (!isPlainAscii(byte)) break;
      ++position;
      continue;
    }
    const std::size_t length = utf8Length(text.substr(position));
    if (length == 0) break;
    position += length;
  }
  return position;
}

Escaped escapeFront(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const unsigned byte = byteAt(text, 0);
  if (byte >= kAsciiEnd) return {{'\xef', '\xbf', '\xbd'}, 3, 1};
  if (byte == '"' || byte == '\\') return {{'\\', text[0]}, 2, 1};
  return {{'\\', 'u', '0', '0', kHex[byte >> 4U], kHex[byte & 15U]}, 6, 1};
}

std::string_view echoOf(std::string_view text) {
  if (text.size() <= kEchoBytesMax) return text;
  std::size_t end = kEchoBytesMax;
  while (end > 0 && (byteAt(text, end) & 0xc0U) == 0x80U)
    --end;
  return text.substr(0, end);
}

}  // namespace bulkhead::cpapi
