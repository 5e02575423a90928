// `bulkhead setup`: makes a freshly installed host ready. Every step looks first, acts only where
// needed and proves its effect, so that it may be run again at any time.
#pragma once
#include <string>

#include "cli/client.h"
#include "cli/exit_code.h"

namespace bulkhead::cli {

struct SetupOptions {
  bool skipFirewall = false;
};

ExitCode runSetup(const SetupOptions& options, const Client& client, bool json);

}  // namespace bulkhead::cli
