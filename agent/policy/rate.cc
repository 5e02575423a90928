#include "agent/policy/rate.h"

#include <algorithm>

namespace bulkhead::agent {

bool RateTable::has(std::string_view name, std::uint32_t perMinute, std::uint32_t burst, Time now) {
  auto found = buckets_.find(name);
  if (found == buckets_.end()) {
    if (buckets_.size() >= kNamesMax) dropIdle(now);
    if (buckets_.size() >= kNamesMax) return false;
    found = buckets_.emplace(std::string(name), Bucket{static_cast<double>(burst), now}).first;
  }
  Bucket& bucket = found->second;
  const double minutes = std::chrono::duration<double, std::ratio<60>>(now - bucket.filled).count();
  bucket.tokens = std::min<double>(burst, bucket.tokens + minutes * perMinute);
  bucket.filled = now;
  return bucket.tokens >= 1;
}

void RateTable::take(std::string_view name) {
  const auto found = buckets_.find(name);
  if (found != buckets_.end()) found->second.tokens -= 1;
}

void RateTable::dropIdle(Time now) {
  // After a minute without a call any bucket is full again, so nothing is forgotten.
  std::erase_if(buckets_, [&](const auto& entry) {
    return now - entry.second.filled >= std::chrono::minutes(1);
  });
}

}  // namespace bulkhead::agent
