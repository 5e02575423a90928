#include "agent/policy/rate.h"

#include <gtest/gtest.h>

namespace bulkhead::agent {
namespace {

using std::chrono::seconds;

class Rate : public ::testing::Test {
 protected:
  bool call(const std::string& name, std::uint32_t perMinute = 6) {
    if (!table_.has(name, perMinute, now_)) return false;
    table_.take(name);
    return true;
  }
  RateTable table_;
  RateTable::Time now_{std::chrono::hours(1)};
};

TEST_F(Rate, AllowsABurstOfOneMinuteAndThenRefuses) {
  for (int i = 0; i < 6; ++i)
    EXPECT_TRUE(call("a"));
  EXPECT_FALSE(call("a"));
  EXPECT_TRUE(call("b")) << "names are counted apart";
}

TEST_F(Rate, RefillsEvenly) {
  for (int i = 0; i < 6; ++i)
    EXPECT_TRUE(call("a"));
  now_ += seconds(11);
  EXPECT_TRUE(call("a"));
  EXPECT_FALSE(call("a"));
  now_ += seconds(3600);
  for (int i = 0; i < 6; ++i)
    EXPECT_TRUE(call("a"));
  EXPECT_FALSE(call("a")) << "a long pause does not add up";
}

TEST_F(Rate, ZeroMeansNever) { EXPECT_FALSE(call("a", 0)); }

TEST_F(Rate, BoundsTheNumberOfNamesAndRecovers) {
  for (std::size_t i = 0; i < RateTable::kNamesMax; ++i)
    EXPECT_TRUE(call(std::to_string(i)));
  EXPECT_FALSE(call("one more"));
  now_ += seconds(61);
  EXPECT_TRUE(call("one more"));
}

}  // namespace
}  // namespace bulkhead::agent
