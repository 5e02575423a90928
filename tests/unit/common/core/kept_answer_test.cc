#include "common/core/kept_answer.h"

#include <atomic>
#include <future>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support/manual_clock.h"

namespace bulkhead {
namespace {

using std::chrono::milliseconds;
constexpr std::int64_t kSecond = test::ManualClock::kSecond;

bool neverFresh(int, std::int64_t) { return false; }
bool alwaysFresh(int, std::int64_t) { return true; }

class KeptAnswerTest : public ::testing::Test {
 protected:
  // Asks in a thread of its own, until release().
  std::future<std::optional<int>> hang(KeptAnswer<int>& answers, int value) {
    auto asking = std::async(std::launch::async, [this, &answers, value] {
      return answers.get(neverFresh, [&](const std::optional<int>&) {
        asked_ = true;
        released_.wait();
        return value;
      });
    });
    for (int i = 0; i < 2000 && !asked_; ++i)
      std::this_thread::sleep_for(milliseconds(5));
    EXPECT_TRUE(asked_);
    return asking;
  }
  void release() { release_.set_value(); }
  static std::optional<int> mustNotAsk(KeptAnswer<int>& answers,
                                       bool (*isFresh)(int, std::int64_t) = neverFresh) {
    return answers.get(isFresh, [](const std::optional<int>&) {
      ADD_FAILURE() << "two ask at once";
      return -1;
    });
  }
  test::ManualClock clock_;
  std::atomic<bool> asked_ = false;
  std::promise<void> release_;
  std::shared_future<void> released_ = release_.get_future().share();
};

TEST_F(KeptAnswerTest, IsFetchedAgainWhenItIsNotFresh) {
  KeptAnswer<int> answers({10 * kSecond, milliseconds(0)}, clock_);
  int fetched = 0;
  const auto get = [&] {
    return answers.get([](int, std::int64_t age) { return age < 5 * kSecond; },
                       [&](const std::optional<int>& before) {
                         EXPECT_EQ(before.has_value(), fetched > 0);
                         return ++fetched;
                       });
  };
  EXPECT_EQ(get(), 1);
  clock_.advance(4);
  EXPECT_EQ(get(), 1);
  clock_.advance(1);
  EXPECT_EQ(get(), 2);
  clock_.advance(-60);  // a clock that was set back makes nothing fresh
  EXPECT_EQ(get(), 3);
}

TEST_F(KeptAnswerTest, IsGivenWhileOneAsksUntilItIsOld) {
  KeptAnswer<int> answers({10 * kSecond, milliseconds(0)}, clock_);
  EXPECT_EQ(answers.get(neverFresh, [](const std::optional<int>&) { return 1; }), 1);
  auto asking = hang(answers, 2);
  clock_.advance(9);
  EXPECT_EQ(mustNotAsk(answers), 1);
  clock_.advance(1);
  EXPECT_EQ(mustNotAsk(answers), std::nullopt);
  release();
  EXPECT_EQ(asking.get(), 2);
}

TEST_F(KeptAnswerTest, IsWaitedForWhenNothingCanBeGiven) {
  KeptAnswer<int> answers({10 * kSecond, milliseconds(60000)}, clock_);
  auto asking = hang(answers, 7);
  auto waiting = std::async(std::launch::async, [&] { return mustNotAsk(answers, alwaysFresh); });
  EXPECT_EQ(waiting.wait_for(milliseconds(50)), std::future_status::timeout);
  release();
  EXPECT_EQ(asking.get(), 7);
  EXPECT_EQ(waiting.get(), 7);
}

TEST_F(KeptAnswerTest, IsAskedForByTheNextOneAfterAFault) {
  KeptAnswer<int> answers({10 * kSecond, milliseconds(0)}, clock_);
  EXPECT_THROW((void)answers.get(
                   neverFresh,
                   [](const std::optional<int>&) -> int { throw std::runtime_error("no memory"); }),
               std::runtime_error);
  EXPECT_EQ(answers.get(neverFresh, [](const std::optional<int>&) { return 1; }), 1);
}

}  // namespace
}  // namespace bulkhead
