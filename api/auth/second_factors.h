// SecondFactors: the codes that a login asks for after the password, by an authenticator app or, if
// that is lost, one of ten backup codes. Every code works once, also across a restart.
#pragma once
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "api/auth/admin_store.h"
#include "api/auth/caller.h"
#include "api/auth/factor_key.h"
#include "api/auth/login.h"
#include "common/core/clock.h"

namespace bulkhead::api {

struct Enrolment {
  std::string uri;     // "otpauth://...", shown once
  std::string secret;  // the same seed, to type
};
struct FactorState {
  bool enabled = false;
  std::int64_t since = 0;
  std::int64_t backupCodesLeft = 0;
};

class SecondFactors {
 public:
  static constexpr int kTriesAtOnce = 5;
  // Then a wait that doubles with each further wrong code: some 100 guesses a day at a million.
  static constexpr std::int64_t kFirstWaitSeconds = 30;
  static constexpr std::int64_t kLongestWaitSeconds = 15 * 60;
  static constexpr std::size_t kBackupCodes = 10;

  SecondFactors(AdminStore& store, const FactorKey& key, const Clock& clock)
      : store_(store), key_(key), clock_(clock) {}

  // After the password was right. Passes whoever has no factor; CodeWanted when a code is missing.
  // A wrong one is kPermissionDenied; after too many, Throttled whatever it is. Backup codes are
  // not held up: nobody guesses 120 bits, and their owner must get in while a stranger knocks.
  Guarded<Ok> check(const std::string& personId, const std::string& code);

  // One's own. kConflict when there is one already, and for root.
  Result<Enrolment> enrol(const Principal& by);
  // The first code proves that the app has the seed; from now on logins ask. The other sessions
  // end: they came in without. Answers the backup codes.
  Guarded<std::vector<std::string>> confirm(const Principal& by,
                                            const std::string& code,
                                            const std::string& requestId);
  Result<std::vector<std::string>> renewBackupCodes(const Principal& by,
                                                    const std::string& requestId);
  Result<FactorState> state(const Principal& by);
  Result<Ok> disable(const Principal& by, const std::string& requestId);
  // Somebody else's: for who lost the app and the codes. The main administrator's own: root only.
  Result<Ok> remove(const Principal& by, const std::string& idOrName, const std::string& requestId);
  // A reseller's or a user's, by id; who may ask is the route's business. kConflict without one.
  Result<Ok> removeBelow(const Principal& by, const std::string& id, const std::string& requestId);

 private:
  Guarded<Ok> checkTotp(const std::string& personId,
                        const std::string& code,
                        FactorStep step,
                        const FactorActivation& activation);

  AdminStore& store_;
  const FactorKey& key_;
  const Clock& clock_;
};

}  // namespace bulkhead::api
