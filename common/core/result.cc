#include "common/core/result.h"

#include <array>

namespace bulkhead {
namespace {
struct Named {
  Code code;
  std::string_view name;
};
constexpr std::array kNames = {
    Named{Code::kInvalidArgument, "invalid_argument"},
    Named{Code::kUnauthenticated, "unauthenticated"},
    Named{Code::kPermissionDenied, "permission_denied"},
    Named{Code::kNotFound, "not_found"},
    Named{Code::kAlreadyExists, "already_exists"},
    Named{Code::kConflict, "conflict"},
    Named{Code::kLimitExceeded, "limit_exceeded"},
    Named{Code::kUnsupported, "unsupported"},
    Named{Code::kUnavailable, "unavailable"},
    Named{Code::kBusy, "busy"},
    Named{Code::kTimeout, "timeout"},
    Named{Code::kCancelled, "cancelled"},
    Named{Code::kAuditUnavailable, "audit_unavailable"},
    Named{Code::kInternal, "internal"},
};
}  // namespace

std::string_view codeName(Code code) {
  for (const auto& entry : kNames)
    if (entry.code == code) return entry.name;
  return "internal";
}

Code codeFromName(std::string_view name) {
  for (const auto& entry : kNames)
    if (entry.name == name) return entry.code;
  return Code::kInternal;
}

bool isRetryable(Code code) {
  switch (code) {
    case Code::kUnavailable:
    case Code::kBusy:
    case Code::kTimeout:
    case Code::kAuditUnavailable:
      return true;
    case Code::kInvalidArgument:
    case Code::kUnauthenticated:
    case Code::kPermissionDenied:
    case Code::kNotFound:
    case Code::kAlreadyExists:
    case Code::kConflict:
    case Code::kLimitExceeded:
    case Code::kUnsupported:
    case Code::kCancelled:
    case Code::kInternal:
      return false;
  }
  return false;
}

}  // namespace bulkhead
