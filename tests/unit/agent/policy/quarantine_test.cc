#include "agent/policy/quarantine.h"

#include <gtest/gtest.h>

namespace bulkhead::agent {
namespace {

using namespace std::chrono_literals;

struct Noted : ::testing::Test {
  Noted() {
    for (std::uint32_t i = 0; i < Quarantine::kTrespassesPerMinute; ++i)
      EXPECT_FALSE(quarantine.note(begin));
  }
  Quarantine::Time begin{std::chrono::hours(1)};
  Quarantine quarantine;
};

TEST_F(Noted, AsManyAsAnUpgradeCausesAreForgiven) { EXPECT_FALSE(quarantine.isOn(begin)); }

TEST_F(Noted, OneMoreBeginsItOnceAndItEnds) {
  EXPECT_TRUE(quarantine.note(begin));
  EXPECT_TRUE(quarantine.isOn(begin));
  EXPECT_FALSE(quarantine.note(begin + 1s));
  EXPECT_TRUE(quarantine.isOn(begin + Quarantine::kLength));
  EXPECT_FALSE(quarantine.isOn(begin + Quarantine::kLength + 1s));
}

TEST_F(Noted, GoingOnProlongsIt) {
  EXPECT_TRUE(quarantine.note(begin));
  EXPECT_FALSE(quarantine.note(begin + 9min));
  EXPECT_TRUE(quarantine.isOn(begin + 18min));
  EXPECT_FALSE(quarantine.isOn(begin + 20min));
}

TEST_F(Noted, SlowOnesNeverBeginIt) {
  for (int minute = 1; minute < 100; ++minute)
    EXPECT_FALSE(quarantine.note(begin + std::chrono::minutes(minute)));
}

}  // namespace
}  // namespace bulkhead::agent
