// Follows a job to its end: a progress bar on a terminal, one line a step in a pipe.
#pragma once
#include <string>

#include "cli/client.h"
#include "cli/output.h"

namespace bulkhead::cli {

struct WatchOptions {
  long timeLimitSeconds = 600;
  bool quiet = false;
};

// Answers the final job body; progress goes to stderr. kTimeout leaves the job running and says how
// to watch it again.
Result<Json> watchJob(const Client& client,
                      const std::string& jobId,
                      const Terminal& terminal,
                      const WatchOptions& options);
// kOk for succeeded, kRolledBack for rolled_back, else by the problem's code.
ExitCode exitCodeForJob(const Json& job);

}  // namespace bulkhead::cli
