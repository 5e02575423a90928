// LoginLimits: how many guesses at passwords, codes and links there may be, by who guesses and at
// whom. One for all ways in, so that none is a second chance.
#pragma once
#include <optional>
#include <string>

#include "api/auth/known_places.h"
#include "api/auth/rate_limit.h"
#include "common/core/clock.h"

namespace bulkhead::api {

class LoginLimits {
 public:
  LoginLimits(std::int64_t knownPlaceMicros, const Clock& clock);

  // What a guess at a name may use up, by key.
  struct Tries {
    std::string from;
    std::string name;
    std::string nameThere;
    bool ofName = false;  // the name's own limit counts it too
  };
  static Tries triesOf(const std::string& username, const std::string& address);
  // All of them; or none, and the seconds to wait: who is turned away has guessed nothing.
  std::optional<int> take(Tries& tries);
  void giveBack(const Tries& tries);
  // After a success: from now on strangers elsewhere cannot use up what counts there.
  void know(const Tries& tries) { knownPlaces_.add(tries.nameThere); }

  // For what is guessed without a name: codes and links.
  std::optional<int> takeFrom(const std::string& address);
  void giveBackFrom(const std::string& address);

 private:
  RateLimit perNameThere_;
  RateLimit perName_;
  RateLimit perAddress_;
  KnownPlaces knownPlaces_;
};

}  // namespace bulkhead::api
