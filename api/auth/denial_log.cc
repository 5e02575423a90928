// The lines.
#include "api/auth/denial_log.h"

#include "common/log/log.h"

namespace bulkhead::api {
namespace {

constexpr Rate kLogged{10, 6};  // ten at once, then ten a minute

}  // namespace

DenialLog::DenialLog(const Clock& clock) : perActor_(kLogged, clock), perAddress_(kLogged, clock) {}

void DenialLog::denied(const Denial& denial) {
  if (perActor_.take(denial.actor)) return;
  logLine(LogLevel::kWarning, "denied",
          {{"rule", denial.rule},
           {"actor", denial.actor},
           {"operation", denial.operation},
           {"address", denial.address},
           {"request_id", denial.requestId}});
}

void DenialLog::refusedLogin(const std::string& reason,
                             const std::string& person,
                             const std::string& address) {
  if (perAddress_.take(addressKey(address))) return;
  logLine(LogLevel::kWarning, "refused a login",
          {{"reason", reason}, {"person", person}, {"address", address}});
}

}  // namespace bulkhead::api
