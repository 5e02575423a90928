#include "api/auth/known_places.h"

#include <algorithm>

namespace bulkhead::api {

void KnownPlaces::add(const std::string& place) {
  const std::lock_guard lock(mutex_);
  usedAt_.insert_or_assign(place, clock_.nowMicros());
  if (usedAt_.size() <= kPlacesMax) return;
  usedAt_.erase(std::min_element(usedAt_.begin(), usedAt_.end(),
                                 [](const auto& a, const auto& b) { return a.second < b.second; }));
}

bool KnownPlaces::has(const std::string& place) const {
  const std::lock_guard lock(mutex_);
  const auto found = usedAt_.find(place);
  return found != usedAt_.end() && clock_.nowMicros() - found->second < lifeMicros_;
}

std::size_t KnownPlaces::size() const {
  const std::lock_guard lock(mutex_);
  return usedAt_.size();
}

}  // namespace bulkhead::api
