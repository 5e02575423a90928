#include "agent/host/outside.h"

#include "agent/host/transient.h"

namespace bulkhead::agent {
namespace {

// systemd ends the unit first, and so says what happened.
constexpr std::chrono::milliseconds kMargin{10000};
// A program that works on thousands of accounts; far above any of one account.
constexpr const char* kTasksMax = "TasksMax=1024";
constexpr const char* kMemoryMax = "MemoryMax=2G";

}  // namespace

std::string lineOf(const OutsideProgram& program) {
  auto line = program.path.substr(program.path.rfind('/') + 1);
  for (const auto& argument : program.arguments)
    line += " " + argument;
  return line;
}

Result<ProgramOutput> runOutside(Host& host, const OutsideProgram& program) {
  TRY(host.checkProgram(program.path));
  TransientUnit unit;
  unit.name = "bulkhead-outside-" + program.key;
  unit.settings = {"--setenv=PATH=/usr/sbin:/usr/bin:/sbin:/bin",
                   "--setenv=LC_ALL=C.UTF-8",
                   "--setenv=HOME=/root",
                   "--property=RuntimeMaxSec=" + std::to_string(program.timeLimit.count()),
                   "--property=TimeoutStopSec=5",
                   std::string("--property=") + kTasksMax,
                   std::string("--property=") + kMemoryMax,
                   "--property=LimitCORE=0"};
  unit.program = program.path;
  unit.arguments = program.arguments;
  unit.timeLimit = program.timeLimit + kMargin;
  TRY_ASSIGN(auto done, host.run(transientCommand(unit)));
  if (isStillRunning(done))
    return Error{Code::kBusy, lineOf(program) + ": an earlier run has not ended", ""};
  return done;
}

}  // namespace bulkhead::agent
