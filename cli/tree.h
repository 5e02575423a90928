// Every command with its options, as CLI11 knows them: parsing, help and completion read this one
// tree.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cli/audit_anchors.h"
#include "cli/audit_export.h"
#include "cli/audit_seed.h"
#include "cli/audit_verify.h"
#include "cli/cloudlinux/verify.h"
#include "cli/cloudlinux_switch.h"
#include "cli/doctor/doctor.h"
#include "cli/follow.h"
#include "cli/lockdown.h"
#include "cli/perform.h"
#include "cli/setup.h"
#include "cli/store_migrate.h"

#include <CLI/CLI.hpp>

namespace bulkhead::cli {

// One command of the API with what CLI11 fills for it.
struct Bound {
  Command command;
  std::map<std::string, std::string> texts;
  std::map<std::string, bool> switches;
  std::map<std::string, CLI::Option*> options;
  CLI::App* app = nullptr;

  Values given() const;  // what stands on the command line
};

// The commands that are more than one request.
struct Special {
  std::string jobId;
  SetupOptions setup;
  VerifyOptions verify;
  SeedOptions seed;
  ExportOptions exported;
  AnchorsOptions anchors;
  cloudlinux::VerifyOptions integration;
  IntegrationOptions integrationSwitch;
  doctor::Options doctor;
  StoreMigrateOptions storeMigrate;
  CLI::App* storeMigrateCommand = nullptr;
  CLI::App* doctorCommand = nullptr;
  CLI::App* watchCommand = nullptr;
  FollowOptions follow;
  CLI::App* followCommand = nullptr;
  CLI::App* setupCommand = nullptr;
  CLI::App* verifyCommand = nullptr;
  CLI::App* seedCommand = nullptr;
  CLI::App* exportCommand = nullptr;
  CLI::App* whyCommand = nullptr;
  CLI::App* replayCommand = nullptr;
  std::string requestId;        // of why
  std::uint64_t recordSeq = 0;  // of replay
  std::vector<std::pair<CLI::App*, LockdownVerb>> lockdownCommands;
  CLI::App* anchorsCommand = nullptr;
  CLI::App* integrationCommand = nullptr;
  CLI::App* enableCommand = nullptr;
  CLI::App* disableCommand = nullptr;
  CLI::App* statusCommand = nullptr;
};

// CLI11 keeps addresses of its members: it stays where it was made.
struct Tree {
  explicit Tree(const std::vector<Command>& commands);
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;

  CLI::App root;
  Common common;
  Special special;
  std::vector<std::unique_ptr<Bound>> bounds;
};

}  // namespace bulkhead::cli
