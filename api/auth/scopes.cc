// The closed list of scopes.
#include "api/auth/scopes.h"

#include <algorithm>

namespace bulkhead::api {

const std::vector<ScopeEntry>& allScopes() {
  static const std::vector<ScopeEntry> kScopes{
      {"self:read", "read one's own identity, and this server's version and documentation"},
      {"self:write", "end one's own session"},
      {"admins:read", "read administrators"},
      {"admins:write", "create, change and delete administrators"},
      {"resellers:read", "read resellers"},
      {"resellers:write", "create, change and delete resellers"},
      {"plans:read", "read plans"},
      {"plans:write", "create, change and delete plans"},
      {"accounts:read", "read hosting accounts"},
      {"accounts:write", "create, change, suspend and delete hosting accounts"},
      {"domains:read", "read domains"},
      {"domains:write", "add, change and remove domains"},
      {"jobs:read", "follow jobs"},
      {"audit:read", "read the audit log"},
      {"login-links:write", "issue one-time login links"},
      {"ui-tokens:write", "sign people in to CloudLinux's pages"},
      {"bootstrap:write", "issue the code that creates the main administrator"},
  };
  return kScopes;
}

bool isScope(std::string_view name) {
  const auto& scopes = allScopes();
  return std::any_of(scopes.begin(), scopes.end(),
                     [name](const ScopeEntry& e) { return e.name == name; });
}

ScopeSet ScopeSet::everything() {
  ScopeSet set;
  for (const auto& entry : allScopes())
    set.scopes_.emplace(entry.name);
  return set;
}

ScopeSet ScopeSet::of(std::string_view words) {
  ScopeSet set;
  while (!words.empty()) {
    const std::size_t end = words.find(' ');
    const std::string_view word = words.substr(0, end);
    if (isScope(word)) set.scopes_.emplace(word);
    words = end == std::string_view::npos ? std::string_view{} : words.substr(end + 1);
  }
  return set;
}

ScopeSet ScopeSet::intersection(const ScopeSet& other) const {
  ScopeSet set;
  for (const auto& scope : scopes_)
    if (other.allows(scope)) set.scopes_.insert(scope);
  return set;
}

std::string ScopeSet::words() const {
  std::string out;
  for (const auto& scope : scopes_)
    out += (out.empty() ? "" : " ") + scope;
  return out;
}

}  // namespace bulkhead::api
