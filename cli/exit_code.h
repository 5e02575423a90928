// The meaning of every exit code of `bulkhead`; printed by --help and in bulkhead(8). Scripts rely
// on them: never renumber.
#pragma once
#include <string_view>

#include "common/core/result.h"

namespace bulkhead::cli {

enum class ExitCode {
  kOk = 0,
  kFailed = 1,
  kUsage = 2,
  kNotFound = 3,
  kDenied = 4,
  kConflict = 5,
  kLimit = 6,
  kRolledBack = 7,   // the job failed and everything it did was undone
  kUnreachable = 8,  // the panel does not answer, or not in time
  kFindings = 9,     // the command worked and found something wrong
  kInterrupted = 130,
};

ExitCode exitCodeFor(Code code);
inline constexpr std::string_view kExitCodeHelp =
    "Exit codes: 0 ok, 1 failed, 2 usage, 3 not found, 4 denied, 5 conflict, 6 limit,\n"
    "7 failed and rolled back, 8 unreachable or timeout, 9 findings, 130 interrupted.";

}  // namespace bulkhead::cli
