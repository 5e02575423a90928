// The grammar of the scripts' arguments. One parser for the client, which refuses before it
// connects, and for the server, which believes no client. Asks for no memory and never throws.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "common/cpapi/outcome.h"
#include "common/cpapi/script.h"

namespace bulkhead::cpapi {

// The longest legal call names two packages' words and seven fields: far below both. They bound
// what is sent, and so the server's work for one call.
inline constexpr std::size_t kArgumentCountMax = 32;
inline constexpr std::size_t kArgumentBytesMax = 8U * 1024U;  // of all together

// The columns of `users`, in the order in which they are printed.
enum class UserField : unsigned { kId, kUsername, kOwner, kDomain, kPackage, kEmail, kLocaleCode };
inline constexpr unsigned kUserFieldCount = 7;
std::string_view userFieldName(UserField field);

class UserFields {
 public:
  static constexpr UserFields all() { return UserFields((1U << kUserFieldCount) - 1); }
  static constexpr UserFields none() { return UserFields(0); }
  constexpr bool has(UserField field) const {
    return ((bits_ >> static_cast<unsigned>(field)) & 1U) != 0;
  }
  constexpr void add(UserField field) { bits_ |= 1U << static_cast<unsigned>(field); }
  constexpr bool operator==(const UserFields&) const = default;

 private:
  constexpr explicit UserFields(unsigned bits) : bits_(bits) {}
  unsigned bits_;
};

// A call that keeps the grammar. Texts are not empty and are UTF-8; they point into the arguments.
struct Query {
  Script script = Script::kPanelInfo;
  std::optional<std::string_view> owner;
  std::optional<std::string_view> packageName;  // comes with packageOwner
  std::optional<std::string_view> packageOwner;
  std::optional<std::string_view> username;
  std::optional<std::string_view> name;
  std::optional<std::uint32_t> unixId;
  std::optional<std::uint32_t> id;
  std::optional<bool> isMain;
  UserFields fields = UserFields::all();
  bool withPhp = false;
};

// A Fault is always a BadRequest.
std::variant<Query, Fault> parseQuery(Script script, std::span<const std::string_view> arguments);

}  // namespace bulkhead::cpapi
