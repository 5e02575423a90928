// Lets the audit log end its epochs while nobody writes to it.
#pragma once
#include <kj/async.h>
#include <kj/timer.h>

#include "agent/audit/audit.h"

namespace bulkhead::agent {

inline constexpr kj::Duration kAuditTick = 10 * kj::SECONDS;  // a look at the clock, no more

// For as long as the promise is kept; it never resolves. Both must outlive it.
kj::Promise<void> keepAnchoring(kj::Timer& timer, Audit& audit);

}  // namespace bulkhead::agent
