// RateLimit: a token bucket a key, for a bounded number of keys.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "common/core/clock.h"

namespace bulkhead::api {

struct Rate {
  int burst;             // tries at once
  int secondsPerTry;     // then one each
  int triesPerStep = 1;  // or so many in that time
};

class RateLimit {
 public:
  // A stranger can make keys at will: beyond this many the one that has waited longest is
  // forgotten.
  static constexpr std::size_t kKeysMax = 8192;

  RateLimit(Rate rate, const Clock& clock) : rate_(rate), clock_(clock) {}
  // Takes one try; or answers how many seconds to wait. Those turned away take nothing, so that a
  // stranger who keeps knocking cannot lock the owner out for longer than the rate says.
  std::optional<int> take(const std::string& key);
  // After a success: it was no guess.
  void giveBack(const std::string& key);
  std::size_t keys() const;

 private:
  struct Bucket {
    std::int64_t credit;  // microseconds; a try costs cost()
    std::int64_t at;
  };
  Bucket& refreshed(const std::string& key, std::int64_t now);
  void makeRoom(std::int64_t now);
  std::int64_t cost() const {
    return static_cast<std::int64_t>(rate_.secondsPerTry) * kMicrosPerSecond / rate_.triesPerStep;
  }
  std::int64_t full() const { return cost() * rate_.burst; }
  static constexpr std::int64_t kMicrosPerSecond = 1'000'000;

  Rate rate_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, Bucket> buckets_;
};

// What an address counts as: an IPv4 address, or the /64 of an IPv6 one, which one person commonly
// has. Other words stay.
std::string addressKey(std::string_view address);

}  // namespace bulkhead::api
