// What may stand in Idempotency-Key: 1 to 255 printable ASCII characters.
#pragma once
#include <algorithm>
#include <cstddef>
#include <string_view>

namespace bulkhead {

// Any client's way to make one fits: a UUID has 36.
inline constexpr std::size_t kIdempotencyKeyBytesMax = 255;

inline bool isIdempotencyKey(std::string_view text) {
  return !text.empty() && text.size() <= kIdempotencyKeyBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace bulkhead
