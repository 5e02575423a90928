#include "api/store/cursor.h"

#include <sodium.h>

#include <algorithm>
#include <charconv>

#include "api/store/store.h"

namespace bulkhead::api {
namespace {
constexpr std::size_t kCursorMax = 128;  // ours have about 75 characters
constexpr char kSeparator = '|';
constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

Error refusal() {
  return {Code::kInvalidArgument, "cursor: not one that this list gave", "cursor"};
}
}  // namespace

std::string printCursor(std::string_view list, const Position& position) {
  const std::string plain = std::string(list) + kSeparator + std::to_string(position.createdAt) +
                            kSeparator + position.id;
  std::string text(sodium_base64_encoded_len(plain.size(), kVariant), '\0');
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the library's type for bytes
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(plain.data()),
                    plain.size(), kVariant);
  text.pop_back();  // the terminating NUL
  return text;
}

Result<Position> parseCursor(std::string_view list, std::string_view text) {
  if (text.size() > kCursorMax) return refusal();
  std::string plain(text.size(), '\0');
  std::size_t size = 0;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the library's type for bytes
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(plain.data()), plain.size(), text.data(),
                        text.size(), nullptr, &size, nullptr, kVariant) != 0)
    return refusal();
  plain.resize(size);
  const auto first = plain.find(kSeparator);
  const auto second = first == std::string::npos ? first : plain.find(kSeparator, first + 1);
  if (second == std::string::npos) return refusal();
  Position position;
  const char* end = plain.data() + second;
  const auto parsed = std::from_chars(plain.data() + first + 1, end, position.createdAt);
  if (parsed.ec != std::errc() || parsed.ptr != end) return refusal();
  position.id = plain.substr(second + 1);
  if (!std::all_of(position.id.begin(), position.id.end(),
                   [](char c) { return c > ' ' && c <= '~' && c != kSeparator; }))
    return refusal();
  // Printing it again must give the same text: no second spelling of one place.
  if (printCursor(list, position) != text) return refusal();
  return position;
}

Result<Position> startOf(std::string_view list, const PageQuery& query, Position first) {
  if (query.cursor.empty()) return first;
  return parseCursor(list, query.cursor);
}

std::uint32_t pageSize(const PageQuery& query) {
  return std::clamp<std::uint32_t>(query.limit, 1, kPageMax);
}

}  // namespace bulkhead::api
