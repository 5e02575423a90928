// The scripts of the control panel interface and who may run them.
#pragma once
#include <array>
#include <optional>
#include <string_view>

namespace bulkhead::cpapi {

enum class Script {
  kPanelInfo,
  kDbInfo,
  kPackages,
  kUsers,
  kDomains,
  kResellers,
  kAdmins,
  kPhp,
};
inline constexpr std::array kScripts{Script::kPanelInfo, Script::kDbInfo,  Script::kPackages,
                                     Script::kUsers,     Script::kDomains, Script::kResellers,
                                     Script::kAdmins,    Script::kPhp};

std::string_view scriptName(Script script);
std::optional<Script> scriptFromName(std::string_view name);

// Every UNIX user may run these; the others are for root and administrators.
constexpr bool isForEverybody(Script script) {
  return script == Script::kPanelInfo || script == Script::kDomains;
}

}  // namespace bulkhead::cpapi
