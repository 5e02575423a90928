// Lockdown: what the agent says of the kill-switch, followed by the server. When it goes on,
// whatever let anybody in until then ends; while it is on, the router refuses changes and jobs
// wait. The agent refuses them, too: this is so that people get the right answer.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>

#include "api/agent_client/agent_port.h"
#include "api/usecases/ticker.h"
#include "common/core/clock.h"

namespace bulkhead::api {

// Root's command waits for as long until sessions are over.
inline constexpr std::chrono::milliseconds kLockdownInterval{1000};

class Lockdown {
 public:
  // Ends every session, token and link that was made before this time (Unix microseconds).
  using EndAccess = std::function<Result<Ok>(std::int64_t before)>;
  // All of them must outlive it.
  Lockdown(AgentPort& agent, EndAccess endAccess, const Clock& clock)
      : agent_(agent), endAccess_(std::move(endAccess)), clock_(clock) {}

  void start() { ticker_.start(); }
  void stop() { ticker_.stop(); }

  bool isOn() const { return on_; }
  std::int64_t since() const { return since_; }  // Unix microseconds; 0 when it is off
  // Asks the agent and follows. An agent that does not answer changes nothing.
  Result<Ok> refresh();
  // Turns it on, and follows.
  Result<Ok> turnOn(const CallContext& context);

 private:
  Result<Ok> follow(const AgentLockdown& told);

  AgentPort& agent_;
  EndAccess endAccess_;
  const Clock& clock_;
  std::atomic<bool> on_ = false;
  std::atomic<std::int64_t> since_ = 0;
  std::mutex mutex_;    // one follows at a time
  bool ended_ = false;  // for this time that it is on
  Ticker ticker_{"api-lockdown", kLockdownInterval, [this] { (void)refresh(); }};  // last
};

}  // namespace bulkhead::api
