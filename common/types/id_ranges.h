// The ids that accounts get on the host, and those of the users in their containers.
#pragma once
#include <sys/types.h>

#include <cstdint>

namespace bulkhead {

// The managed range: above people (1000-19999), below nobody (65534).
inline constexpr uid_t kUidFirst = 20000;
inline constexpr uid_t kUidLast = 59999;
// Above all that useradd gives to ordinary users (SUB_UID_MAX 600100000), so that neither meets the
// other's ranges.
inline constexpr std::uint32_t kSubUidBase = 603979776;
inline constexpr std::uint32_t kSubUidCount = 65536;
static_assert(kSubUidBase + (std::uint64_t{kUidLast} - kUidFirst + 1) * kSubUidCount <
                  0xFFFFFFFFULL,
              "the last account's sub-uids end below (uid_t)-1");

// Users of the host, system's and people's, and accounts; not who lives in somebody's container.
constexpr bool isSubUid(uid_t uid) {
  return uid >= kSubUidBase &&
         uid - kSubUidBase < (std::uint64_t{kUidLast} - kUidFirst + 1) * kSubUidCount;
}

}  // namespace bulkhead
