// Command line of bulkhead-api.
#pragma once
#include <string>
#include <vector>

#include "common/core/result.h"

namespace bulkhead::api {

enum class Task { kServe, kCopyStore, kPrintOpenApi, kPrintRoutes, kPrintHelp };

struct Options {
  Task task = Task::kServe;
  std::string socketPath;       // "" = the socket that systemd passes under the name "api"
  std::string cpapiSocketPath;  // "" = "cpapi", if systemd passes one; else there are no scripts
  std::string stateDirectory = "/var/lib/bulkhead-api";
  std::string agentSocket = "/run/bulkhead/agent.sock";
  std::string gatewayUser = "bulkhead-gateway";
  std::string databaseFile;  // how to log in to a database server; "" = SQLite, panel.db
  std::string copyFrom;      // "sqlite" or such a file
  std::string copyTo;
  std::string seccompList = "/usr/share/bulkhead/policy/seccomp/api.list";
};

// Refuses (kInvalidArgument) unknown options, missing values and relative paths.
Result<Options> parseOptions(const std::vector<std::string>& arguments);
std::string helpText();

}  // namespace bulkhead::api
