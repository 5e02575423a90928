// Clock: the time as a parameter, so that tests own it.
#pragma once
#include <chrono>
#include <cstdint>

namespace bulkhead {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::int64_t nowMicros() const = 0;  // UTC, since the epoch
};

class SystemClock final : public Clock {
 public:
  std::int64_t nowMicros() const override {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
};

}  // namespace bulkhead
