// Password: one that may be set. Length is what counts; there are no rules about kinds of
// characters.
#pragma once
#include <string>
#include <string_view>

#include "common/core/result.h"

namespace bulkhead::api {

class Password {
 public:
  static constexpr std::size_t kMinLength = 12;   // characters
  static constexpr std::size_t kMaxLength = 128;  // never cut: a longer one is refused
  // Refuses too short, too long, fewer than 5 different characters, one that holds the user's name,
  // and one that everybody tries first.
  static Result<Password> parse(std::string_view text, std::string_view username);
  const std::string& text() const { return text_; }

 private:
  explicit Password(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace bulkhead::api
