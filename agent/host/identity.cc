#include "agent/host/identity.h"

#include "agent/registry/registry.h"

namespace bulkhead::agent {

Result<Ok> checkIdentity(const Identity& who) {
  const bool managed =
      who.uid >= kUidFirst && who.uid <= kUidLast && who.gid >= kUidFirst && who.gid <= kUidLast;
  // An empty range is fine; one that reaches below ours would name other people's processes.
  const bool subIds =
      who.subUidCount == 0 || (who.subUidFirst >= kSubUidBase && who.subUidCount <= kSubUidCount);
  if (managed && subIds && !who.username.empty()) return Ok{};
  return Error{Code::kInternal, "an identity outside the managed range", ""};
}

bool ownsUid(const Identity& who, uid_t uid) {
  return uid == who.uid || (uid >= who.subUidFirst && uid - who.subUidFirst < who.subUidCount);
}

}  // namespace bulkhead::agent
