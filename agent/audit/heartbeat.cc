#include "agent/audit/heartbeat.h"

#include <string>

#include "common/log/log.h"

namespace bulkhead::agent {

kj::Promise<void> keepAnchoring(kj::Timer& timer, Audit& audit) {
  return timer.afterDelay(kAuditTick).then([&timer, &audit] {
    // The next tick comes whatever became of this one.
    const auto fault = kj::runCatchingExceptions([&audit] { audit.tick(); });
    KJ_IF_MAYBE (exception, fault) {
      logLine(LogLevel::kError, "the audit log was not tended",
              {{"reason", std::string(exception->getDescription().cStr())}});
    }
    return keepAnchoring(timer, audit);
  });
}

}  // namespace bulkhead::agent
