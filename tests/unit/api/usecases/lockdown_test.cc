#include "api/usecases/lockdown.h"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/manual_clock.h"
#include "tests/support/mock_agent.h"

namespace bulkhead::api {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

class LockdownOfThePanel : public ::testing::Test {
 protected:
  bulkhead::testing::MockAgent agent_;
  test::ManualClock clock_;
  std::vector<std::int64_t> ended_;
  bool storeWorks_ = true;
  Lockdown lockdown_{agent_,
                     [this](std::int64_t before) -> Result<Ok> {
                       if (!storeWorks_) return Error{Code::kUnavailable, "storage is full", ""};
                       ended_.push_back(before);
                       return Ok{};
                     },
                     clock_};
};

TEST_F(LockdownOfThePanel, EndsOnceWhatWasMadeBeforeItBegan) {
  ASSERT_TRUE(lockdown_.refresh().ok());
  EXPECT_FALSE(lockdown_.isOn());
  EXPECT_TRUE(ended_.empty());
  agent_.lockdown = {true, 1000};
  ASSERT_TRUE(lockdown_.refresh().ok());
  ASSERT_TRUE(lockdown_.refresh().ok());
  EXPECT_TRUE(lockdown_.isOn());
  EXPECT_EQ(lockdown_.since(), 1000 * kSecond);
  EXPECT_EQ(ended_, std::vector<std::int64_t>{1001 * kSecond}) << "and the second it began in";
  agent_.lockdown = {};
  ASSERT_TRUE(lockdown_.refresh().ok());
  EXPECT_FALSE(lockdown_.isOn());
  EXPECT_EQ(lockdown_.since(), 0);
  agent_.lockdown = {true, 2000};
  ASSERT_TRUE(lockdown_.refresh().ok());
  EXPECT_EQ(ended_.back(), 2001 * kSecond) << "the second time as well";
}

TEST_F(LockdownOfThePanel, TriesAgainWhenNothingCouldBeEnded) {
  agent_.lockdown = {true, 1000};
  storeWorks_ = false;
  EXPECT_FALSE(lockdown_.refresh().ok());
  EXPECT_TRUE(lockdown_.isOn()) << "changes are refused all the same";
  storeWorks_ = true;
  EXPECT_TRUE(lockdown_.refresh().ok());
  EXPECT_EQ(ended_.size(), 1U);
}

TEST_F(LockdownOfThePanel, ARecordWithoutItsTimeEndsAllThatThereIsNow) {
  agent_.lockdown = {true, 0};
  ASSERT_TRUE(lockdown_.refresh().ok());
  EXPECT_EQ(ended_, std::vector<std::int64_t>{clock_.nowMicros() + kSecond});
}

TEST_F(LockdownOfThePanel, StaysAsItIsWhileTheAgentDoesNotAnswer) {
  agent_.lockdown = {true, 1000};
  ASSERT_TRUE(lockdown_.refresh().ok());
  agent_.setReachable(false);
  EXPECT_FALSE(lockdown_.refresh().ok());
  EXPECT_TRUE(lockdown_.isOn());
}

TEST_F(LockdownOfThePanel, IsTurnedOnOnce) {
  ASSERT_TRUE(lockdown_.turnOn(CallContext()).ok());
  EXPECT_TRUE(lockdown_.isOn());
  EXPECT_EQ(ended_.size(), 1U);
  agent_.refuse("lockdown.on", Code::kUnavailable, "rule lockdown");
  EXPECT_TRUE(lockdown_.turnOn(CallContext()).ok()) << "on already";
  EXPECT_EQ(ended_.size(), 1U);
}

TEST_F(LockdownOfThePanel, IsFollowedByAThreadOfItsOwn) {
  agent_.lockdown = {true, 1000};
  lockdown_.start();
  for (int i = 0; i < 500 && !lockdown_.isOn(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  lockdown_.stop();
  EXPECT_TRUE(lockdown_.isOn());
}

}  // namespace
}  // namespace bulkhead::api
