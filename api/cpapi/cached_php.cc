#include "api/cpapi/cached_php.h"

#include <algorithm>

namespace bulkhead::api {

Result<std::shared_ptr<const PhpVersions>> CachedPhp::versions() {
  const std::lock_guard lock(mutex_);  // whoever comes meanwhile waits for the one answer
  const std::int64_t now = clock_.nowMicros();
  const std::int64_t age = now - fetchedAt_;
  if (age >= 0 && age < (problem_.has_value() ? kRefusalLifeMicros : kLifeMicros)) {
    if (problem_.has_value()) return *problem_;
    if (versions_) return versions_;
  }
  auto fetched = fetch_();
  fetchedAt_ = clock_.nowMicros();
  if (!fetched.ok()) {
    problem_ = fetched.error();
    return *problem_;
  }
  problem_.reset();
  PhpVersions fresh = std::move(fetched).value();
  std::sort(fresh.begin(), fresh.end(),
            [](const AgentPhp& a, const AgentPhp& b) { return a.identifier < b.identifier; });
  versions_ = std::make_shared<const PhpVersions>(std::move(fresh));
  return versions_;
}

}  // namespace bulkhead::api
