#include "common/types/contact.h"

#include <algorithm>

#include "common/types/domain_name.h"

namespace bulkhead {
namespace {

bool isLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isLocalCharacter(char c) {
  return isLetter(c) || isDigit(c) ||
         std::string_view("!#$%&'*+/=?^_`{|}~-.").find(c) != std::string_view::npos;
}
bool letters(std::string_view text) { return std::all_of(text.begin(), text.end(), isLetter); }

}  // namespace

Result<EmailAddress> EmailAddress::parse(std::string_view text) {
  const auto refuse = [](const char* why) {
    return Error{Code::kInvalidArgument, std::string("email: ") + why, "email"};
  };
  if (text.size() > kMaxLength) return refuse("longer than 254 characters");
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos) return refuse("must be local@domain");
  const std::string_view local = text.substr(0, at);
  if (local.empty() || local.size() > kLocalMaxLength)
    return refuse("1 to 64 characters before the '@'");
  if (!std::all_of(local.begin(), local.end(), isLocalCharacter))
    return refuse("a character before the '@' is not allowed");
  if (local.front() == '.' || local.back() == '.' || local.find("..") != std::string_view::npos)
    return refuse("a dot before the '@' is out of place");
  // RFC 5321 allows it; a program that is given the address would take it for an option.
  if (local.front() == '-') return refuse("must not begin with '-'");
  const auto domain = DomainName::parse(text.substr(at + 1));
  if (!domain.ok()) return refuse("no domain name after the '@'");
  std::string whole = std::string(local) + "@" + domain->text();
  if (whole.size() > kMaxLength) return refuse("longer than 254 characters");
  return EmailAddress(std::move(whole));
}

Result<LocaleCode> LocaleCode::parse(std::string_view text) {
  const std::size_t bar = std::min(text.find('_'), text.size());
  const bool language = (bar == 2 || bar == 3) && letters(text.substr(0, bar));
  const bool region =
      bar == text.size() || (text.size() == bar + 3 && letters(text.substr(bar + 1)));
  if (!language || !region)
    return Error{Code::kInvalidArgument, "locale: a language as \"en\" or \"EN_us\"", "locale"};
  return LocaleCode(std::string(text));
}

}  // namespace bulkhead
