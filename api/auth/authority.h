// Authority: who may come in. Passwords, sessions, the one-time code of the first administrator,
// one-time login links, API tokens. Answers for an unknown user, a wrong password and a disabled
// administrator are the same in words and in work done.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "api/auth/admin_store.h"
#include "api/auth/api_tokens.h"
#include "api/auth/caller.h"
#include "api/auth/hash_pool.h"
#include "api/auth/known_places.h"
#include "api/auth/rate_limit.h"
#include "api/auth/session_touch.h"
#include "common/core/clock.h"
#include "common/core/result.h"

namespace bulkhead::api {

// Too many tries; the caller may come back after that time.
struct Throttled {
  int retryAfterSeconds = 1;
};
template <typename T>
using Guarded = std::variant<T, Error, Throttled>;

struct Login {
  std::string token;  // shown once; only its hash is kept
  std::string username;
  std::string role;
  std::int64_t expiresAt = 0;  // at the latest
};
struct OneTime {
  std::string secret;  // shown once
  std::string username;
  std::int64_t expiresAt = 0;
};

class Authority final : public Authenticator {
 public:
  static constexpr std::int64_t kSecond = 1'000'000;
  // An administrator's console left open on a desk; and the longest working day.
  static constexpr std::int64_t kSessionIdleMicros = 15 * 60 * kSecond;
  static constexpr std::int64_t kSessionLifeMicros = 12 * 3600 * kSecond;
  static constexpr std::int64_t kBootstrapLifeMicros = 15 * 60 * kSecond;
  static constexpr std::int64_t kLinkLifeMicros = 60 * kSecond;  // long enough for one redirect
  // How long after a login strangers cannot keep its owner from the next one there.
  static constexpr std::int64_t kKnownPlaceMicros = 30LL * 24 * 3600 * kSecond;

  Authority(AdminStore& store, HashPool& hashes, const Clock& clock);

  // From now on, until stop(), authenticate() never writes: it may run on a socket thread.
  void start() { touch_.start(); }
  void stop() { touch_.stop(); }

  Result<Principal> authenticate(std::string_view bearerToken) override;
  std::optional<Kept> keepOut(const Principal& principal, const std::string& address) override;
  ApiTokens& tokens() { return tokens_; }

  Guarded<Login> login(const std::string& username,
                       const std::string& password,
                       const std::string& address);
  Result<Ok> logout(const Principal& principal);

  // kConflict when the main administrator exists. A new code makes the one before worthless.
  Result<OneTime> newBootstrapCode();
  // For an administrator who is about to be created.
  Guarded<std::string> hashPassword(const std::string& password, const std::string& username);
  Guarded<Admin> bootstrap(const std::string& code,
                           const std::string& username,
                           const std::string& password,
                           const std::string& address);

  // For oneself; root may name any administrator ("" = the main one). kPermissionDenied otherwise.
  Result<OneTime> newLoginLink(const Principal& principal, const std::string& username);
  Guarded<Login> loginByLink(const std::string& token, const std::string& address);

 private:
  // What a login may use up, by key.
  struct Tries {
    std::string from;
    std::string name;
    std::string nameThere;
    bool ofName = false;  // perName_ counts it too
  };
  // All of them; or none, and the seconds to wait: who is turned away has guessed nothing.
  std::optional<int> take(Tries& tries);
  void giveBack(const Tries& tries);
  Result<Login> openSession(const Admin& admin);

  AdminStore& store_;
  HashPool& hashes_;
  const Clock& clock_;
  SessionTouch touch_;
  ApiTokens tokens_;
  RateLimit perNameThere_;
  RateLimit perName_;
  RateLimit perAddress_;
  KnownPlaces knownPlaces_;
  std::string dummyHash_;  // what an unknown user's password is compared with
};

}  // namespace bulkhead::api
