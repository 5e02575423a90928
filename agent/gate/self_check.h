// SelfCheck: some time after the start the agent looks once for what differs (the operations
// *.check) and says it in its log. It mends nothing. Everything goes the way of a call over root's
// own socket: workers, their limits, their number.
#pragma once
#include <cstdint>
#include <string>

#include <kj/async-io.h>

#include "agent/gate/dispatcher.h"

namespace bulkhead::agent {

// After a boot, engines and Nginx are just being started; and nobody waits for this.
inline constexpr kj::Duration kSelfCheckDelay = 20 * kj::SECONDS;
inline constexpr std::size_t kSelfCheckLinesMax = 20;  // in the log; bulkhead doctor shows all

class SelfCheck {
 public:
  SelfCheck(Dispatcher& dispatcher, kj::Timer& timer) : dispatcher_(dispatcher), timer_(timer) {}
  // Never fails. Dropping the promise stops it after the page that is being read.
  kj::Promise<void> run(kj::Duration delay = kSelfCheckDelay);

 private:
  kj::Promise<void> runPart(std::size_t part, std::string after);
  void take(const char* method, capnp::MessageBuilder& answer);
  void summarise() const;

  Dispatcher& dispatcher_;
  kj::Timer& timer_;
  std::uint64_t checked_ = 0;
  std::uint64_t differ_ = 0;
  std::uint64_t danger_ = 0;
  std::uint64_t unknown_ = 0;
  std::string next_;
};

}  // namespace bulkhead::agent
