// Adds the time of a scope to RealHost's account of external time.
#pragma once
#include "agent/host/real_host.h"

namespace bulkhead::agent {

class RealHost::Stopwatch {
 public:
  explicit Stopwatch(const RealHost& host)
      : total_(host.externalMicros_), start_(std::chrono::steady_clock::now()) {}
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;
  ~Stopwatch() {
    const auto spent = std::chrono::steady_clock::now() - start_;
    total_ += static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(spent).count());
  }

 private:
  std::atomic<std::uint64_t>& total_;
  std::chrono::steady_clock::time_point start_;
};

}  // namespace bulkhead::agent
