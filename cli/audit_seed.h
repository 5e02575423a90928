// `bulkhead audit seed`: makes the seed of the audit log's keys and shows it once. The agent never
// has it: it finds the keys that follow from it, and takes them up before its next record.
#pragma once
#include <string>

#include "cli/exit_code.h"
#include "common/audit/key_file.h"
#include "common/core/result.h"

namespace bulkhead::cli {

struct SeedOptions {
  bool replace = false;
  std::string keyDirectory = kAuditKeyDirectory;
};

// The seed's text, to be shown and forgotten. kConflict when one was shown already, unless it is to
// be replaced.
Result<std::string> makeAuditSeed(const SeedOptions& options);
// Whether keys are in force, or about to be, whose seed somebody was shown.
bool isAuditSeedShown(const std::string& keyDirectory);
// The seed alone on standard output, everything about it on standard error.
ExitCode runAuditSeed(const SeedOptions& options, bool json);

}  // namespace bulkhead::cli
