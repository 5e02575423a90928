// What the host calls a user. Read by hand: a static program has no name service, and accounts of
// the panel are in the file.
#pragma once
#include <sys/types.h>

#include <string_view>

namespace bulkhead::cpapi {

// True when the host knows the user, and by no such name. False when it is not certain.
bool isCalledOtherwise(uid_t uid, std::string_view name);

// What one line of the file says.
enum class PasswdEntry { kAnothers, kHis, kHisOfThatName };
PasswdEntry readEntry(std::string_view line, uid_t uid, std::string_view name);

}  // namespace bulkhead::cpapi
