// What probes hear, also while the agent hangs.
#include <atomic>
#include <future>
#include <memory>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support/panel_world.h"

namespace bulkhead::api {
namespace {

class HealthTest : public ::testing::Test {
 protected:
  Panel& panel() { return world_.panel(); }
  testing::MockAgent& agent() { return world_.agent(); }
  testing::PanelWorld world_{std::make_unique<testing::SqliteUnderTest>()};
};

TEST_F(HealthTest, HealthNamesWhatIsDown) {
  EXPECT_TRUE(panel().health().storeUp);
  EXPECT_TRUE(panel().health().agentUp);
  agent().setReachable(false);
  const auto health = panel().health();
  EXPECT_FALSE(health.agentUp);
  EXPECT_EQ(health.agentProblem, "the agent is not running");
}

TEST_F(HealthTest, TheFirstTwoWhoAskForHealthAtOnceHearTheSame) {
  std::promise<void> release;
  std::atomic<int> asked = 0;
  agent().beforeReachable = [&, released = release.get_future().share()] {
    ++asked;
    released.wait();
  };
  auto first = std::async(std::launch::async, [&] { return panel().health(); });
  for (int i = 0; i < 2000 && asked == 0; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  auto second = std::async(std::launch::async, [&] { return panel().health(); });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  release.set_value();
  for (auto* one : {&first, &second}) {
    const auto health = one->get();
    EXPECT_TRUE(health.storeUp);
    EXPECT_TRUE(health.agentUp);
  }
}

TEST_F(HealthTest, HealthWhileTheAgentHangsIsTheLastOneThatIsNotOld) {
  EXPECT_TRUE(panel().health().agentUp);
  std::promise<void> release;
  std::atomic<int> asked = 0;
  agent().beforeReachable = [&, released = release.get_future().share()] {
    ++asked;
    released.wait();
  };
  auto first = std::async(std::launch::async, [&] { return panel().health(); });
  for (int i = 0; i < 2000 && asked == 0; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  auto second = std::async(std::launch::async, [&] { return panel().health(); });
  EXPECT_EQ(second.wait_for(std::chrono::seconds(5)), std::future_status::ready);
  agent().setReachable(false);
  release.set_value();
  EXPECT_FALSE(first.get().agentUp);
  EXPECT_TRUE(second.get().agentUp);
}

}  // namespace
}  // namespace bulkhead::api
