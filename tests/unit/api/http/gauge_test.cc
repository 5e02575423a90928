// How many connections there may be, in all and of one user.
#include "api/http/gauge.h"

#include <vector>

#include <gtest/gtest.h>

namespace bulkhead::api {
namespace {

TEST(UidGauge, GivesEachUserHisOwnPlaces) {
  UidGauge gauge(2);
  const auto first = gauge.acquire(1001);
  {
    const auto second = gauge.acquire(1001);
    EXPECT_TRUE(first.taken() && second.taken());
    EXPECT_FALSE(gauge.acquire(1001).taken());
    EXPECT_TRUE(gauge.acquire(1002).taken());
  }
  EXPECT_TRUE(gauge.acquire(1001).taken());
}
TEST(UidGauge, NeverRefusesRoot) {
  UidGauge gauge(1);
  std::vector<UidGauge::Slot> slots;
  for (int i = 0; i < 10; ++i) {
    slots.push_back(gauge.acquire(0));
    EXPECT_TRUE(slots.back().taken());
  }
}
TEST(UidGauge, WithoutACapRefusesNobody) {
  UidGauge gauge(0);
  std::vector<UidGauge::Slot> slots;
  for (int i = 0; i < 10; ++i) {
    slots.push_back(gauge.acquire(1001));
    EXPECT_TRUE(slots.back().taken());
  }
}

}  // namespace
}  // namespace bulkhead::api
