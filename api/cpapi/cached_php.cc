#include "api/cpapi/cached_php.h"

#include <algorithm>

namespace bulkhead::api {

CachedPhp::Known CachedPhp::ask(const std::optional<Known>& before) const {
  auto fetched = fetch_();
  if (!fetched.ok()) return {before.has_value() ? before->versions : nullptr, fetched.error()};
  PhpVersions fresh = std::move(fetched).value();
  std::sort(fresh.begin(), fresh.end(),
            [](const AgentPhp& a, const AgentPhp& b) { return a.identifier < b.identifier; });
  return {std::make_shared<const PhpVersions>(std::move(fresh)), std::nullopt};
}

Result<std::shared_ptr<const PhpVersions>> CachedPhp::versions() {
  const auto known = known_.get(
      [](const Known& kept, std::int64_t age) {
        return age < (kept.problem.has_value() ? kRefusalLifeMicros : kLifeMicros);
      },
      [this](const std::optional<Known>& before) { return ask(before); });
  if (!known.has_value()) return Error{Code::kBusy, "somebody else asks which PHP there is", ""};
  if (known->versions) return known->versions;
  return *known->problem;
}

}  // namespace bulkhead::api
