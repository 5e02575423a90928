#include "cli/exit_code.h"

namespace bulkhead::cli {

ExitCode exitCodeFor(Code code) {
  switch (code) {
    case Code::kInvalidArgument:
      return ExitCode::kUsage;
    case Code::kUnauthenticated:
    case Code::kPermissionDenied:
      return ExitCode::kDenied;
    case Code::kNotFound:
      return ExitCode::kNotFound;
    case Code::kAlreadyExists:
    case Code::kConflict:
      return ExitCode::kConflict;
    case Code::kLimitExceeded:
      return ExitCode::kLimit;
    case Code::kUnavailable:
    case Code::kBusy:
    case Code::kTimeout:
    case Code::kAuditUnavailable:
      return ExitCode::kUnreachable;
    case Code::kCancelled:
      return ExitCode::kInterrupted;
    case Code::kUnsupported:
    case Code::kInternal:
      return ExitCode::kFailed;
  }
  return ExitCode::kFailed;
}

}  // namespace bulkhead::cli
