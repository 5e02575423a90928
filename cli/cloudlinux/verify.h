// `bulkhead cloudlinux verify`: tries a panel's CloudLinux integration as CloudLinux would use it,
// and as its users might abuse it. Works on any host with any panel's integration.ini; changes
// nothing.
#pragma once
#include <string>

#include "cli/cloudlinux/check.h"
#include "cli/cloudlinux/integration_ini.h"
#include "cli/exit_code.h"
#include "cli/output.h"

namespace bulkhead::cli::cloudlinux {

struct VerifyOptions {
  std::string integrationIni{kIntegrationIni};
  CastNames names;
};

// kFindings when the panel breaks a rule, kDenied without root, kNotFound without the file or a
// person of that name.
ExitCode runVerify(const VerifyOptions& options, const Terminal& terminal, bool json);

}  // namespace bulkhead::cli::cloudlinux
