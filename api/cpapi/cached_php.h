// CachedPhp: the catalogue, asked for at most once a minute.
#pragma once
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>

#include "api/cpapi/php_catalogue.h"
#include "common/core/clock.h"
#include "common/core/kept_answer.h"

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
  CachedPhp(Fetch fetch, const Clock& clock)
      : fetch_(std::move(fetch)), known_({kAnyAge, std::chrono::milliseconds(0)}, clock) {}
  // While the agent is away, the list of before: packages outlive its restarts. Without one kBusy
  // at once when another caller asks.
  Result<std::shared_ptr<const PhpVersions>> versions() override;

 private:
  static constexpr std::int64_t kAnyAge = std::numeric_limits<std::int64_t>::max();
  struct Known {
    std::shared_ptr<const PhpVersions> versions;  // nullptr before there was a list
    std::optional<Error> problem;                 // of the last time that it was asked for
  };
  Known ask(const std::optional<Known>& before) const;

  Fetch fetch_;
  KeptAnswer<Known> known_;
};

}  // namespace bulkhead::api
