// The agent's socket for root on this host: used by setup before anybody can log in, by doctor and
// by lockdown. Everything else goes through the REST API.
#pragma once
#include <string>
#include <vector>

#include "cli/cloudlinux_switch.h"
#include "cli/lockdown.h"
#include "common/core/result.h"

namespace bulkhead::cli {

inline constexpr const char* kAgentAdminSocket = "/run/bulkhead/agent-admin.sock";

struct HostFacts {
  std::string hostname;
  std::string os;
  std::string cgroups;
  bool projectQuotas = false;
};
Result<HostFacts> inspectHost();

// Answers the firewall's rules as text, one a line.
Result<std::vector<std::string>> setUpFirewall();

// The CloudLinux integration: each answers what is in place afterwards.
Result<IntegrationReport> enableIntegration(const IntegrationOptions& options);
Result<IntegrationReport> disableIntegration();
Result<IntegrationReport> inspectIntegration();

// Does it and answers how it is afterwards.
Result<LockdownFacts> askLockdown(LockdownVerb verb);

}  // namespace bulkhead::cli
