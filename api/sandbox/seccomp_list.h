// The list of system calls that the server may make, read from policy/seccomp/api.list.
#pragma once
#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "common/core/result.h"

namespace bulkhead::api {

enum class SyscallAction { kAllow, kChecked, kEnosys };
struct SyscallRule {
  SyscallAction action;
  std::string name;
};

// Refuses (kInvalidArgument) unknown actions, a line without a reason, a name that comes twice, and
// an empty list.
Result<std::vector<SyscallRule>> parseSeccompList(std::string_view text);
// Refuses (kPermissionDenied) a file that another user than `owner` or root could have written.
Result<std::vector<SyscallRule>> loadSeccompList(const std::string& path, uid_t owner);

}  // namespace bulkhead::api
