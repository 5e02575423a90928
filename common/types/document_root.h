// Where a site's files are: the agent makes the directory, and CloudLinux's tools are told of it.
#pragma once
#include <string>
#include <string_view>

namespace bulkhead {

// Below the account's home. `site` is a name of A-labels.
inline std::string documentRoot(std::string_view site) {
  return "sites/" + std::string(site) + "/public";
}
// Absolute. `home` has no slash at its end.
inline std::string documentRoot(std::string_view home, std::string_view site) {
  return std::string(home) + "/" + documentRoot(site);
}

}  // namespace bulkhead
