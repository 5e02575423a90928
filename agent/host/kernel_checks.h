// kernel_checks: the kernel settings that keep hosting users apart on CloudLinux. They belong to
// the administrator and to CloudLinux; here they are only read, and it is said what to do.
#pragma once
#include <string>
#include <vector>

#include "agent/host/host.h"

namespace bulkhead::agent {

struct HostCheck {
  enum class State { kGood, kAttention, kUnknown };  // kUnknown: this kernel has no such setting
  std::string name;                                  // "fs.symlinkown_gid"
  State state = State::kUnknown;
  std::string found;   // "" when it is not there
  std::string advice;  // "" when there is nothing to do
};

std::vector<HostCheck> kernelChecks(const Host& host);
// The scripts that integration.ini names: each there, and root's alone.
std::vector<HostCheck> scriptChecks(const Host& host);

}  // namespace bulkhead::agent
