// Does one command of the API: asks what has to be asked, sends the request, follows its job, shows
// the answer.
#pragma once
#include <string>

#include "cli/client.h"
#include "cli/jobs.h"
#include "cli/output.h"
#include "cli/request.h"

namespace bulkhead::cli {

// The options that are the same for every command.
struct Common {
  Endpoint endpoint;
  std::string tokenFile;
  std::string ifMatch;         // "" = whatever it is by now
  std::string idempotencyKey;  // "" = a new one
  bool json = false;
  bool dryRun = false;
  bool noWait = false;
  bool yes = false;
  long timeLimitSeconds = kWatchSeconds;
};

// `given` are the values of the command line; secrets are asked for.
ExitCode perform(const Command& command,
                 Values given,
                 const Common& common,
                 const Terminal& terminal);

// What a refusal says, and how the program ends for it.
ExitCode showProblem(const Response& response, const Common& common);

// `bulkhead job watch`.
ExitCode watch(const std::string& jobId, const Common& common, const Terminal& terminal);

}  // namespace bulkhead::cli
