#include "api/cpapi/cached_php.h"

#include <algorithm>

namespace bulkhead::api {

Result<std::shared_ptr<const PhpVersions>> CachedPhp::versions() {
  const std::lock_guard lock(mutex_);  // whoever comes meanwhile waits for the one answer
  const std::int64_t now = clock_.nowMicros();
  const std::int64_t age = now - fetchedAt_;
  if (versions_ && age >= 0 && age < kLifeMicros) return versions_;
  TRY_ASSIGN(PhpVersions fresh, fetch_());
  std::sort(fresh.begin(), fresh.end(),
            [](const PhpVersion& a, const PhpVersion& b) { return a.identifier < b.identifier; });
  versions_ = std::make_shared<const PhpVersions>(std::move(fresh));
  fetchedAt_ = now;
  return versions_;
}

}  // namespace bulkhead::api
