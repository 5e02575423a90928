// DenialLog: refusals that somebody may want to know of, in the API's journal. Whoever is refused
// may come again at once, so each source has so many lines and no more.
#pragma once
#include <string>

#include "api/auth/caller.h"
#include "api/auth/rate_limit.h"
#include "common/core/clock.h"

namespace bulkhead::api {

class DenialLog {
 public:
  explicit DenialLog(const Clock& clock);

  void denied(const Denial& denial);
  // `person` is "" for a name that nobody has: people type passwords into that field.
  void refusedLogin(const std::string& reason,
                    const std::string& person,
                    const std::string& address);

 private:
  RateLimit perActor_;
  RateLimit perAddress_;
};

}  // namespace bulkhead::api
