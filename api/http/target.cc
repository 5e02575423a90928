// Strict decoding of the request target.
#include "api/http/target.h"

#include <cstddef>
#include <cstdint>

#include "api/http/limits.h"

namespace bulkhead::api {
namespace {

Error refused(const char* message) { return Error{Code::kInvalidArgument, message, ""}; }

int hexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

unsigned char byteAt(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

// Length of the UTF-8 sequence at `at`, 0 when it is malformed, overlong, a surrogate or above
// U+10FFFF.
std::size_t sequenceLength(std::string_view text, std::size_t at) {
  const unsigned char lead = byteAt(text, at);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xc2 && lead <= 0xdf   ? 2
                             : (lead >> 4U) == 0xe          ? 3
                             : lead >= 0xf0 && lead <= 0xf4 ? 4
                                                            : 0;
  if (length == 0 || text.size() - at < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byteAt(text, at + i) & 0xc0U) != 0x80U) return 0;
  }
  const unsigned char second = byteAt(text, at + 1);
  const bool wrongRange = (lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
                          (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f);
  return wrongRange ? 0 : length;
}

bool isCleanText(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const unsigned char lead = byteAt(text, at);
    if (lead < 0x20 || lead == 0x7f) return false;
    const std::size_t length = sequenceLength(text, at);
    if (length == 0) return false;
    if (length == 2 && lead == 0xc2 && byteAt(text, at + 1) < 0xa0)
      return false;  // C1 controls move terminals, too
    at += length;
  }
  return true;
}

// Cuts the next piece up to `separator` off the front of `rest`; `rest` becomes null data at the
// end.
std::string_view cutPiece(std::string_view& rest, char separator, bool& more) {
  const std::size_t at = rest.find(separator);
  more = at != std::string_view::npos;
  const std::string_view piece = rest.substr(0, at);
  rest = more ? rest.substr(at + 1) : std::string_view{};
  return piece;
}

}  // namespace

Result<std::string> percentDecode(std::string_view text, PlusSign plus) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const int high = text.size() - i > 2 ? hexValue(text[i + 1]) : -1;
      const int low = text.size() - i > 2 ? hexValue(text[i + 2]) : -1;
      if (high < 0 || low < 0) return refused("a '%' in the address needs two hex digits");
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus == PlusSign::kSpace) {
      c = ' ';
    }
    out += c;
  }
  if (!isCleanText(out)) return refused("the address holds control characters or is not UTF-8");
  return out;
}

Result<std::vector<std::string>> pathSegments(std::string_view rawPath) {
  std::vector<std::string> segments;
  if (rawPath.empty() || rawPath.front() != '/') return refused("the path must begin with '/'");
  rawPath.remove_prefix(1);
  if (rawPath.empty()) return segments;
  for (bool more = true; more;) {
    TRY_ASSIGN(std::string segment, percentDecode(cutPiece(rawPath, '/', more)));
    if (segment.empty()) return refused("the path has an empty segment");
    if (segment == "." || segment == "..") return refused("the path has a '.' or '..' segment");
    // No identifier holds one, and whoever joins segments again must not get another path.
    if (segment.find('/') != std::string::npos)
      return refused("a path segment holds an encoded '/'");
    if (segments.size() == kPathSegmentsMax) return refused("the path has too many segments");
    segments.push_back(std::move(segment));
  }
  return segments;
}

Result<NameValues> parseQuery(std::string_view rawQuery) {
  NameValues pairs;
  if (rawQuery.empty()) return pairs;
  for (bool more = true; more;) {
    const std::string_view piece = cutPiece(rawQuery, '&', more);
    const std::size_t equals = piece.find('=');
    TRY_ASSIGN(std::string name, percentDecode(piece.substr(0, equals), PlusSign::kSpace));
    if (name.empty()) return refused("the query has an empty name");
    std::string value;
    if (equals != std::string_view::npos) {
      TRY_ASSIGN(value, percentDecode(piece.substr(equals + 1), PlusSign::kSpace));
    }
    if (pairs.size() == kQueryPairsMax) return refused("the query has too many parameters");
    pairs.emplace_back(std::move(name), std::move(value));
  }
  return pairs;
}

}  // namespace bulkhead::api
