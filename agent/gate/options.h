// Command line of bulkhead-agent. The defaults are a server's; tests and people say otherwise.
#pragma once
#include <string>
#include <vector>

#include "agent/policy/policy.h"
#include "common/audit/chain.h"
#include "common/audit/key_file.h"
#include "common/core/result.h"

namespace bulkhead::agent {

struct Options {
  enum class Mode { kServe, kCheck, kPrintOperations, kHelp, kVersion };
  Mode mode = Mode::kServe;
  // "" = systemd passes the socket.
  std::string agentSocket, adminSocket;
  PolicyFiles policy;
  std::string auditDirectory = kAuditDirectory;
  std::string auditKeys = kAuditKeyDirectory;
  std::string apiUser = "bulkhead-api";
};

// Refuses (kInvalidArgument) what it does not know.
Result<Options> parseOptions(const std::vector<std::string>& arguments);
std::string usage();

}  // namespace bulkhead::agent
