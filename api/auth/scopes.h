// Scopes: what a caller may do, as "resource:verb" words. The list is closed, so that a route
// cannot ask for a scope that nobody could ever be granted.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::api {

// Every scope that exists, with its meaning for the documentation.
struct ScopeEntry {
  std::string_view name;
  std::string_view meaning;
};
const std::vector<ScopeEntry>& allScopes();
bool isScope(std::string_view name);

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
