// cloudlinux: what is known here of CloudLinux's own files and of the integration that the
// administrator has switched on.
#pragma once
#include "agent/host/host.h"

namespace bulkhead::agent::cloudlinux {

inline constexpr const char* kLvectl = "/usr/sbin/lvectl";
// Written last by cloudlinux.configure and removed first by cloudlinux.remove.
inline constexpr const char* kEnabledMark = "/var/lib/bulkhead/agent/cloudlinux-enabled";

bool isEnabled(const Host& host);

}  // namespace bulkhead::agent::cloudlinux
