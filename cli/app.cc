#include "cli/app.h"

#include <termios.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <iostream>
#include <memory>

#include "cli/audit_verify.h"
#include "cli/cloudlinux/verify.h"
#include "cli/cloudlinux_switch.h"
#include "cli/complete.h"
#include "cli/jobs.h"
#include "cli/panel_address.h"
#include "cli/request.h"
#include "cli/setup.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

namespace bulkhead::cli {
namespace {

constexpr std::size_t kSecretBytesMax = 1024;

struct Common {
  Endpoint endpoint;
  std::string tokenFile;
  bool json = false;
  bool dryRun = false;
  bool noWait = false;
  bool yes = false;
  long timeLimitSeconds = 600;
};

// What CLI11 fills for one command.
struct Bound {
  Command command;
  std::map<std::string, std::string> texts;
  std::map<std::string, bool> switches;
  std::map<std::string, CLI::Option*> options;
};

ExitCode complain(const Error& error) {
  std::cerr << "error: " << error.message << "\n";
  return exitCodeFor(error.code);
}

// A secret comes from stdin: arguments are readable by every user of the host.
Result<std::string> readSecret(const Field& field, const Terminal& terminal) {
  const bool ask = ::isatty(STDIN_FILENO) == 1;
  termios before{};
  if (ask) {
    if (terminal.errorIsTerminal) std::cerr << field.name << ": " << std::flush;
    if (::tcgetattr(STDIN_FILENO, &before) == 0) {
      termios silent = before;
      silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
      (void)::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    }
  }
  std::string line;
  std::getline(std::cin, line);
  if (ask) {
    (void)::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    std::cerr << "\n";
  }
  if (line.empty() || line.size() > kSecretBytesMax)
    return Error{Code::kInvalidArgument,
                 field.name + " is read from standard input: one line, at most 1024 bytes",
                 field.name};
  return line;
}

Result<std::string> readTokenFile(const std::string& path) {
  std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "re"), std::fclose);
  if (!file) return Error{Code::kInvalidArgument, "cannot read the token file " + path, ""};
  char text[kSecretBytesMax] = {};
  const std::size_t length = std::fread(text, 1, sizeof text - 1, file.get());
  std::string token(text, length);
  while (!token.empty() && (token.back() == '\n' || token.back() == '\r'))
    token.pop_back();
  return token;
}

bool confirmed(const Command& command, const Common& common, const Terminal& terminal) {
  if (!command.destructive || common.yes || common.dryRun) return true;
  if (::isatty(STDIN_FILENO) != 1 || !terminal.errorIsTerminal) return false;
  std::cerr << "This " << command.words.back() << "s for good. Type yes to go on: " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "yes";
}

ExitCode printBody(const std::string& body,
                   const Common& common,
                   const std::vector<std::string>& columns = {}) {
  if (common.json) {
    std::cout << body << "\n";
    return ExitCode::kOk;
  }
  auto value = parseJson(body, {64U << 20U, 32, 2000000});
  std::cout << (value.ok() ? renderTable(*value, columns) : body + "\n");
  return ExitCode::kOk;
}

// A login link's path becomes an address that a browser can open.
void printLink(const std::string& body, const Common& common) {
  const auto link = parseJson(body);
  if (common.json || !link.ok() || !link->contains("path")) return;
  std::cout << "link  " << panelAddress(common.endpoint) << link->value("path", "") << "\n";
}

ExitCode finishJob(const Client& client,
                   const std::string& body,
                   const Common& common,
                   const Terminal& terminal) {
  auto started = parseJson(body);
  if (!started.ok()) return complain(started.error());
  const std::string id = started->value("id", "");
  if (common.noWait) return printBody(body, common);
  auto job = watchJob(client, id, terminal, {common.timeLimitSeconds, false});
  if (!job.ok()) return complain(job.error());
  if (common.json) {
    std::cout << printJson(*job) << "\n";
  } else {
    const Json problem = job->value("problem", Json());
    if (problem.is_object()) std::cerr << renderProblem(problem);
    std::cout << job->value("kind", "") << " " << job->value("state", "") << " (" << id << ")\n";
  }
  return exitCodeForJob(*job);
}

ExitCode perform(const Bound& bound, const Common& common, const Terminal& terminal) {
  if (!confirmed(bound.command, common, terminal))
    return complain({Code::kInvalidArgument, "give --yes to do this without a question", ""});
  Values values;
  for (const auto& field : bound.command.fields) {
    const auto option = bound.options.find(field.name);
    if (option == bound.options.end() || option->second->count() == 0) {
      if (!field.secret || !field.required) continue;
      auto secret = readSecret(field, terminal);
      if (!secret.ok()) return complain(secret.error());
      values[field.name] = *secret;
    } else if (field.type == FieldType::kBoolean) {
      values[field.name] = bound.switches.at(field.name) ? "true" : "false";
    } else {
      values[field.name] = bound.texts.at(field.name);
    }
  }
  auto request = buildRequest(bound.command, values, common.dryRun);
  if (!request.ok()) return complain(request.error());
  const Client client(common.endpoint);
  auto response = client.send(*request);
  if (!response.ok()) {
    std::cerr << "error: " << response.error().message
              << "\n  next: look at: systemctl status bulkhead-api\n";
    return exitCodeFor(response.error().code);
  }
  if (response->status >= 400) {
    auto problem = parseJson(response->body);
    if (common.json) std::cout << response->body << "\n";
    const Json shown =
        problem.ok()
            ? *problem
            : Json{{"title", "the panel answered with status " + std::to_string(response->status)}};
    if (!common.json) std::cerr << renderProblem(shown);
    return exitCodeForProblem(shown, response->status);
  }
  if (response->status == 202) return finishJob(client, response->body, common, terminal);
  if (response->body.empty()) return ExitCode::kOk;
  if (bound.command.words.front() == "login-link") printLink(response->body, common);
  return printBody(response->body, common, bound.command.columns);
}

void addField(CLI::App& app, Bound& bound, const Field& field) {
  if (field.secret) return;
  const bool positional =
      std::find(bound.command.positional.begin(), bound.command.positional.end(), field.name) !=
      bound.command.positional.end();
  if (positional) {
    bound.options[field.name] =
        app.add_option(field.name, bound.texts[field.name], field.description)
            ->required(field.required);
  } else if (field.type == FieldType::kBoolean) {
    const std::string flag = flagFor(field);
    bound.options[field.name] = app.add_flag(flag + ",!--no-" + flag.substr(2),
                                             bound.switches[field.name], field.description);
  } else {
    bound.options[field.name] =
        app.add_option(flagFor(field), bound.texts[field.name], field.description)
            ->required(field.required);
  }
}

CLI::App* groupFor(CLI::App& root, const std::string& noun) {
  for (auto* existing : root.get_subcommands(nullptr))
    if (existing->get_name() == noun) return existing;
  auto* group = root.add_subcommand(noun);
  group->require_subcommand(1);
  return group;
}

void addCommand(CLI::App& root, Bound& bound, Common& common) {
  CLI::App* parent = &root;
  for (std::size_t i = 0; i + 1 < bound.command.words.size(); ++i)
    parent = groupFor(*parent, bound.command.words[i]);
  auto* app = parent->add_subcommand(bound.command.words.back(), bound.command.summary);
  for (const auto& name : bound.command.positional)
    for (const auto& field : bound.command.fields)
      if (field.name == name) addField(*app, bound, field);
  for (const auto& field : bound.command.fields)
    if (bound.options.find(field.name) == bound.options.end()) addField(*app, bound, field);
  if (bound.command.dryRun)
    app->add_flag("--dry-run", common.dryRun, "show what would be done, touch nothing");
  if (bound.command.job) {
    app->add_flag("--no-wait", common.noWait, "print the job and return at once");
    app->add_option("--timeout", common.timeLimitSeconds, "seconds to wait for the job")
        ->capture_default_str();
  }
  if (bound.command.destructive) app->add_flag("--yes,-y", common.yes, "do not ask");
}

void addCommonOptions(CLI::App& root, Common& common) {
  root.add_flag("--json", common.json, "print the API's own JSON");
  root.add_option("--socket", common.endpoint.socketPath, "the panel's Unix socket")
      ->capture_default_str();
  root.add_option("--host", common.endpoint.host, "a remote panel, NAME:PORT, over TLS");
  root.add_option("--token-file", common.tokenFile, "file with the bearer token for --host");
  root.add_option("--ca-file", common.endpoint.authorityFile, "certificates to trust for --host");
  root.fallthrough();
  root.require_subcommand(1);
  root.set_version_flag("--version", std::string("bulkhead ") + BULKHEAD_VERSION);
  root.footer(std::string(kExitCodeHelp));
}

// In the list of nouns, each says its verbs.
void describeGroups(CLI::App& root) {
  for (auto* group : root.get_subcommands(nullptr)) {
    std::string verbs;
    for (const auto* verb : group->get_subcommands(nullptr))
      verbs += (verbs.empty() ? "" : ", ") + verb->get_name();
    if (group->get_description().empty()) group->description(verbs);
  }
}

struct Special {
  std::string jobId;
  WatchOptions watch;
  SetupOptions setup;
  VerifyOptions verify;
  cloudlinux::VerifyOptions integration;
  CLI::App* watchCommand = nullptr;
  CLI::App* setupCommand = nullptr;
  CLI::App* verifyCommand = nullptr;
  CLI::App* integrationCommand = nullptr;
  IntegrationOptions integrationSwitch;
  CLI::App* enableCommand = nullptr;
  CLI::App* disableCommand = nullptr;
  CLI::App* statusCommand = nullptr;
};

void addIntegrationCommands(CLI::App& root, Special& special) {
  auto* const group = groupFor(root, "cloudlinux");
  special.enableCommand =
      group->add_subcommand("enable", "write the files by which CloudLinux finds this panel");
  special.enableCommand->add_flag("--force", special.integrationSwitch.force,
                                  "also on a host that is not CloudLinux");
  special.enableCommand->add_flag("--duplicate-uids", special.integrationSwitch.duplicateUids,
                                  "tell CageFS that accounts share uids");
  special.disableCommand = group->add_subcommand("disable", "take those files back");
  special.statusCommand =
      group->add_subcommand("status", "what is in place, and which settings want attention");
}

// Commands that are more than one request.
void addSpecialCommands(CLI::App& root, Special& special) {
  special.setupCommand = root.add_subcommand(
      "setup", "prepare this host: services, firewall, certificate, one-time admin code");
  special.setupCommand->add_flag("--no-firewall", special.setup.skipFirewall, "leave UFW as it is");
  addIntegrationCommands(root, special);
  special.watchCommand = groupFor(root, "job")->add_subcommand("watch", "follow a job to its end");
  special.watchCommand->add_option("job", special.jobId, "the job's id")->required();
  special.watchCommand->add_option("--timeout", special.watch.timeLimitSeconds, "seconds to wait")
      ->capture_default_str();
  special.verifyCommand =
      groupFor(root, "audit")
          ->add_subcommand("verify", "prove that no byte of the audit log was changed");
  special.verifyCommand->add_option("--directory", special.verify.directory, "where the log is")
      ->capture_default_str();
  auto& integration = special.integration;
  special.integrationCommand =
      groupFor(root, "cloudlinux")
          ->add_subcommand("verify", "try a panel's CloudLinux integration from every side");
  special.integrationCommand
      ->add_option("--integration-ini", integration.integrationIni, "any panel's integration file")
      ->capture_default_str();
  special.integrationCommand->add_option("--user", integration.names.user,
                                         "an end user of the panel; else one is picked");
  special.integrationCommand->add_option("--other", integration.names.other, "a second one");
  special.integrationCommand->add_option("--stranger", integration.names.stranger,
                                         "an account that the panel does not know; else nobody");
}

ExitCode dispatch(const Special& special,
                  const std::vector<std::pair<CLI::App*, const Bound*>>& commands,
                  Common& common) {
  const Terminal terminal = Terminal::detect();
  if (!common.tokenFile.empty()) {
    auto token = readTokenFile(common.tokenFile);
    if (!token.ok()) return complain(token.error());
    common.endpoint.token = *token;
  }
  if (special.setupCommand->parsed())
    return runSetup(special.setup, Client(common.endpoint), common.json);
  if (special.verifyCommand->parsed()) return runAuditVerify(special.verify, common.json);
  if (special.integrationCommand->parsed())
    return cloudlinux::runVerify(special.integration, terminal, common.json);
  if (special.enableCommand->parsed())
    return runIntegrationEnable(special.integrationSwitch, common.json);
  if (special.disableCommand->parsed()) return runIntegrationDisable(common.json);
  if (special.statusCommand->parsed()) return runIntegrationStatus(common.json);
  if (special.watchCommand->parsed()) {
    auto job = watchJob(Client(common.endpoint), special.jobId, terminal, special.watch);
    if (!job.ok()) return complain(job.error());
    std::cout << (common.json ? printJson(*job) + "\n" : renderTable(*job));
    return exitCodeForJob(*job);
  }
  for (const auto& [app, bound] : commands)
    if (app->parsed()) return perform(*bound, common, terminal);
  return ExitCode::kUsage;
}

}  // namespace

ExitCode runCommandLine(int argc, const char* const* argv) {
  (void)std::signal(SIGPIPE, SIG_DFL);
  const auto commands = commandsOf(builtInDocument());
  if (!commands.ok()) return complain(commands.error());
  const auto& known = *commands;
  if (argc > 2 && std::string_view(argv[1]) == "complete" && std::string_view(argv[2]) == "--") {
    for (const auto& word : completions(known, {argv + 3, argv + argc}))
      std::cout << word << "\n";
    return ExitCode::kOk;
  }
  CLI::App root("Bulkhead, a hosting control panel split by privilege", "bulkhead");
  Common common;
  addCommonOptions(root, common);
  std::vector<std::unique_ptr<Bound>> bounds;
  std::vector<std::pair<CLI::App*, const Bound*>> apps;
  for (const auto& command : known) {
    bounds.push_back(std::make_unique<Bound>(Bound{command, {}, {}, {}}));
    addCommand(root, *bounds.back(), common);
    CLI::App* app = &root;
    for (const auto& word : bounds.back()->command.words)
      app = app->get_subcommand(word);
    apps.emplace_back(app, bounds.back().get());
  }
  Special special;
  addSpecialCommands(root, special);
  describeGroups(root);
  const std::string unknown = wordsProblem(known, {argv + 1, argv + argc});
  try {
    root.parse(argc, argv);
  } catch (const CLI::Success& asked) {
    return root.exit(asked) == 0 ? ExitCode::kOk : ExitCode::kUsage;
  } catch (const CLI::ParseError& problem) {
    if (unknown.empty()) {
      (void)root.exit(problem);  // ignoring: the exit code is ours
    } else {
      std::cerr << "error: " << unknown << "\n  next: bulkhead --help\n";
    }
    return ExitCode::kUsage;
  }
  return dispatch(special, apps, common);
}

}  // namespace bulkhead::cli
