#include "cli/audit_seed.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <iostream>

#include "cli/output.h"
#include "common/audit/keys.h"

#include <nlohmann/json.hpp>

namespace bulkhead::cli {
namespace {

std::string pathOf(const std::string& directory, const char* name) {
  return directory + "/" + name;
}

}  // namespace

bool isAuditSeedShown(const std::string& keyDirectory) {
  for (const char* name : {kNextAuditKeyFile, kAuditKeyFile})
    if (const auto file = AuditKeyFile::open(pathOf(keyDirectory, name));
        file.ok() && file->keys().shown)
      return true;
  return false;
}

Result<std::string> makeAuditSeed(const SeedOptions& options) {
  if (!options.replace && isAuditSeedShown(options.keyDirectory))
    return Error{Code::kConflict, "the seed was made and shown before", ""};
  const auto seed = AuditSeed::make();
  AuditKeys keys = seed.keys();
  keys.shown = true;
  if (::mkdir(options.keyDirectory.c_str(), 0700) != 0 && errno != EEXIST)
    return Error{Code::kUnavailable, "cannot make " + options.keyDirectory, ""};
  const auto made = AuditKeyFile::create(pathOf(options.keyDirectory, kNextAuditKeyFile), keys);
  if (!made.ok() && made.error().code == Code::kAlreadyExists)
    return Error{Code::kConflict, "the agent has not yet taken up the keys that were made before",
                 ""};
  TRY(made);
  return seed.text();
}

ExitCode runAuditSeed(const SeedOptions& options, bool json) {
  if (::geteuid() != 0)
    return complain({Code::kPermissionDenied, "the seed of the audit log is for root", ""},
                    "sudo bulkhead audit seed");
  const auto seed = makeAuditSeed(options);
  if (!seed.ok())
    return complain(seed.error(),
                    "if it is lost, make another: bulkhead audit seed --replace; verify then needs "
                    "the former one only for what it sealed");
  if (json)
    std::cout << printJson({{"seed", *seed}}) << "\n";
  else
    std::cout << *seed << "\n";
  std::cout.flush();
  if (!std::cout)
    return complain({Code::kUnavailable, "the seed could not be written, and is lost", ""},
                    "make another: bulkhead audit seed --replace");
  std::cerr << "This is shown once. Keep it away from this host; with it, in a file of your own:\n"
               "bulkhead audit verify --seed FILE\n";
  return ExitCode::kOk;
}

}  // namespace bulkhead::cli
