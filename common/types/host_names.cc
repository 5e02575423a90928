#include "common/types/host_names.h"

#include <algorithm>

namespace bulkhead {
namespace {

bool isLower(char c) { return c >= 'a' && c <= 'z'; }
bool isUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool isDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

Result<UnixUser> UnixUser::parse(std::string_view text) {
  const bool formed = !text.empty() && text.size() <= kMaxLength &&
                      (isLower(text.front()) || text.front() == '_') && text.back() != '-' &&
                      std::all_of(text.begin(), text.end(), [](char c) {
                        return isLower(c) || isDigit(c) || c == '_' || c == '-';
                      });
  if (!formed)
    return Error{Code::kInvalidArgument, "unix_user: 1 to 32 of a-z, 0-9, '_' and '-'",
                 "unix_user"};
  return UnixUser(std::string(text));
}

Result<PhpIdentifier> PhpIdentifier::parse(std::string_view text) {
  constexpr std::string_view kMiddle = "-php";
  const std::size_t middle = text.find(kMiddle);
  bool formed = middle != std::string_view::npos && middle >= 2 && middle <= 8;
  if (formed) {
    const std::string_view vendor = text.substr(0, middle);
    const std::string_view version = text.substr(middle + kMiddle.size());
    formed = std::all_of(vendor.begin(), vendor.end(), isLower) && version.size() >= 2 &&
             version.size() <= 3 && std::all_of(version.begin(), version.end(), isDigit);
  }
  if (!formed) return Error{Code::kInvalidArgument, "php: an identifier as \"alt-php83\"", "php"};
  return PhpIdentifier(std::string(text));
}

Result<DatabaseUserName> DatabaseUserName::parse(std::string_view text) {
  const bool formed = !text.empty() && text.size() <= kMaxLength &&
                      (isLower(text.front()) || isUpper(text.front())) &&
                      std::all_of(text.begin(), text.end(), [](char c) {
                        return isLower(c) || isUpper(c) || isDigit(c) || c == '_';
                      });
  if (!formed)
    return Error{Code::kInvalidArgument, "name: 1 to 32 letters, digits and '_', first a letter",
                 "name"};
  return DatabaseUserName(std::string(text));
}

}  // namespace bulkhead
