// CachedPhp: the catalogue, asked for at most once a minute.
#pragma once
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>

#include "api/cpapi/php_catalogue.h"
#include "common/core/clock.h"

namespace bulkhead::api {

class CachedPhp final : public PhpCatalogue {
 public:
  // Packages come and go by hand; a page that lists them twice a second must not cost the agent two
  // walks over the host.
  static constexpr std::int64_t kLifeMicros = 60LL * 1'000'000;

  // An agent that hangs is asked by one caller in so long; the others are told at once, and leave
  // the threads to those who need no list.
  static constexpr std::int64_t kRefusalLifeMicros = 5LL * 1'000'000;

  using Fetch = std::function<Result<PhpVersions>()>;
  CachedPhp(Fetch fetch, const Clock& clock) : fetch_(std::move(fetch)), clock_(clock) {}
  Result<std::shared_ptr<const PhpVersions>> versions() override;

 private:
  Fetch fetch_;
  const Clock& clock_;
  std::mutex mutex_;
  std::shared_ptr<const PhpVersions> versions_;
  std::optional<Error> problem_;
  std::int64_t fetchedAt_ = 0;
};

}  // namespace bulkhead::api
