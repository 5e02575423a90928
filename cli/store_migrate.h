// `bulkhead store migrate`: everything behind the panel's store from one database into another,
// with the server ended. The server's own program does it, because it knows the tables.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "cli/exit_code.h"
#include "common/core/result.h"

namespace bulkhead::cli {

struct StoreMigrateOptions {
  std::string from;  // "sqlite", or the file that names a database server
  std::string to;
  std::string program = "/usr/libexec/bulkhead/bulkhead-api";
  std::string stateDirectory = "/var/lib/bulkhead-api";
};

// What it needs of the host; tests bring their own.
struct StoreMigrateHost {
  std::function<bool()> isRoot;
  std::function<bool()> serverRuns;  // or would be started by whoever connects
  std::function<Result<Ok>(const std::string& program, const std::vector<std::string>& arguments)>
      become;  // comes back only when it cannot
};
ExitCode runStoreMigrate(const StoreMigrateOptions& options, const StoreMigrateHost& host);
ExitCode runStoreMigrate(const StoreMigrateOptions& options);

}  // namespace bulkhead::cli
