// The table.
#include "api/auth/roles.h"

#include <algorithm>
#include <array>

#include "api/auth/person.h"

namespace bulkhead::api {
namespace {

struct Role {
  std::string_view name;
  Reach::Kind reach;
  std::string_view scopes;
};

#define OF_EVERYBODY "self:read self:write events:read tokens:read tokens:write login-links:write "
#define OF_ADMINISTRATORS                                                                         \
  OF_EVERYBODY                                                                                    \
  "resellers:read resellers:write plans:read plans:write accounts:read accounts:write "           \
  "accounts:purge database-users:read database-users:write domains:read domains:write jobs:read " \
  "audit:read ui-tokens:write impersonations:write lockdown:write "
constexpr std::array kRoles{
    Role{kRoleMain, Reach::Kind::kEverything, OF_ADMINISTRATORS "admins:read admins:write"},
    Role{kRoleAdmin, Reach::Kind::kEverything, OF_ADMINISTRATORS},
    // Its plans are what it was given to hand out: whoever could change them could give more.
    Role{kRoleReseller, Reach::Kind::kReseller,
         OF_EVERYBODY
         "resellers:read plans:read accounts:read accounts:write database-users:read "
         "database-users:write domains:read domains:write jobs:read impersonations:write"},
    Role{kRoleUser, Reach::Kind::kAccount,
         OF_EVERYBODY "accounts:read database-users:read database-users:write domains:read "
                      "domains:write jobs:read"},
};

const Role* findRole(std::string_view name) {
  const auto* found = std::find_if(kRoles.begin(), kRoles.end(),
                                   [name](const Role& role) { return role.name == name; });
  return found == kRoles.end() ? nullptr : found;
}

}  // namespace

std::vector<std::string_view> allRoles() {
  std::vector<std::string_view> names;
  for (const auto& role : kRoles)
    names.push_back(role.name);
  return names;
}

ScopeSet scopesOfRole(std::string_view role) {
  const Role* found = findRole(role);
  return found == nullptr ? ScopeSet() : ScopeSet::of(found->scopes);
}

Reach::Kind reachOfRole(std::string_view role) {
  const Role* found = findRole(role);
  return found == nullptr ? Reach::Kind::kNothing : found->reach;
}

Reach reachOf(std::string_view role, const std::string& id) {
  const Reach::Kind kind = reachOfRole(role);
  const bool bounded = kind == Reach::Kind::kReseller || kind == Reach::Kind::kAccount;
  return {kind, bounded ? id : std::string()};
}

}  // namespace bulkhead::api
