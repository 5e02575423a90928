// Serving: wires every part, puts the sandbox on, and stays until SIGTERM.
#pragma once
#include "api/boot/options.h"
#include "common/core/result.h"

namespace bulkhead::api {

// Returns after a clean end, or the reason why the server cannot start. Call it while the process
// has one thread.
Result<Ok> serve(const Options& options);

}  // namespace bulkhead::api
