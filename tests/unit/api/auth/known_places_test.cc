#include "api/auth/known_places.h"

#include <gtest/gtest.h>

#include "tests/support/manual_clock.h"

namespace bulkhead::api {
namespace {

TEST(KnownPlaces, AreForgottenAfterTheirTime) {
  test::ManualClock clock;
  KnownPlaces places(60 * test::ManualClock::kSecond, clock);
  EXPECT_FALSE(places.has("alice there"));
  places.add("alice there");
  clock.advance(59);
  EXPECT_TRUE(places.has("alice there"));
  EXPECT_FALSE(places.has("bob there"));
  places.add("alice there");
  clock.advance(59);
  EXPECT_TRUE(places.has("alice there"));
  clock.advance(1);
  EXPECT_FALSE(places.has("alice there"));
}
TEST(KnownPlaces, AreNoMoreThanTheirBoundAndTheOldestGoes) {
  test::ManualClock clock;
  KnownPlaces places(3600LL * 24 * test::ManualClock::kSecond, clock);
  for (std::size_t i = 0; i <= KnownPlaces::kPlacesMax; ++i) {
    places.add(std::to_string(i));
    clock.advance(1);
  }
  EXPECT_EQ(places.size(), KnownPlaces::kPlacesMax);
  EXPECT_FALSE(places.has("0"));
  EXPECT_TRUE(places.has("1"));
}

}  // namespace
}  // namespace bulkhead::api
