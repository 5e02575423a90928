// Parsing of the names of administrators and resellers.
#include "common/types/person_name.h"

#include <algorithm>

namespace bulkhead {
namespace {
bool isLower(char c) { return c >= 'a' && c <= 'z'; }
bool isDigit(char c) { return c >= '0' && c <= '9'; }
}  // namespace

Result<PersonName> PersonName::parse(std::string_view text) {
  const auto refuse = [](std::string why) {
    return Error{Code::kInvalidArgument, "name: " + std::move(why), "username"};
  };
  if (text.size() < kMinLength || text.size() > kMaxLength) return refuse("3 to 32 characters");
  if (!isLower(text.front())) return refuse("must start with a lower-case letter");
  const bool clean = std::all_of(text.begin(), text.end(), [](char c) {
    return isLower(c) || isDigit(c) || c == '_' || c == '.' || c == '-';
  });
  if (!clean) return refuse("only a-z, 0-9, '_', '.' and '-' are allowed");
  if (!isLower(text.back()) && !isDigit(text.back()))
    return refuse("must end with a letter or digit");
  return PersonName(std::string(text));
}

}  // namespace bulkhead
