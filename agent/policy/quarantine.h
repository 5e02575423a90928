// Quarantine: the panel's own REST server never asks for what its policy does not know, and never
// sends what cannot be read. Who does so again and again has taken it over, or is a server of
// another version; either way it changes nothing more for a while. Kept in memory: only root can
// restart the agent.
#pragma once
#include <chrono>

#include "agent/policy/rate.h"

namespace bulkhead::agent {

class Quarantine {
 public:
  using Time = std::chrono::steady_clock::time_point;
  // Far above what an upgrade can cause, whose two daemons know different operations for a second.
  static constexpr std::uint32_t kTrespassesPerMinute = 20;
  // Long enough for a person to be told, short enough for a mistake to be survived.
  static constexpr std::chrono::minutes kLength{10};

  // Counts one; true when the quarantine begins with it. During one it is prolonged.
  bool note(Time now);
  bool isOn(Time now) const { return now < until_; }

 private:
  RateTable trespasses_;
  Time until_;
};

}  // namespace bulkhead::agent
