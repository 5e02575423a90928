#include "agent/policy/quarantine.h"

namespace bulkhead::agent {

bool Quarantine::note(Time now) {
  constexpr const char* kName = "trespass";
  const bool before = isOn(now);
  if (trespasses_.has(kName, kTrespassesPerMinute, now)) {
    trespasses_.take(kName);
    if (!before) return false;
  }
  until_ = now + kLength;
  return !before;
}

}  // namespace bulkhead::agent
