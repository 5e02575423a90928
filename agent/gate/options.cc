#include "agent/gate/options.h"

#include <map>

namespace bulkhead::agent {

Result<Options> parseOptions(const std::vector<std::string>& arguments) {
  Options options;
  const std::map<std::string, Options::Mode> modes = {
      {"--check", Options::Mode::kCheck},
      {"--print-operations", Options::Mode::kPrintOperations},
      {"--help", Options::Mode::kHelp},
      {"--version", Options::Mode::kVersion},
  };
  const std::map<std::string, std::string*> values = {
      {"--agent-socket", &options.agentSocket}, {"--admin-socket", &options.adminSocket},
      {"--policy", &options.policy.shipped},    {"--policy-overrides", &options.policy.overrides},
      {"--audit", &options.auditDirectory},     {"--audit-keys", &options.auditKeys},
      {"--api-user", &options.apiUser},
  };
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (const auto mode = modes.find(arguments[i]); mode != modes.end()) {
      options.mode = mode->second;
      continue;
    }
    const auto value = values.find(arguments[i]);
    if (value == values.end())
      return Error{Code::kInvalidArgument, "unknown option " + arguments[i], ""};
    if (i + 1 == arguments.size() || arguments[i + 1].empty())
      return Error{Code::kInvalidArgument, arguments[i] + " needs a value", ""};
    *value->second = arguments[++i];
  }
  return options;
}

std::string usage() {
  return "usage: bulkhead-agent [OPTION]...\n"
         "  --check                  look at policy, operations, audit log and state, then exit\n"
         "  --print-operations       print the reference of all operations and exit\n"
         "  --agent-socket PATH      listen for the REST server here (default: passed by systemd)\n"
         "  --admin-socket PATH      listen for root here (default: passed by systemd)\n"
         "  --policy FILE            shipped policy\n"
         "  --policy-overrides DIR   files that tighten it\n"
         "  --audit DIR              audit log\n"
         "  --audit-keys DIR         keys that seal it\n"
         "  --api-user NAME          the only user on the agent socket\n"
         "  --help, --version\n";
}

}  // namespace bulkhead::agent
