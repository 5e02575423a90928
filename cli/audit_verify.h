// `bulkhead audit verify`: reads the log itself, as root, without asking any daemon whose word is
// in question.
#pragma once
#include <string>
#include <vector>

#include "cli/exit_code.h"
#include "common/audit/verify.h"

namespace bulkhead::cli {

struct VerifyOptions {
  std::string directory = kAuditDirectory;
  std::vector<std::string> seedFiles;  // a seed a line
  std::string anchorsFile;             // "-" = standard input, "" = none
};

// "audit verify: ok, N records", or the first bad record and the kind of tampering with kFindings.
ExitCode runAuditVerify(const VerifyOptions& options, bool json);

}  // namespace bulkhead::cli
