#include "api/usecases/lockdown.h"

#include "common/log/log.h"

namespace bulkhead::api {
namespace {

constexpr std::int64_t kMicrosASecond = 1'000'000;

}  // namespace

Result<Ok> Lockdown::refresh() {
  TRY_ASSIGN(const AgentReply reply, askAgent(agent_, {}, ask::LockdownStatus{}));
  const auto* told = std::get_if<AgentLockdown>(&reply.value);
  if (told == nullptr) return Error{Code::kInternal, "the agent answered something else", ""};
  return follow(*told);
}

Result<Ok> Lockdown::turnOn(const CallContext& context) {
  TRY(refresh());  // the agent refuses changes when it is on, this one as well
  if (isOn()) return Ok{};
  TRY_ASSIGN(const AgentReply reply, askAgent(agent_, context, ask::LockdownOn{}));
  const auto* told = std::get_if<AgentLockdown>(&reply.value);
  if (told == nullptr || !told->on)
    return Error{Code::kInternal, "the agent does not say that it is on", ""};
  return follow(*told);
}

Result<Ok> Lockdown::follow(const AgentLockdown& told) {
  const std::lock_guard lock(mutex_);
  if (!told.on) {
    if (on_) logLine(LogLevel::kNotice, "the lockdown is over");
    on_ = ended_ = false;
    since_ = 0;
    return Ok{};
  }
  // Of a record that does not tell its time any more, all that is there now ends. Otherwise what
  // was made in the second in which it began ends, too: the agent does not count finer.
  if (!on_) {
    logLine(LogLevel::kWarning, "locked down: sessions and tokens end, changes are refused");
    since_ = told.since == 0 ? clock_.nowMicros() : told.since * kMicrosASecond;
  }
  on_ = true;
  if (ended_) return Ok{};
  const auto done = endAccess_(since_ + kMicrosASecond);
  ended_ = done.ok();  // otherwise at the next tick
  if (!done.ok())
    logLine(LogLevel::kError, "sessions and tokens could not be ended",
            {{"reason", done.error().message}});
  return done;
}

}  // namespace bulkhead::api
