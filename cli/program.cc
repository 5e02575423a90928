#include "cli/program.h"

#include "common/os/program.h"

namespace bulkhead::cli {
namespace {

constexpr auto kProgramLimit =
    std::chrono::seconds(60);  // systemctl enable --now waits for the units

std::string lastLine(std::string text) {
  while (!text.empty() && text.back() == '\n')
    text.pop_back();
  const auto at = text.rfind('\n');
  return at == std::string::npos ? text : text.substr(at + 1);
}

}  // namespace

Result<std::string> runProgram(const std::string& path, const std::vector<std::string>& arguments) {
  os::ProgramStart start;
  start.path = path;
  start.arguments = arguments;
  start.timeLimit = kProgramLimit;
  TRY_ASSIGN(auto end, os::runProgram(start));
  if (end.exitCode == 0) return end.output;
  const std::string first = arguments.empty() ? "" : " " + arguments.front();
  return Error{
      Code::kInternal,
      path + first + " ended with " + std::to_string(end.exitCode) + ": " + lastLine(end.output),
      ""};
}

}  // namespace bulkhead::cli
