// The condition of a repair: between the look that offered it and the lock under which it runs,
// somebody may have removed or changed what it would bring back.
#pragma once
#include <string_view>

#include <capnp/dynamic.h>

#include "agent/host/host.h"
#include "common/core/result.h"

namespace bulkhead::agent {

// Ok when the registry, as it is now, asks for just this call of an operation, so that the call
// makes nothing that is not wanted; kConflict when it does not, kUnsupported for an operation that
// is no repair. Only sure while the account's lock is held.
Result<Ok> checkAsRecorded(std::string_view method,
                           capnp::DynamicStruct::Reader params,
                           const Host& host);

}  // namespace bulkhead::agent
