// Jobs whose database dies under them: they go on when it is back, and end as they would have.
#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support/mariadb_place.h"
#include "tests/support/panel_world.h"
#include "tests/support/points.h"

namespace bulkhead::testing {
namespace {

// Who waits is told that the database is away, and asks again.
api::Job ended(PanelWorld& world, const std::string& id) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (std::chrono::steady_clock::now() < until) {
    auto job = world.panel().waitForJob(id, std::chrono::seconds(5));
    if (job.ok() && job->endedAt != 0) return std::move(job).value();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  ADD_FAILURE() << "the job does not end";
  return {};
}

TEST(MariaDbJobs, GoOnAfterTheirDatabaseDiedAtAnyStep) {
  MariadbServer server;
  for (int moment = 1; moment <= 5; ++moment) {  // an account is made in five steps
    PanelWorld world(
        std::make_unique<PlacedUnderTest>(std::make_unique<MariadbPlace>(server.path())));
    (void)world.addPlan();
    std::atomic<int> calls = 0;
    std::thread restart;
    world.agent().beforeCall = [&](const std::string&) {
      if (++calls != moment) return;
      server.kill();
      restart = std::thread([&] { server.start(); });
    };
    const auto made = world.panel().createAccount(
        PanelWorld::actor(), {"alice", "basic", "a.example", false}, api::Mode::kDo);
    ASSERT_TRUE(made.ok());
    const auto job = ended(world, std::get<api::Job>(*made).id);
    restart.join();
    notePoints();
    EXPECT_EQ(job.state, api::JobState::kSucceeded) << "at call " << moment;
    const auto account = world.panel().account("alice");
    ASSERT_TRUE(account.ok());
    EXPECT_EQ(account->state, api::AccountState::kActive);
    EXPECT_NE(account->uid, 0U);
  }
}

}  // namespace
}  // namespace bulkhead::testing
