// Decimal numbers in text.
#pragma once
#include <charconv>
#include <optional>
#include <string_view>

namespace bulkhead {

// The whole text is the number: digits, and a '-' where the type has one. Nothing for anything
// else, and for what the type cannot hold.
template <typename Number>
std::optional<Number> parseNumber(std::string_view text) {
  Number number{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace bulkhead
