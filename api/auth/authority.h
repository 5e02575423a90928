// Authority: who may come in. Passwords, sessions, the one-time code of the first administrator,
// one-time login links, API tokens; the same for administrators, resellers and users of accounts.
// Answers for an unknown name, a wrong password, somebody without a password and somebody disabled
// are the same in words and in work done.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/auth/admin_store.h"
#include "api/auth/api_tokens.h"
#include "api/auth/caller.h"
#include "api/auth/credentials.h"
#include "api/auth/denial_log.h"
#include "api/auth/factor_key.h"
#include "api/auth/hash_pool.h"
#include "api/auth/login.h"
#include "api/auth/login_limits.h"
#include "api/auth/persons.h"
#include "api/auth/second_factors.h"
#include "api/auth/session_touch.h"
#include "api/auth/sessions.h"
#include "common/core/clock.h"
#include "common/core/result.h"

namespace bulkhead::api {

class Authority final : public Authenticator {
 public:
  static constexpr std::int64_t kSecond = 1'000'000;
  static constexpr std::int64_t kSessionIdleMicros = api::kSessionIdleMicros;
  static constexpr std::int64_t kSessionLifeMicros = api::kSessionLifeMicros;
  static constexpr std::int64_t kBootstrapLifeMicros = 15 * 60 * kSecond;
  static constexpr std::int64_t kLinkLifeMicros = 60 * kSecond;  // long enough for one redirect
  static constexpr std::int64_t kStandInLifeMicros = 15 * 60 * kSecond;  // to look, and to help
  // How long after a login strangers cannot keep its owner from the next one there.
  static constexpr std::int64_t kKnownPlaceMicros = 30LL * 24 * 3600 * kSecond;

  // All of them must outlive it.
  Authority(
      AdminStore& store, Store& panel, HashPool& hashes, const FactorKey& key, const Clock& clock);

  // From now on, until stop(), authenticate() never writes: it may run on a socket thread.
  void start() { touch_.start(); }
  void stop() { touch_.stop(); }

  Result<Principal> authenticate(std::string_view bearerToken) override;
  Result<Principal> recognise(std::string_view bearerToken) override;
  std::optional<Kept> keepOut(const Principal& principal, const std::string& address) override;
  void noteDenial(const Denial& denial) override { denials_.denied(denial); }
  Persons& persons() { return persons_; }
  ApiTokens& tokens() { return tokens_; }
  Credentials& credentials() { return credentials_; }
  SecondFactors& factors() { return factors_; }

  // `code` is "" when none was given. CodeWanted says that the password was right; a wrong code
  // gets the answer of a wrong password.
  Guarded<Login> login(const std::string& username,
                       const std::string& password,
                       const std::string& address,
                       const std::string& code = "");
  Result<Ok> logout(const Principal& principal);
  // Opens a session as somebody else, by id, whom the caller reaches: for a quarter of an hour, and
  // no longer than the caller's own session. It is marked, proves nothing, and does not reach what
  // lets people in. kConflict for root, who has no session that could end it.
  Result<Login> standIn(const Principal& by,
                        const std::string& personId,
                        const std::string& requestId);

  // kConflict when the main administrator exists. A new code makes the one before worthless.
  Result<OneTime> newBootstrapCode();
  // For somebody who is about to be created.
  Guarded<std::string> hashPassword(const std::string& password, const std::string& username);
  Guarded<Person> bootstrap(const std::string& code,
                            const std::string& username,
                            const std::string& password,
                            const std::string& address);

  // For oneself; root may name any administrator ("" = the main one). kPermissionDenied otherwise.
  Result<OneTime> newLoginLink(const Principal& principal, const std::string& username);
  // A link stands in for the password and for nothing else: whoever has a second factor is asked
  // for its code, whoever made the link. The link stays until the code is right.
  Guarded<Login> loginByLink(const std::string& token,
                             const std::string& address,
                             const std::string& code = "");

 private:
  // With the password, which also counts as a proof; or without.
  // `since`: when the factor was looked at, or earlier.
  Result<Login> openSession(const Person& person, std::int64_t provedAt, std::int64_t since);

  enum class Use { kCounts, kNone };
  Result<Principal> lookUp(std::string_view bearerToken, Use use);
  // Who stands in, put into the principal; kUnauthenticated when he may not any more.
  Result<Ok> checkStandIn(const SessionAndPerson& found, std::int64_t now, Principal& principal);
  // Nothing when whoever was found may not come in any more.
  Result<std::optional<Person>> activeNow(Result<std::optional<Person>> found);
  Guarded<Login> refusedFactor(const Guarded<Ok>& checked,
                               const Person& person,
                               const std::string& address);
  void renewHash(Person& person, const std::string& password);

  AdminStore& store_;
  HashPool& hashes_;
  const Clock& clock_;
  Persons persons_;
  SessionTouch touch_;
  ApiTokens tokens_;
  LoginLimits limits_;
  SecondFactors factors_;
  DenialLog denials_;
  Credentials credentials_;
  std::string dummyHash_;  // what an unknown user's password is compared with
};

}  // namespace bulkhead::api
