// PurgeTimer: purges deleted accounts when their time to be restored is over. What is due is in the
// store, so that a restart forgets nothing; a tick starts a bounded number of jobs.
#pragma once
#include <chrono>
#include <cstdint>

#include "api/usecases/panel.h"
#include "api/usecases/ticker.h"

namespace bulkhead::api {

class PurgeTimer {
 public:
  struct Pace {
    // Nobody waits for it: an account that was kept for three days may stay a minute longer.
    std::chrono::milliseconds every{60000};
    // A purge takes seconds: so many end before the next tick, and the runner stays free for
    // others.
    std::uint32_t atOnce = 20;
  };
  explicit PurgeTimer(Panel& panel) : PurgeTimer(panel, Pace{}) {}
  PurgeTimer(Panel& panel, Pace pace) : panel_(panel), pace_(pace) {}

  void start() { ticker_.start(); }
  void stop() { ticker_.stop(); }

 private:
  void tick();

  Panel& panel_;
  const Pace pace_;
  Ticker ticker_{"api-purges", pace_.every, [this] { tick(); }};  // last: it uses the rest
};

}  // namespace bulkhead::api
