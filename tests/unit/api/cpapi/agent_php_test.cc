#include "api/cpapi/agent_php.h"

#include <atomic>
#include <future>
#include <stdexcept>
#include <thread>
#include <utility>

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
TEST(CachedPhp, AnswersAnOldListWhenTheAgentIsAway) {
  test::ManualClock clock;
  bool away = false;
  CachedPhp php(
      [&]() -> Result<PhpVersions> {
        if (away) return Error{Code::kUnavailable, "away", ""};
        return PhpVersions{{}};
      },
      clock);
  const auto first = php.versions();
  ASSERT_TRUE(first.ok());
  away = true;
  clock.advance(3600);
  for (int i = 0; i < 3; ++i) {
    const auto old = php.versions();
    ASSERT_TRUE(old.ok());
    EXPECT_EQ(*old, *first);
    clock.advance(4);
  }
}
TEST(CachedPhp, ThrowsAwayNothingWhenAskingFails) {
  test::ManualClock clock;
  bool broken = true;
  CachedPhp php(
      [&]() -> Result<PhpVersions> {
        if (broken) throw std::runtime_error("no memory");
        return PhpVersions{{}};
      },
      clock);
  EXPECT_THROW((void)php.versions(), std::runtime_error);
  broken = false;
  EXPECT_TRUE(php.versions().ok());  // somebody may ask again
}

// An agent that hangs holds the one who asks it, and nobody else.
class HangingPhpTest : public ::testing::Test {
 protected:
  void TearDown() override { release_.set_value(); }
  // Calls versions() in a thread of its own, and comes back when that one asks the agent.
  void hang() {
    hanging_ = true;
    asking_ = std::async(std::launch::async, [this] { return php_.versions().ok(); });
    for (int i = 0; i < 2000 && asked_ == 0; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    EXPECT_EQ(asked_, 1);
  }
  // What another caller hears at once; fails the test when it waits.
  Result<std::shared_ptr<const PhpVersions>> meanwhile() {
    auto other = std::async(std::launch::async, [this] { return php_.versions(); });
    if (other.wait_for(std::chrono::seconds(5)) != std::future_status::ready) {
      ADD_FAILURE() << "waits for another one's question";
      std::exchange(release_, {}).set_value();
    }
    return other.get();
  }
  test::ManualClock clock_;
  std::atomic<bool> hanging_ = false;
  std::atomic<int> asked_ = 0;
  std::promise<void> release_;
  std::shared_future<void> released_ = release_.get_future().share();
  CachedPhp php_{[this]() -> Result<PhpVersions> {
                   if (hanging_) {
                     ++asked_;
                     released_.wait();
                   }
                   return PhpVersions{{}};
                 },
                 clock_};
  std::future<bool> asking_;  // ends first, after release_
};
TEST_F(HangingPhpTest, TellsTheOthersThatItIsBusyWhenThereIsNoList) {
  hang();
  const auto other = meanwhile();
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.error().code, Code::kBusy);
  EXPECT_EQ(asked_, 1);
}
TEST_F(HangingPhpTest, GivesTheOthersTheListThatThereWas) {
  ASSERT_TRUE(php_.versions().ok());
  clock_.advance(61);
  hang();
  EXPECT_TRUE(meanwhile().ok());
  EXPECT_EQ(asked_, 1);
}

}  // namespace
}  // namespace bulkhead::api
