// How people are reached: e-mail addresses and the codes of their language.
#pragma once
#include <string>
#include <string_view>

#include "common/core/result.h"

namespace bulkhead {

class EmailAddress {
 public:
  static constexpr std::size_t kMaxLength = 254;      // RFC 5321's path
  static constexpr std::size_t kLocalMaxLength = 64;  // RFC 5321
  // local@domain: the local part of letters, digits and !#$%&'*+/=?^_`{|}~-. without dots at its
  // ends or in a row, and without a '-' at its beginning; no quoted forms. The domain becomes
  // A-labels.
  static Result<EmailAddress> parse(std::string_view text);
  const std::string& text() const { return text_; }

 private:
  explicit EmailAddress(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

class LocaleCode {
 public:
  // Two or three letters, and optionally '_' and two more: "en", "EN_us". The spelling stays.
  static Result<LocaleCode> parse(std::string_view text);
  const std::string& text() const { return text_; }

 private:
  explicit LocaleCode(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace bulkhead
