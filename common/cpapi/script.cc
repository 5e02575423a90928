// Names.
#include "common/cpapi/script.h"

#include "common/cpapi/outcome.h"

namespace bulkhead::cpapi {

std::string_view scriptName(Script script) {
  switch (script) {
    case Script::kPanelInfo:
      return "panel_info";
    case Script::kDbInfo:
      return "db_info";
    case Script::kPackages:
      return "packages";
    case Script::kUsers:
      return "users";
    case Script::kDomains:
      return "domains";
    case Script::kResellers:
      return "resellers";
    case Script::kAdmins:
      return "admins";
    case Script::kPhp:
      return "php";
  }
  return "";
}

std::optional<Script> scriptFromName(std::string_view name) {
  for (const Script script : kScripts)
    if (scriptName(script) == name) return script;
  return std::nullopt;
}

std::string_view outcomeName(Outcome outcome) {
  switch (outcome) {
    case Outcome::kOk:
      return "ok";
    case Outcome::kInternal:
      return "InternalAPIError";
    case Outcome::kDenied:
      return "PermissionDenied";
    case Outcome::kBadRequest:
      return "BadRequest";
    case Outcome::kNotFound:
      return "NotFound";
  }
  return "InternalAPIError";
}

}  // namespace bulkhead::cpapi
