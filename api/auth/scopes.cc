// The closed list of scopes.
#include "api/auth/scopes.h"

#include <algorithm>
#include <array>

namespace bulkhead::api {
namespace {

constexpr std::array kScopes{
    ScopeEntry{"self:read", "read one's own identity, and this server's version and documentation"},
    ScopeEntry{"self:write", "end one's own session", Holders::kPeople},
    ScopeEntry{"admins:read", "read administrators"},
    // Also whom an administrator works as on the host: all that CloudLinux's scripts tell.
    ScopeEntry{"admins:write", "create, change and delete administrators", Holders::kPeople},
    ScopeEntry{"resellers:read", "read resellers"},
    ScopeEntry{"resellers:write", "create, change and delete resellers"},
    ScopeEntry{"plans:read", "read plans"},
    ScopeEntry{"plans:write", "create, change and delete plans"},
    ScopeEntry{"accounts:read", "read hosting accounts"},
    ScopeEntry{"accounts:write", "create, change, suspend, delete and restore hosting accounts"},
    ScopeEntry{"accounts:purge", "take away hosting accounts at once, with no way back"},
    ScopeEntry{"database-users:read", "read users of the host's database server"},
    ScopeEntry{"database-users:write", "add and remove users of the host's database server"},
    ScopeEntry{"domains:read", "read domains"},
    ScopeEntry{"domains:write", "add, change and remove domains"},
    ScopeEntry{"jobs:read", "follow jobs"},
    ScopeEntry{"events:read", "read and follow what changes"},
    ScopeEntry{"audit:read", "read the audit log"},
    ScopeEntry{"tokens:read", "read API tokens, never their secrets"},
    ScopeEntry{"tokens:write", "create, rotate and revoke API tokens", Holders::kPeople},
    ScopeEntry{"login-links:write", "issue one-time login links", Holders::kPeople},
    ScopeEntry{"ui-tokens:write", "sign people in to CloudLinux's pages", Holders::kPeople},
    ScopeEntry{"impersonations:write", "stand in for a reseller or the user of an account",
               Holders::kPeople},
    ScopeEntry{"lockdown:write", "end all sessions and tokens and stop all changes",
               Holders::kPeople},
    ScopeEntry{"bootstrap:write", "issue the code that creates the main administrator",
               Holders::kPeople},
};
static_assert(kScopes.size() <= 64, "a set of scopes is one word of 64 bits");

}  // namespace

const std::vector<ScopeEntry>& allScopes() {
  static const std::vector<ScopeEntry> kAll(kScopes.begin(), kScopes.end());
  return kAll;
}

namespace {

// The scope's bit; 0 for a word that is no scope.
std::uint64_t bitOf(std::string_view name) {
  for (std::size_t i = 0; i < kScopes.size(); ++i)
    if (kScopes[i].name == name) return std::uint64_t{1} << i;
  return 0;
}

}  // namespace

bool isScope(std::string_view name) { return bitOf(name) != 0; }

bool isScopeOfTokens(std::string_view name) {
  return std::any_of(kScopes.begin(), kScopes.end(), [name](const ScopeEntry& entry) {
    return entry.name == name && entry.holders == Holders::kAnybody;
  });
}

ScopeSet ScopeSet::everything() {
  ScopeSet set;
  for (const auto& entry : kScopes)
    set.bits_ |= bitOf(entry.name);
  return set;
}

ScopeSet ScopeSet::of(std::string_view words) {
  ScopeSet set;
  while (!words.empty()) {
    const std::size_t end = words.find(' ');
    set.bits_ |= bitOf(words.substr(0, end));
    words = end == std::string_view::npos ? std::string_view{} : words.substr(end + 1);
  }
  return set;
}

bool ScopeSet::allows(std::string_view scope) const { return (bits_ & bitOf(scope)) != 0; }

ScopeSet ScopeSet::intersection(const ScopeSet& other) const {
  ScopeSet set;
  set.bits_ = bits_ & other.bits_;
  return set;
}

std::vector<std::string> ScopeSet::list() const {
  std::vector<std::string> names;
  for (const auto& entry : kScopes)
    if (allows(entry.name)) names.emplace_back(entry.name);
  std::sort(names.begin(), names.end());
  return names;
}

std::string ScopeSet::words() const {
  std::string out;
  for (const auto& scope : list())
    out += (out.empty() ? "" : " ") + scope;
  return out;
}

}  // namespace bulkhead::api
