// `bulkhead cloudlinux enable|disable|status`: switches the integration on and off through the
// agent's socket for root, and says what is in place.
#pragma once
#include <string>
#include <vector>

#include "cli/client.h"
#include "cli/exit_code.h"
#include "common/core/result.h"

namespace bulkhead::cli {

struct IntegrationOptions {
  bool force = false;          // also on a host that is not CloudLinux
  bool duplicateUids = false;  // accounts of this host share uids
};
struct IntegrationReport {
  struct File {
    std::string path;
    std::string state;  // "absent", "current", "outdated", "edited"
  };
  struct Check {
    std::string name;
    std::string state;  // "good", "attention", "unknown"
    std::string found;
    std::string advice;
  };
  bool enabled = false;
  std::string release;  // "" = not CloudLinux
  std::vector<File> files;
  std::vector<std::string> hooks;
  std::vector<Check> checks;
  std::vector<std::string> next;
  std::string accounts;  // what came of telling CloudLinux of them; "" = it was not asked for
};

std::string renderIntegration(const IntegrationReport& report);
std::string integrationJson(const IntegrationReport& report);
// kFindings when the integration is on and something wants attention.
ExitCode exitCodeOf(const IntegrationReport& report);

// Then asks the panel to tell CloudLinux of the accounts that it has already.
ExitCode runIntegrationEnable(const IntegrationOptions& options, const Client& panel, bool json);
ExitCode runIntegrationDisable(bool json);
ExitCode runIntegrationStatus(bool json);

}  // namespace bulkhead::cli
