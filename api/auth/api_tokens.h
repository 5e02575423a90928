// ApiTokens: the tokens by which front ends and billing modules act for somebody. A token does no
// more than its scopes say, nor than its owner's role gives and reaches at that moment; it makes
// nothing that lets somebody in.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/auth/admin_store.h"
#include "api/auth/caller.h"
#include "api/auth/persons.h"
#include "api/auth/rate_limit.h"
#include "api/auth/session_touch.h"
#include "common/core/clock.h"
#include "common/core/result.h"

namespace bulkhead::api {

struct NewApiToken {
  std::string name;
  std::string owner;  // an administrator; "" = who asks, for root the main one
  std::vector<std::string> scopes;
  std::vector<std::string> addresses;  // ranges; none = from everywhere
  std::int64_t lifeSeconds = 0;
  bool readOnly = false;
  bool dryRunOnly = false;
};
struct IssuedToken {
  ApiToken token;
  std::string secret;  // shown once; only its hash is kept
};

class ApiTokens {
 public:
  static constexpr std::int64_t kSecond = 1'000'000;
  static constexpr std::int64_t kDay = 24 * 3600;  // in seconds
  static constexpr std::int64_t kLifeDefaultSeconds = 90 * kDay;
  static constexpr std::int64_t kLifeMinSeconds = 60;
  static constexpr std::int64_t kLifeMaxSeconds = 365 * kDay;  // whoever forgets one loses it then
  static constexpr std::int64_t kOverlapMaxSeconds = kDay;     // to roll a secret out
  static constexpr std::size_t kAddressesMax = 32;             // each is compared at each request
  // So long a token that is over is still listed: to see why something stopped working.
  static constexpr std::int64_t kShownAfterMicros = 30 * kDay * kSecond;

  ApiTokens(AdminStore& store, Persons& persons, SessionTouch& touch, const Clock& clock);

  // unknownBearer() for whatever is not the secret of a token that holds now.
  Result<Principal> authenticate(std::string_view secret);
  std::optional<Kept> keepOut(const TokenLimits& limits, const std::string& address);

  // kPermissionDenied for a scope that the owner, or who asks, does not have, and for another
  // administrator's token unless root asks; kLimitExceeded; kInvalidArgument. `requestId` is for
  // the log, which has a line for each of these three changes.
  Result<IssuedToken> create(const Principal& by,
                             const NewApiToken& wanted,
                             const std::string& requestId);
  // A new secret; the one before holds for that long, and the one before that no more. Without
  // `lifeSeconds` the end stays. kConflict for a token that is over.
  Result<IssuedToken> rotate(const Principal& by,
                             const std::string& id,
                             std::int64_t overlapSeconds,
                             const std::optional<std::int64_t>& lifeSeconds,
                             const std::string& requestId);
  Result<Ok> revoke(const Principal& by, const std::string& id, const std::string& requestId);

  // The main administrator and root see everybody's, others their own; kNotFound for the rest.
  Result<Page<ApiToken>> list(const Principal& by, const PageQuery& query);
  Result<ApiToken> find(const Principal& by, const std::string& id);
  Result<ApiToken> self(const Principal& by);  // kNotFound for whoever comes without one

 private:
  // With the name of its owner, if the database of tokens does not know it.
  Result<ApiToken> named(ApiToken token);
  Result<Person> ownerFor(const Principal& by, const std::string& wanted);

  AdminStore& store_;
  Persons& persons_;
  SessionTouch& touch_;
  const Clock& clock_;
  RateLimit perToken_;
  RateLimit strangeAddressesLogged_;
};

}  // namespace bulkhead::api
