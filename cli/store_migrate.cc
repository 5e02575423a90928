#include "cli/store_migrate.h"

#include <unistd.h>

#include "cli/output.h"
#include "cli/program.h"

namespace bulkhead::cli {
namespace {

constexpr const char* kSystemctl = "/usr/bin/systemctl";
const std::vector<std::string> kUnits{"bulkhead-api.service", "bulkhead-api.socket",
                                      "bulkhead-cpapi.socket"};

bool isPlace(const std::string& place) { return place == "sqlite" || place.starts_with('/'); }

bool anyUnitIsActive() {
  std::vector<std::string> arguments{"is-active", "--quiet"};
  arguments.insert(arguments.end(), kUnits.begin(), kUnits.end());
  return runProgram(kSystemctl, arguments).ok();  // 0 when at least one of them is
}

Result<Ok> become(const std::string& program, const std::vector<std::string>& arguments) {
  std::vector<char*> words{const_cast<char*>(program.c_str())};
  for (const auto& argument : arguments)
    words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  char* nothing[] = {nullptr};
  ::execve(program.c_str(), words.data(), nothing);
  return Error{Code::kInternal, "cannot start " + program, ""};
}

}  // namespace

ExitCode runStoreMigrate(const StoreMigrateOptions& options, const StoreMigrateHost& host) {
  if (!isPlace(options.from) || !isPlace(options.to) || options.from == options.to)
    return complain({Code::kInvalidArgument,
                     "--from and --to are two places: sqlite, or the absolute path of a "
                     "database server's file",
                     ""},
                    "bulkhead store migrate --from sqlite --to /etc/bulkhead/database.json");
  if (!host.isRoot())
    return complain({Code::kPermissionDenied, "only root moves the store", ""},
                    "sudo bulkhead store migrate --from " + options.from + " --to " + options.to);
  // What it would write while rows are copied would be missing afterwards.
  if (host.serverRuns())
    return complain({Code::kConflict, "the panel runs, or starts when somebody asks it", ""},
                    "systemctl stop bulkhead-api.socket bulkhead-cpapi.socket bulkhead-api");
  const auto failed = host.become(
      options.program,
      {"--state", options.stateDirectory, "--copy-from", options.from, "--copy-to", options.to});
  if (failed.ok()) return ExitCode::kOk;
  return complain(failed.error(), "install the package bulkhead again");
}

ExitCode runStoreMigrate(const StoreMigrateOptions& options) {
  return runStoreMigrate(options, {[] { return ::geteuid() == 0; }, anyUnitIsActive, become});
}

}  // namespace bulkhead::cli
