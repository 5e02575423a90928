#include "cli/app.h"

#include <unistd.h>

#include <csignal>
#include <iostream>

#include "cli/audit_explain.h"
#include "cli/complete.h"
#include "cli/pages.h"
#include "cli/prompt.h"
#include "cli/tree.h"

namespace bulkhead::cli {
namespace {

// The panel's own socket serves root; everybody else would only hear nothing.
bool needsRoot(const Endpoint& endpoint) {
  return endpoint.host.empty() && endpoint.socketPath == kDefaultSocket && ::geteuid() != 0;
}

ExitCode asRoot(const std::vector<std::string>& words) {
  std::string line = "sudo bulkhead";
  for (const auto& word : words)
    line += " " + shellWord(word);
  return complain({Code::kPermissionDenied,
                   "on this host the panel answers root only, and others over --host", ""},
                  line);
}

// For the shell's completion: silent about whatever fails.
void offer(const Tree& tree,
           const std::vector<Command>& commands,
           const std::vector<std::string>& words) {
  for (const auto& word : completions(tree.root, words))
    std::cout << word << "\n";
  const std::string noun = nounWanted(tree.root, words);
  if (noun.empty() || needsRoot({})) return;
  for (const auto& name : namesOf(Client({}), commands, noun))
    if (name.starts_with(words.back())) std::cout << name << "\n";
}

ExitCode dispatch(Tree& tree, const std::vector<std::string>& words) {
  const Terminal terminal = Terminal::detect();
  const Special& special = tree.special;
  Common& common = tree.common;
  if (!common.tokenFile.empty()) {
    auto token = readTokenFile(common.tokenFile);
    if (!token.ok()) return complain(token.error(), "give --token-file a file that you may read");
    common.endpoint.token = *token;
  }
  if (special.setupCommand->parsed())
    return runSetup(special.setup, Client(common.endpoint), common.json);
  if (special.verifyCommand->parsed()) return runAuditVerify(special.verify, common.json);
  if (special.anchorsCommand->parsed()) return runAuditAnchors(special.anchors);
  if (special.exportCommand->parsed()) return runAuditExport(special.exported);
  if (special.seedCommand->parsed()) return runAuditSeed(special.seed, common.json);
  if (special.whyCommand->parsed()) return runAuditWhy(special.requestId, common.json);
  if (special.replayCommand->parsed()) return runAuditReplay(special.recordSeq, common.json);
  for (const auto& [command, verb] : special.lockdownCommands)
    if (command->parsed()) return runLockdown(verb, Client({}), common.json);
  if (special.integrationCommand->parsed())
    return cloudlinux::runVerify(special.integration, terminal, common.json);
  if (special.enableCommand->parsed())
    return runIntegrationEnable(special.integrationSwitch, Client({}), common.json);
  if (special.disableCommand->parsed()) return runIntegrationDisable(common.json);
  if (special.statusCommand->parsed()) return runIntegrationStatus(common.json);
  if (special.storeMigrateCommand->parsed()) return runStoreMigrate(special.storeMigrate);
  if (special.doctorCommand->parsed())
    return doctor::runDoctor(special.doctor, Client({}), terminal, common.json);
  if (needsRoot(common.endpoint)) return asRoot(words);
  if (special.watchCommand->parsed()) return watch(special.jobId, common, terminal);
  if (special.followCommand->parsed()) return runEventFollow(special.follow, common, terminal);
  for (const auto& bound : tree.bounds)
    if (bound->app->parsed()) return perform(bound->command, bound->given(), common, terminal);
  return ExitCode::kUsage;
}

}  // namespace

ExitCode runCommandLine(int argc, const char* const* argv) {
  (void)std::signal(SIGPIPE, SIG_DFL);
  const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  const auto commands = commandsOf(builtInDocument());
  if (!commands.ok()) return complain(commands.error(), "install the package bulkhead again");
  Tree tree(*commands);
  if (words.size() > 1 && words[0] == "complete" && words[1] == "--") {
    offer(tree, *commands, {words.begin() + 2, words.end()});
    return ExitCode::kOk;
  }
  try {
    tree.root.parse(argc, argv);
  } catch (const CLI::Success& asked) {
    return tree.root.exit(asked) == 0 ? ExitCode::kOk : ExitCode::kUsage;
  } catch (const CLI::ParseError& problem) {
    const auto [what, next] = usageProblem(tree.root, words, problem);
    return complain({Code::kInvalidArgument, what, ""}, next);
  }
  return dispatch(tree, words);
}

}  // namespace bulkhead::cli
