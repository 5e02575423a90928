#include "agent/host/transient.h"

namespace bulkhead::agent {
namespace {

// systemd replaces $NAME and ${NAME} in the arguments of a unit; "$$" stands for the sign itself.
std::string literal(const std::string& argument) {
  std::string text;
  for (const char c : argument)
    text += c == '$' ? std::string("$$") : std::string(1, c);
  return text;
}

}  // namespace

Command transientCommand(const TransientUnit& unit) {
  Command command{
      Program::kSystemdRun,
      {"--wait", "--pipe", "--quiet", "--collect", "--service-type=exec", "--unit=" + unit.name,
       "--description=Bulkhead: " + unit.program.substr(unit.program.rfind('/') + 1),
       "--working-directory=/"},
      "",
      unit.timeLimit};
  auto& arguments = command.arguments;
  arguments.insert(arguments.end(), unit.settings.begin(), unit.settings.end());
  arguments.insert(arguments.end(), {"--", unit.program});
  for (const auto& argument : unit.arguments)
    arguments.push_back(literal(argument));
  return command;
}

bool isStillRunning(const ProgramOutput& done) {
  return done.exitCode != 0 &&
         done.output.find("already loaded or has a fragment file") != std::string::npos;
}

}  // namespace bulkhead::agent
