// The last look at who an account is, right before something is done to it: never root, never a
// system user.
#pragma once
#include "agent/host/host.h"

namespace bulkhead::agent {

// kInternal for an identity that no registry of ours has made.
Result<Ok> checkIdentity(const Identity& who);

// The account's own uid or one of its sub-uids.
bool ownsUid(const Identity& who, uid_t uid);

}  // namespace bulkhead::agent
