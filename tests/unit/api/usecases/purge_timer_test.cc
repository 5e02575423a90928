// The timer that purges; the time itself is the world's, moved by hand.
#include "api/usecases/purge_timer.h"

#include <thread>

#include <gtest/gtest.h>

#include "tests/support/panel_world.h"

namespace bulkhead::api {
namespace {

using testing::PanelWorld;

constexpr PurgeTimer::Pace kFast{std::chrono::milliseconds(5), 1};

TEST(PurgeTimer, PurgesWhatIsDueTickAfterTickAndNothingElse) {
  PanelWorld world(testing::storeKinds().front().make());
  world.addPlan();
  for (const std::string name : {"alice", "bob", "carol"})
    ASSERT_EQ(world.create(name, name + ".example")->state, JobState::kSucceeded);
  for (const std::string name : {"alice", "bob"})
    ASSERT_TRUE(
        world.finish(world.panel().deleteAccount(PanelWorld::actor(), name, Mode::kDo)).ok());
  PurgeTimer timer(world.panel(), kFast);
  timer.start();
  std::this_thread::sleep_for(kFast.every * 10);
  EXPECT_EQ(world.panel().accounts({}, AccountState::kDeleted)->items.size(), 2U);
  world.clock().advance(kRestoreWindow);
  const auto isThere = [&](const char* name) { return world.panel().account(name).ok(); };
  for (int i = 0; i < 1000 && (isThere("alice") || isThere("bob")); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(world.panel().account("alice").error().code, Code::kNotFound);
  EXPECT_EQ(world.panel().account("bob").error().code, Code::kNotFound);
  EXPECT_TRUE(world.panel().account("carol").ok());
  timer.stop();
}

TEST(PurgeTimer, StopsWithoutWaitingForItsNextTick) {
  PanelWorld world(testing::storeKinds().front().make());
  PurgeTimer timer(world.panel());
  timer.start();
  const auto begun = std::chrono::steady_clock::now();
  timer.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(10));
}

}  // namespace
}  // namespace bulkhead::api
