// PersonName: what the panel calls an administrator or a reseller. No system user comes from it, so
// that "admin" is allowed here.
#pragma once
#include <compare>
#include <string>
#include <string_view>

#include "common/core/result.h"

namespace bulkhead {

class PersonName {
 public:
  static constexpr std::size_t kMinLength = 3;
  static constexpr std::size_t kMaxLength = 32;
  // 3-32 of [a-z0-9_.-], first a letter, last a letter or digit: one spelling a person, safe in
  // logs and actor names.
  static Result<PersonName> parse(std::string_view text);
  const std::string& text() const { return text_; }
  auto operator<=>(const PersonName&) const = default;

 private:
  explicit PersonName(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace bulkhead
