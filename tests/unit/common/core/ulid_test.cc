#include "common/core/ulid.h"

#include <set>

#include <gtest/gtest.h>

namespace bulkhead {
namespace {

TEST(Ulid, HasTheTimeInFrontAndSortsByIt) {
  EXPECT_EQ(newUlid(0).substr(0, 10), "0000000000");
  EXPECT_EQ(newUlid(1469918176385'000).substr(0, 10), "01ARYZ6S41");  // from the ULID specification
  EXPECT_LT(newUlid(1'000'000), newUlid(1'001'000));
}

TEST(Ulid, IsTwentySixCrockfordCharactersAndNeverTheSameTwice) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = newUlid(1'700'000'000'000'000);
    EXPECT_EQ(id.size(), 26U);
    EXPECT_EQ(id.find_first_not_of("0123456789ABCDEFGHJKMNPQRSTVWXYZ"), std::string::npos);
    seen.insert(id);
  }
  EXPECT_EQ(seen.size(), 1000U);
}

}  // namespace
}  // namespace bulkhead
