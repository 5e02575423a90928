#include "api/usecases/purge_timer.h"

#include "common/log/log.h"

namespace bulkhead::api {

void PurgeTimer::tick() {
  const auto started = panel_.purgeExpired(pace_.atOnce);
  // An agent that is away comes back, and what is due is still due then.
  if (!started.ok() && !isRetryable(started.error().code))
    logLine(LogLevel::kError, "deleted accounts were not purged",
            {{"why", started.error().message}});
}

}  // namespace bulkhead::api
