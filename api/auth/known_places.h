// KnownPlaces: from where who has logged in lately. In memory: after a restart a place is known
// again with the next login there.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "common/core/clock.h"

namespace bulkhead::api {

class KnownPlaces {
 public:
  // Only who has the password makes one: a bound for administrators who travel. Beyond it the one
  // that was used longest ago is forgotten.
  static constexpr std::size_t kPlacesMax = 1024;

  KnownPlaces(std::int64_t lifeMicros, const Clock& clock)
      : lifeMicros_(lifeMicros), clock_(clock) {}
  void add(const std::string& place);
  bool has(const std::string& place) const;
  std::size_t size() const;

 private:
  const std::int64_t lifeMicros_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, std::int64_t> usedAt_;
};

}  // namespace bulkhead::api
