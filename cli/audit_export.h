// `bulkhead audit export`: the log as it stands, read as root without asking any daemon, for a log
// store elsewhere.
#pragma once
#include <cstdint>
#include <string>

#include "cli/exit_code.h"
#include "common/audit/chain.h"

namespace bulkhead::cli {

struct ExportOptions {
  std::string directory = kAuditDirectory;
  std::string format = "json";  // the very lines of the log, or "ecs"
  std::uint64_t after = 0;      // only records with a higher number
};

// One record a line, oldest first. kFindings when a line is no record: it is left out of ECS, told
// on standard error, and `audit verify` says more. kNotFound when there is no log.
ExitCode runAuditExport(const ExportOptions& options);

}  // namespace bulkhead::cli
