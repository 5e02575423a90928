// Follows a job to its end: a progress bar on a terminal, one line a step in a pipe.
#pragma once
#include <chrono>
#include <string>

#include "cli/client.h"
#include "cli/output.h"

namespace bulkhead::cli {

inline constexpr long kWatchSeconds =
    600;  // most jobs take seconds, one that builds an image minutes

// Answers the final job body; progress goes to stderr. A panel that does not answer for a while may
// be restarting, and its job goes on: it is asked until the limit, and then its last failure is the
// error. kTimeout: the job still runs. kCancelled: Ctrl-C; the job goes on. A refusal ends it at
// once.
Result<Json> watchJob(const Client& client,
                      const std::string& jobId,
                      const Terminal& terminal,
                      std::chrono::seconds limit);
// What to do after an error of watchJob().
std::string nextAfterWatch(const Error& error, const std::string& jobId);
// kOk for succeeded, kRolledBack for rolled_back, else by the problem's code.
ExitCode exitCodeForJob(const Json& job);

}  // namespace bulkhead::cli
