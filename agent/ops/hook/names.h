// Names that hooks carry and that are no accounts of this agent: administrators, owners, packages.
#pragma once
#include <string>
#include <string_view>

#include "agent/host/host.h"
#include "common/core/result.h"
#include "common/types/plan_name.h"

namespace bulkhead::agent {

// A UNIX user who is no hosting account: [a-z_][a-z0-9_-]{0,31}.
Result<std::string> parseSystemUser(std::string_view text);
// kPermissionDenied unless root has put the user into sudo or wheel: the hook makes an
// administrator of CloudLinux, and the panel's word is not enough for that.
Result<Ok> expectAdministrator(const Host& host, const std::string& user);
// An administrator or reseller of the panel: 1-32 of [a-z0-9_.-], first a letter.
Result<std::string> parseOwner(std::string_view text);
// CloudLinux's word for a plan.
Result<PlanName> parsePackageName(std::string_view text, const std::string& field);

}  // namespace bulkhead::agent
