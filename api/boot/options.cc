// Reading the command line.
#include "api/boot/options.h"

#include <array>

namespace bulkhead::api {
namespace {

struct ValueOption {
  const char* name;
  std::string Options::*member;
  const char* value;
  const char* help;
};
constexpr std::array kValueOptions{
    ValueOption{"--socket", &Options::socketPath, "PATH",
                "listen here instead of on the socket that systemd passes"},
    ValueOption{"--cpapi-socket", &Options::cpapiSocketPath, "PATH",
                "serve the scripts of the control panel interface here"},
    ValueOption{"--state", &Options::stateDirectory, "DIR",
                "where the databases are (/var/lib/bulkhead-api)"},
    ValueOption{"--database", &Options::databaseFile, "FILE",
                "keep users, plans, domains and jobs on the MariaDB server that FILE names"},
    ValueOption{"--copy-from", &Options::copyFrom, "WHERE",
                "copy the store of \"sqlite\" or of such a FILE and exit (bulkhead store migrate)"},
    ValueOption{"--copy-to", &Options::copyTo, "WHERE", "into this empty one"},
    ValueOption{"--agent-socket", &Options::agentSocket, "PATH",
                "where the agent listens (/run/bulkhead/agent.sock)"},
    ValueOption{"--gateway-user", &Options::gatewayUser, "NAME",
                "user of the gateway (bulkhead-gateway)"},
    ValueOption{"--seccomp-list", &Options::seccompList, "PATH",
                "the system calls that the server may make (root's file)"},
};

struct TaskOption {
  const char* name;
  Task task;
  const char* help;
};
constexpr std::array kTaskOptions{
    TaskOption{"--print-openapi", Task::kPrintOpenApi,
               "print the interface as an OpenAPI document and exit"},
    TaskOption{"--print-routes", Task::kPrintRoutes, "print the route table as JSON and exit"},
    TaskOption{"--help", Task::kPrintHelp, "print this and exit"},
};

Error usage(std::string why) { return Error{Code::kInvalidArgument, std::move(why), ""}; }

const ValueOption* valueOption(const std::string& name) {
  for (const auto& option : kValueOptions)
    if (name == option.name) return &option;
  return nullptr;
}

}  // namespace

Result<Options> parseOptions(const std::vector<std::string>& arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    bool known = false;
    for (const auto& option : kTaskOptions) {
      if (arguments[i] != option.name) continue;
      options.task = option.task;
      known = true;
    }
    if (known) continue;
    const ValueOption* option = valueOption(arguments[i]);
    if (option == nullptr) return usage("unknown option " + arguments[i]);
    if (i + 1 == arguments.size() || arguments[i + 1].empty())
      return usage(arguments[i] + " needs a value");
    options.*(option->member) = arguments[++i];
  }
  for (const auto* path : {&options.stateDirectory, &options.agentSocket, &options.seccompList})
    if (path->front() != '/') return usage("paths must be absolute: " + *path);
  for (const auto* path : {&options.socketPath, &options.cpapiSocketPath, &options.databaseFile})
    if (!path->empty() && path->front() != '/') return usage("paths must be absolute: " + *path);
  for (const auto* place : {&options.copyFrom, &options.copyTo})
    if (!place->empty() && *place != "sqlite" && place->front() != '/')
      return usage("neither sqlite nor an absolute path: " + *place);
  if (options.copyFrom.empty() != options.copyTo.empty() ||
      (!options.copyFrom.empty() && options.copyFrom == options.copyTo))
    return usage("--copy-from and --copy-to name two places");
  if (!options.copyFrom.empty()) options.task = Task::kCopyStore;
  return options;
}

std::string helpText() {
  std::string text =
      "bulkhead-api: the REST server of Bulkhead. Started by systemd; see bulkhead-api(8).\n\n";
  for (const auto& option : kValueOptions)
    text += std::string("  ") + option.name + " " + option.value + "\n      " + option.help + "\n";
  for (const auto& option : kTaskOptions)
    text += std::string("  ") + option.name + "\n      " + option.help + "\n";
  return text;
}

}  // namespace bulkhead::api
