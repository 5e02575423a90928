// ManualClock: a clock that stands still until the test moves it.
#pragma once
#include <atomic>
#include <cstdint>

#include "common/core/clock.h"

namespace bulkhead::test {

class ManualClock final : public Clock {
 public:
  static constexpr std::int64_t kSecond = 1'000'000;
  std::int64_t nowMicros() const override { return now_; }
  void advance(std::int64_t seconds) { now_ += seconds * kSecond; }

 private:
  std::atomic<std::int64_t> now_{1'900'000'000 * kSecond};
};

}  // namespace bulkhead::test
