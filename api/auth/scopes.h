// Scopes: what a caller may do, as "resource:verb" words. The list is closed, so that a route
// cannot ask for a scope that nobody could ever be granted.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::api {

// kPeople: never an API token. What such a scope makes lets somebody in, and would outlive or outdo
// the token that made it; or it is about the session that a token does not have.
enum class Holders { kAnybody, kPeople };

// Every scope that exists, with its meaning for the documentation.
struct ScopeEntry {
  std::string_view name;
  std::string_view meaning;
  Holders holders = Holders::kAnybody;
};
const std::vector<ScopeEntry>& allScopes();
bool isScope(std::string_view name);
bool isScopeOfTokens(std::string_view name);  // one that an API token can have

class ScopeSet {
 public:
  ScopeSet() = default;
  static ScopeSet everything();                // of root on the Unix socket
  static ScopeSet of(std::string_view words);  // separated by spaces; unknown words grant nothing
  bool allows(std::string_view scope) const;
  ScopeSet intersection(const ScopeSet& other) const;
  std::vector<std::string> list() const;  // by name
  std::string words() const;

 private:
  std::uint64_t bits_ = 0;  // by position in allScopes()
};

}  // namespace bulkhead::api
