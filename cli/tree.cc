#include "cli/tree.h"

#include <algorithm>

#include "cli/pages.h"

namespace bulkhead::cli {
namespace {

// What the option says in its help, beyond what the API says of the field.
std::string helpOf(const Command& command, const Field& field) {
  if (command.list && field.place == FieldPlace::kQuery && field.name == "limit")
    return "How many rows at most; left out: " +
           std::to_string(command.recent ? kRecentRowsShown : kRowsShown) + ".";
  std::string help = field.description;
  if (field.nullable) help += (help.empty() ? "" : " ") + std::string("\"null\" takes it away.");
  return help;
}

bool isPositional(const Command& command, const Field& field) {
  return std::find(command.positional.begin(), command.positional.end(), field.name) !=
         command.positional.end();
}

void addField(CLI::App& app, Bound& bound, const Field& field) {
  if (field.secret) return;
  const std::string help = helpOf(bound.command, field);
  if (field.type == FieldType::kBoolean) {
    // Left out is false: no switch of the API is on by itself.
    bound.options[field.name] = app.add_flag(flagFor(field), bound.switches[field.name], help);
    return;
  }
  const std::string name = isPositional(bound.command, field) ? field.name : flagFor(field);
  bound.options[field.name] =
      app.add_option(name, bound.texts[field.name], help)->required(field.required);
}

CLI::App* groupFor(CLI::App& root, const std::string& noun) {
  for (auto* existing : root.get_subcommands(nullptr))
    if (existing->get_name() == noun) return existing;
  auto* group = root.add_subcommand(noun);
  group->require_subcommand(1);
  return group;
}

void addTimeLimit(CLI::App& app, Common& common) {
  app.add_option("--timeout", common.timeLimitSeconds, "seconds to wait for the job")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
}

void addCommand(CLI::App& root, Bound& bound, Common& common) {
  const Command& command = bound.command;
  CLI::App* parent = &root;
  for (std::size_t i = 0; i + 1 < command.words.size(); ++i)
    parent = groupFor(*parent, command.words[i]);
  bound.app = parent->add_subcommand(command.words.back(), command.summary);
  CLI::App& app = *bound.app;
  for (const auto& name : command.positional)
    for (const auto& field : command.fields)
      if (field.name == name) addField(app, bound, field);
  for (const auto& field : command.fields)
    if (!isPositional(command, field)) addField(app, bound, field);
  if (command.conditional)
    app.add_option("--if-match", common.ifMatch,
                   "only while it has this revision, as get --json shows it")
        ->check(CLI::NonNegativeNumber);
  if (command.keyed)
    app.add_option(
        "--idempotency-key", common.idempotencyKey,
        "a text that is new for each change: repeated with it, the command is done once");
  if (command.dryRun)
    app.add_flag("--dry-run", common.dryRun, "show what would be done, touch nothing");
  if (command.job) {
    app.add_flag("--no-wait", common.noWait, "print the job and return at once");
    addTimeLimit(app, common);
  }
  if (command.destructive) app.add_flag("--yes,-y", common.yes, "do not ask");
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
  auto& options = special.integration;
  special.integrationCommand =
      group->add_subcommand("verify", "try a panel's CloudLinux integration from every side");
  special.integrationCommand
      ->add_option("--integration-ini", options.integrationIni, "any panel's integration file")
      ->capture_default_str();
  special.integrationCommand->add_option("--user", options.names.user,
                                         "an end user of the panel; else one is picked");
  special.integrationCommand->add_option("--other", options.names.other, "a second one");
  special.integrationCommand->add_option("--stranger", options.names.stranger,
                                         "an account that the panel does not know; else nobody");
}

void addAuditCommands(CLI::App& root, Special& special) {
  auto* const group = groupFor(root, "audit");
  special.verifyCommand =
      group->add_subcommand("verify", "prove that no byte of the audit log was changed");
  special.verifyCommand->add_option("--directory", special.verify.directory, "where the log is")
      ->capture_default_str();
  special.verifyCommand->add_option("--seed", special.verify.seedFiles,
                                    "file with what audit seed printed: checks who wrote it");
  special.verifyCommand->add_option("--anchors", special.verify.anchorsFile,
                                    "file with anchors, or -: checks that the end is not cut off");
  special.verifyCommand->footer(
      "The first bad record and what was done to it: edited, deleted, duplicated, reordered,\n"
      "spliced, truncated, key, clock, rewritten. Then it ends with 9; with 2 when a seed or an\n"
      "anchor is none, 3 when there is no log, 8 when it cannot be read.\n"
      "Anchors: bulkhead audit anchors, or journalctl -t bulkhead-audit _UID=0 -o cat");
  special.anchorsCommand =
      group->add_subcommand("anchors", "print the anchors that the REST server has kept");
  special.anchorsCommand
      ->add_option("--directory", special.anchors.directory, "where it keeps them")
      ->capture_default_str();
  special.exportCommand =
      group->add_subcommand("export", "print the log, one record a line, oldest first");
  special.exportCommand
      ->add_option("--format", special.exported.format,
                   "json: the lines of the log; ecs: in the Elastic Common Schema")
      ->check(CLI::IsMember({"json", "ecs"}))
      ->capture_default_str();
  special.exportCommand->add_option("--after", special.exported.after,
                                    "only records with a higher number (seq)");
  special.exportCommand->add_option("--directory", special.exported.directory, "where the log is")
      ->capture_default_str();
  special.seedCommand =
      group->add_subcommand("seed", "make the seed that verify takes; shown once");
  special.seedCommand->add_flag("--replace", special.seed.replace,
                                "seal with other keys from now on, with another seed");
}

void addAuditQuestions(CLI::App& root, Special& special) {
  auto* const group = groupFor(root, "audit");
  special.whyCommand = group->add_subcommand("why", "what became of a request, and by which rule");
  special.whyCommand->add_option("request", special.requestId, "its id, as every answer shows it")
      ->required();
  special.replayCommand =
      group->add_subcommand("replay", "what the call of a record would do now; touches nothing");
  special.replayCommand->add_option("record", special.recordSeq, "its number (seq)")->required();
}

void addLockdown(CLI::App& root, Special& special) {
  auto* const group = groupFor(root, "lockdown");
  group->description("stop everything but the sites, after a break-in: on, off, status");
  const auto add = [group, &special](const char* verb, LockdownVerb what, const char* summary) {
    special.lockdownCommands.emplace_back(group->add_subcommand(verb, summary), what);
  };
  add("on", LockdownVerb::kOn, "end all sessions and tokens, refuse all changes");
  add("off", LockdownVerb::kOff, "let the panel change things again");
  add("status", LockdownVerb::kStatus, "whether it is on, and since when");
  group->footer(
      "The agent keeps it: what has been taken over cannot end it, root on this host can.\n"
      "Sites are served as ever; jobs wait; doctor --fix works.");
}

void addStoreMigrate(CLI::App& root, Special& special) {
  auto& options = special.storeMigrate;
  auto* const command = special.storeMigrateCommand =
      groupFor(root, "store")
          ->add_subcommand(
              "migrate",
              "move plans, accounts, domains and jobs to another database, with the panel ended");
  command->add_option("--from", options.from, "sqlite, or the file that names a database server")
      ->required();
  command->add_option("--to", options.to, "the same; it must be empty")->required();
  command->footer(
      "Counts and digests of every table are read back and compared before it says so. The\n"
      "source is only read. Cut off, it leaves the target as it was: do it again.");
}

void addDoctor(CLI::App& root, Special& special) {
  auto& options = special.doctor;
  auto* const command = special.doctorCommand = root.add_subcommand(
      "doctor", "what on this host differs from what the panel wants, and mend it");
  command->add_flag("--plan", options.plan, "the repairs that --fix would do, in order");
  command->add_flag("--fix", options.fix, "do them, then look again; nothing is deleted")
      ->excludes("--plan");
  command
      ->add_option("--revert", options.revert,
                   "write this site's edited file again; the edited one is kept")
      ->excludes("--plan")
      ->excludes("--fix");
  command
      ->add_option("--adopt", options.adopt, "says why a site's edited file cannot become its own")
      ->excludes("--plan")
      ->excludes("--fix")
      ->excludes("--revert");
  command->footer(
      "It asks the agent itself, so it works while the panel does not answer.\n"
      "Ends with 0 when nothing differs, 9 when something does, 8 when it could not look.");
}

void addEventFollow(CLI::App& root, Special& special) {
  special.followCommand =
      groupFor(root, "event")->add_subcommand("follow", "print events as they happen");
  special.followCommand->add_option("--type", special.follow.type, "only events of this type");
  special.followCommand->add_option("--object", special.follow.object,
                                    "only events of such things");
  special.followCommand->add_option("--object-id", special.follow.objectId,
                                    "only events of the thing with this id");
  special.followCommand->add_option("--after", special.follow.after,
                                    "begin after the event of this id; 0 = the oldest one kept");
  special.followCommand->footer(
      "It goes on where it was when the panel restarts, and ends with Ctrl-C.\n"
      "With --json each line is an event.");
}

void addSpecialCommands(CLI::App& root, Special& special, Common& common) {
  special.setupCommand = root.add_subcommand(
      "setup", "prepare this host: services, firewall, certificate, one-time admin code");
  special.setupCommand->footer(
      "The link that it prints creates the first administrator in a browser. Without one:\n"
      "bulkhead bootstrap create NAME asks for the code at the link's end and for a password.");
  special.setupCommand->add_flag("--no-firewall", special.setup.skipFirewall, "leave UFW as it is");
  special.watchCommand = groupFor(root, "job")->add_subcommand("watch", "follow a job to its end");
  special.watchCommand->add_option("job", special.jobId, "the job's id")->required();
  addTimeLimit(*special.watchCommand, common);
  addEventFollow(root, special);
  addAuditCommands(root, special);
  addAuditQuestions(root, special);
  addLockdown(root, special);
  addIntegrationCommands(root, special);
  addStoreMigrate(root, special);
  addDoctor(root, special);
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

}  // namespace

Values Bound::given() const {
  Values values;
  for (const auto& [name, option] : options) {
    if (option->count() == 0) continue;
    const auto flag = switches.find(name);
    values[name] = flag == switches.end() ? texts.at(name) : flag->second ? "true" : "false";
  }
  return values;
}

Tree::Tree(const std::vector<Command>& commands)
    : root("Bulkhead, a hosting control panel split by privilege", "bulkhead") {
  addCommonOptions(root, common);
  for (const auto& command : commands) {
    bounds.push_back(std::make_unique<Bound>());
    bounds.back()->command = command;
    addCommand(root, *bounds.back(), common);
  }
  addSpecialCommands(root, special, common);
  describeGroups(root);
}

}  // namespace bulkhead::cli
