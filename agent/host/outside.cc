#include "agent/host/outside.h"

namespace bulkhead::agent {
namespace {

// systemd ends the unit first, and so says what happened.
constexpr std::chrono::milliseconds kMargin{10000};
// A program that works on thousands of accounts; far above any of one account.
constexpr const char* kTasksMax = "TasksMax=1024";
constexpr const char* kMemoryMax = "MemoryMax=2G";

// systemd replaces $NAME and ${NAME} in the arguments of a unit; "$$" stands for the sign itself.
std::string literal(const std::string& argument) {
  std::string text;
  for (const char c : argument)
    text += c == '$' ? std::string("$$") : std::string(1, c);
  return text;
}

bool alreadyRuns(const ProgramOutput& done) {
  return done.exitCode != 0 &&
         done.output.find("already loaded or has a fragment file") != std::string::npos;
}

}  // namespace

std::string lineOf(const OutsideProgram& program) {
  auto line = program.path.substr(program.path.rfind('/') + 1);
  for (const auto& argument : program.arguments)
    line += " " + argument;
  return line;
}

Result<ProgramOutput> runOutside(Host& host, const OutsideProgram& program) {
  TRY(host.checkProgram(program.path));
  Command command{
      Program::kSystemdRun,
      {"--wait", "--pipe", "--quiet", "--collect", "--service-type=exec",
       "--unit=bulkhead-outside-" + program.key,
       "--description=Bulkhead: " + program.path.substr(program.path.rfind('/') + 1),
       "--setenv=PATH=/usr/sbin:/usr/bin:/sbin:/bin", "--setenv=LC_ALL=C.UTF-8",
       "--setenv=HOME=/root", "--working-directory=/",
       "--property=RuntimeMaxSec=" + std::to_string(program.timeLimit.count()),
       "--property=TimeoutStopSec=5", std::string("--property=") + kTasksMax,
       std::string("--property=") + kMemoryMax, "--property=LimitCORE=0", "--", program.path},
      "",
      program.timeLimit + kMargin};
  for (const auto& argument : program.arguments)
    command.arguments.push_back(literal(argument));
  TRY_ASSIGN(auto done, host.run(command));
  if (alreadyRuns(done))
    return Error{Code::kBusy, lineOf(program) + ": an earlier run has not ended", ""};
  return done;
}

}  // namespace bulkhead::agent
