// The kernel's mount table, read.
#pragma once
#include <string>
#include <string_view>

#include "agent/host/host.h"

namespace bulkhead::agent {

// "mnt_id:" of /proc/self/fdinfo/N; "" when it is not there.
std::string_view mountIdOf(std::string_view fdInfo);
// The line of /proc/self/mountinfo with that id, without sizes. kInternal when there is none.
Result<FileSystemInfo> findMount(std::string_view mountInfo, std::string_view mountId);

}  // namespace bulkhead::agent
