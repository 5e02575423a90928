// Serving: wires every part, puts the sandbox on, and stays until SIGTERM.
#pragma once
#include "api/boot/options.h"
#include "api/http/handler_pool.h"
#include "api/http/message.h"
#include "common/core/result.h"

namespace bulkhead::api {

// Returns after a clean end, or the reason why the server cannot start. Call it while the process
// has one thread.
Result<Ok> serve(const Options& options);

// Password hashing takes long and queues: such requests go where those go that wait for jobs, so
// that strangers who try passwords cannot hold up the others.
Lane laneOf(const HttpRequest& request);

}  // namespace bulkhead::api
