// Credentials: what people do about passwords, and who may come in at all. Nobody ever chooses
// another one's password: who lost his gets a code from whoever stands above him, or root.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "api/auth/admin_store.h"
#include "api/auth/caller.h"
#include "api/auth/hash_pool.h"
#include "api/auth/login.h"
#include "api/auth/login_limits.h"
#include "api/auth/persons.h"
#include "api/auth/second_factors.h"
#include "common/core/clock.h"

namespace bulkhead::api {

struct PasswordChange {
  std::string current;
  std::string wanted;
  std::string code = {};  // of the second factor, if there is one
};
// The session that goes on, and what ended.
struct PasswordChanged {
  Login login;
  Ended ended;
};

class Credentials {
 public:
  static constexpr std::int64_t kResetLifeMicros = 15LL * 60 * 1'000'000;  // to reach its owner

  Credentials(AdminStore& store,
              Persons& persons,
              HashPool& hashes,
              LoginLimits& limits,
              SecondFactors& factors,
              const Clock& clock)
      : store_(store),
        persons_(persons),
        hashes_(hashes),
        limits_(limits),
        factors_(factors),
        clock_(clock) {}

  // Password and code once more, for what is dangerous within the next kProofMicros. The session
  // goes on under another token: whoever has stolen the one before loses it. Refusals as those of
  // changePassword().
  Guarded<Login> prove(const Principal& by,
                       const std::string& password,
                       const std::string& code,
                       const std::string& address,
                       const std::string& requestId);

  // One's own. Every session, token and login link of before is over; a new session begins.
  // kPermissionDenied for a wrong current one, counted as a guess at a login is; kInvalidArgument
  // for one that may not be set; kConflict for root, who has none.
  Guarded<PasswordChanged> changePassword(const Principal& by,
                                          const PasswordChange& change,
                                          const std::string& address,
                                          const std::string& requestId);

  // A one-time code for somebody who lost his password. Nothing ends until it is used. Root may
  // name anybody, the main administrator everybody but himself.
  Result<OneTime> newReset(const Principal& by,
                           const std::string& idOrName,
                           const std::string& requestId);
  // The same for a reseller or the user of an account, by id. Who may ask is the route's business:
  // nobody of these reaches himself by it.
  Result<OneTime> newResetBelow(const Principal& by,
                                const std::string& id,
                                const std::string& requestId);
  // Opens no session: the login that follows asks for whatever a login asks for.
  Guarded<Ok> redeemReset(const std::string& token,
                          const std::string& password,
                          const std::string& address,
                          const std::string& requestId);

  // Disabling ends every session, token and link at once. kConflict for the main administrator:
  // nobody could let him in again.
  Result<Administrator> setState(const Principal& by,
                                 const std::string& idOrName,
                                 PersonState state,
                                 const std::string& requestId);
  // The same for a reseller, by id. What it owns goes on as it is.
  Result<Ok> setStateBelow(const Principal& by,
                           const std::string& id,
                           PersonState state,
                           const std::string& requestId);

 private:
  Result<OneTime> issueReset(const Principal& by,
                             const Person& person,
                             const std::string& requestId);
  // Who asks, after password and code were right.
  Guarded<Person> identified(const Principal& by,
                             const std::string& password,
                             const std::string& passwordField,
                             const std::string& code,
                             const std::string& address,
                             const std::string& requestId);

  AdminStore& store_;
  Persons& persons_;
  HashPool& hashes_;
  LoginLimits& limits_;
  SecondFactors& factors_;
  const Clock& clock_;
};

}  // namespace bulkhead::api
