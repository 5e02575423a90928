#include "api/cpapi/agent_php.h"

#include <gtest/gtest.h>

#include "api/cpapi/cached_php.h"
#include "tests/support/manual_clock.h"
#include "tests/support/mock_agent.h"

namespace bulkhead::api {
namespace {

TEST(AgentPhp, IsWhatTheAgentFinds) {
  testing::MockAgent agent;
  const test::ManualClock clock;
  agent.phps.interpreters.push_back({"alt-php83", "8.3", "/opt/alt/php83/modules", "/opt/alt/php83",
                                     "/opt/alt/php83/bin/php", "/opt/alt/php83/php.ini",
                                     "/opt/alt/php83/conf", true});
  const auto listed = listPhp(agent, clock);
  ASSERT_TRUE(listed.ok());
  ASSERT_EQ(listed->size(), 1U);
  EXPECT_EQ(listed->front().identifier, "alt-php83");
  EXPECT_EQ(listed->front().scanDir, "/opt/alt/php83/conf");
  EXPECT_TRUE(listed->front().isNative);
}
TEST(AgentPhp, IsNotKnownWhileTheAgentIsAway) {
  testing::MockAgent agent;
  const test::ManualClock clock;
  agent.lose("php.list", testing::MockAgent::Lost::kBefore);
  EXPECT_FALSE(listPhp(agent, clock).ok());
}
TEST(CachedPhp, AsksAgainAfterAMinuteAndSoonAfterAFailure) {
  test::ManualClock clock;
  int asked = 0;
  bool away = true;
  CachedPhp php(
      [&]() -> Result<PhpVersions> {
        ++asked;
        if (away) return Error{Code::kUnavailable, "away", ""};
        return PhpVersions{{}};
      },
      clock);
  EXPECT_FALSE(php.versions().ok());
  away = false;
  EXPECT_FALSE(php.versions().ok());  // told at once, without another wait
  EXPECT_EQ(asked, 1);
  clock.advance(6);
  EXPECT_TRUE(php.versions().ok());
  EXPECT_TRUE(php.versions().ok());
  EXPECT_EQ(asked, 2);
  clock.advance(61);
  EXPECT_TRUE(php.versions().ok());
  EXPECT_EQ(asked, 3);
}

}  // namespace
}  // namespace bulkhead::api
