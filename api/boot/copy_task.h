// The task behind `bulkhead store migrate`.
#pragma once
#include <string>

#include "api/boot/options.h"
#include "common/core/result.h"

namespace bulkhead::api {

// Copies from options.copyFrom to options.copyTo ("sqlite", or the file of a database server) and
// tells, for people, what was copied and proved. As root it goes on as the user whom the state
// directory belongs to, so that what it makes is his.
Result<std::string> copyStores(const Options& options);

}  // namespace bulkhead::api
