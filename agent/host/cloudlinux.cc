#include "agent/host/cloudlinux.h"

namespace bulkhead::agent::cloudlinux {

bool isEnabled(const Host& host) { return host.inspect(kEnabledMark).ok(); }

}  // namespace bulkhead::agent::cloudlinux
