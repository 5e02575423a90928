// The command line as a whole: turns words into one request and its answer into output and an exit
// code.
#pragma once
#include "cli/exit_code.h"

namespace bulkhead::cli {

ExitCode runCommandLine(int argc, const char* const* argv);

}  // namespace bulkhead::cli
