// Token buckets by name: so many calls a minute, with a burst of the same size.
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace bulkhead::agent {

class RateTable {
 public:
  using Time = std::chrono::steady_clock::time_point;
  // Names come from the peer, so their number is bounded. A full table refuses new names until old
  // ones are idle.
  static constexpr std::size_t kNamesMax = 4096;

  // True when a call is left; it is not taken yet. The burst is a minute's calls.
  bool has(std::string_view name, std::uint32_t perMinute, Time now) {
    return has(name, perMinute, perMinute, now);
  }
  bool has(std::string_view name, std::uint32_t perMinute, std::uint32_t burst, Time now);
  void take(std::string_view name);

 private:
  struct Bucket {
    double tokens = 0;
    Time filled;
  };
  void dropIdle(Time now);
  std::map<std::string, Bucket, std::less<>> buckets_;
};

}  // namespace bulkhead::agent
