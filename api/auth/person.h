// Person: whoever logs in. An administrator, whose name is here too; a reseller or the user of an
// account, whose name and standing are in the store and are looked up at each use (persons.h).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bulkhead::api {

inline constexpr std::string_view kRoleMain = "main";
inline constexpr std::string_view kRoleAdmin = "admin";
inline constexpr std::string_view kRoleReseller = "reseller";
inline constexpr std::string_view kRoleUser = "user";

enum class PersonState { kActive, kDisabled };
struct Person {
  std::string id;  // "adm_", "rsl_" or "acc_" and a ULID: whose it is, never whose name it has
  std::string username;
  std::string role;          // "main", "admin", "reseller", "user"
  std::string passwordHash;  // "" = none was set, which no password matches
  PersonState state = PersonState::kActive;
  std::int64_t createdAt = 0;
  std::optional<std::string> email = {};  // this and what follows: of administrators only
  std::optional<std::string> locale = {};
  std::optional<std::string> unixUser = {};
  std::uint64_t revision = 1;

  bool isAdministrator() const { return role == kRoleMain || role == kRoleAdmin; }
};

// As jobs and the audit log name somebody: "admin:alice", "reseller:rita", "user:carol".
std::string actorName(std::string_view role, const std::string& username);
// Of whoever is no administrator, by the kind of the id.
std::string_view roleOfId(std::string_view id);

}  // namespace bulkhead::api
