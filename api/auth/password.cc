// What a new password must be.
#include "api/auth/password.h"

#include <algorithm>
#include <set>

#include "api/auth/common_passwords.h"

namespace bulkhead::api {
namespace {
constexpr std::size_t kDifferentMin = 5;  // "aaaaaaaaaaaa" is no password however long

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}
}  // namespace

Result<Password> Password::parse(std::string_view text, std::string_view username) {
  const auto refuse = [](std::string why) {
    return Error{Code::kInvalidArgument, "password: " + std::move(why), "password"};
  };
  const auto characters = std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;  // not a UTF-8 continuation
  });
  if (static_cast<std::size_t>(characters) < kMinLength) return refuse("at least 12 characters");
  if (static_cast<std::size_t>(characters) > kMaxLength) return refuse("at most 128 characters");
  if (std::set<char>(text.begin(), text.end()).size() < kDifferentMin)
    return refuse("at least 5 different characters");
  if (!username.empty() && lower(text).find(lower(username)) != std::string::npos)
    return refuse("must not hold the user name");
  if (isCommonPassword(text))
    return refuse("too common: words, sequences or repetitions that are tried first");
  return Password(std::string(text));
}

}  // namespace bulkhead::api
