// The handler threads: lanes do not starve each other, queues are bounded, stop waits.
#include "api/http/handler_pool.h"

#include <atomic>
#include <future>

#include <gtest/gtest.h>

namespace bulkhead::api {
namespace {

TEST(HandlerPool, AFullWaitingLaneDoesNotHoldUpTheWorkers) {
  HandlerPool pool({1, 2, 10});
  pool.start();
  std::promise<void> gate;
  const std::shared_future<void> opened = gate.get_future().share();
  for (int i = 0; i < 10; ++i)
    ASSERT_TRUE(pool.submit(Lane::kWaiting, [opened] { opened.wait(); }));
  std::promise<void> done;
  ASSERT_TRUE(pool.submit(Lane::kWorker, [&done] { done.set_value(); }));
  EXPECT_EQ(done.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
  gate.set_value();
}

TEST(HandlerPool, AFullQueueRefuses) {
  HandlerPool pool({1, 1, 2});  // not started: nothing leaves the queue
  EXPECT_TRUE(pool.submit(Lane::kWorker, [] {}));
  EXPECT_TRUE(pool.submit(Lane::kWorker, [] {}));
  EXPECT_FALSE(pool.submit(Lane::kWorker, [] {}));
  EXPECT_TRUE(pool.submit(Lane::kWaiting, [] {}));
}

TEST(HandlerPool, StopWaitsForWhatRunsAndTakesNothingNew) {
  HandlerPool pool({1, 1, 2});
  pool.start();
  std::promise<void> running;
  std::atomic<bool> finished{false};
  ASSERT_TRUE(pool.submit(Lane::kWorker, [&] {
    running.set_value();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    finished = true;
  }));
  running.get_future().wait();
  pool.stop();
  EXPECT_TRUE(finished);
  EXPECT_FALSE(pool.submit(Lane::kWorker, [] {}));
}

}  // namespace
}  // namespace bulkhead::api
