// Refusals that server and client both give. Word for word the same: whoever may see nothing must
// not learn from them who answered, or what exists.
#pragma once
#include "common/cpapi/outcome.h"

namespace bulkhead::cpapi {

inline constexpr Fault kForAdministrators{
    Outcome::kDenied, "this script is for administrators", {}};
// The same for what is another one's and for what does not exist.
inline constexpr Fault kNotYours{Outcome::kDenied, "you may see your own domains only", {}};

}  // namespace bulkhead::cpapi
