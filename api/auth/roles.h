// Roles: the one table of what each kind of person may ask for and what it reaches. With the
// routes' scopes and extents it says who may do what; nothing else asks for a role.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "api/auth/scopes.h"
#include "api/usecases/model.h"

namespace bulkhead::api {

// In the order of the documentation: the widest first.
std::vector<std::string_view> allRoles();
// Nothing for a word that is no role.
ScopeSet scopesOfRole(std::string_view role);
Reach::Kind reachOfRole(std::string_view role);
// Of somebody with this role and id.
Reach reachOf(std::string_view role, const std::string& id);

}  // namespace bulkhead::api
