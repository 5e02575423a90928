// A plan that changes: one job, of which each account's is a part.
#include <algorithm>

#include <gtest/gtest.h>

#include "tests/support/panel_world.h"

namespace bulkhead::api {
namespace {

using testing::PanelWorld;

class PanelPlansTest : public ::testing::TestWithParam<testing::StoreKind> {
 protected:
  void SetUp() override {
    world_ = std::make_unique<PanelWorld>(GetParam().make());
    world_->addPlan();
  }
  Panel& panel() { return world_->panel(); }
  static Actor actor() { return PanelWorld::actor(); }
  void create(int accounts) {
    for (int i = 0; i < accounts; ++i) {
      const std::string name = "user" + std::to_string(i);
      ASSERT_EQ(world_->create(name, name + ".example")->state, JobState::kSucceeded);
    }
  }
  Plan withTasks(std::uint32_t tasks) {
    PlanLimits limits = PanelWorld::limits();
    limits.tasks = tasks;
    return panel().changePlan(actor(), "basic", "basic", limits).value();
  }
  Job ended(const std::string& id) {
    return panel().waitForJob(id, std::chrono::seconds(10)).value();
  }
  std::unique_ptr<PanelWorld> world_;
};
INSTANTIATE_TEST_SUITE_P(Stores,
                         PanelPlansTest,
                         ::testing::ValuesIn(testing::storeKinds()),
                         [](const auto& kind) { return kind.param.name; });

TEST_P(PanelPlansTest, RefusesLimitsThatNoHostCanHold) {
  const auto field = [&](const PlanLimits& limits) {
    const auto made = panel().createPlan(actor(), "p", limits);
    return made.ok() ? "was accepted" : made.error().field;
  };
  PlanLimits limits;
  limits.io.readBytesPerSecond = (1U << 20U) - 1;
  EXPECT_EQ(field(limits), "io_read_bytes_per_second");
  limits.io = {};
  limits.io.writeBytesPerSecond = (1ULL << 40U) + 1;
  EXPECT_EQ(field(limits), "io_write_bytes_per_second");
  limits.io = {};
  limits.io.readOpsPerSecond = 19;
  EXPECT_EQ(field(limits), "io_read_ops_per_second");
  limits.io = {};
  limits.io.writeOpsPerSecond = 1'000'000'001;
  EXPECT_EQ(field(limits), "io_write_ops_per_second");
  limits = {};
  limits.sitesMax = 100001;
  EXPECT_EQ(field(limits), "sites_max");
  limits = {};
  limits.databaseUsersMax = 1001;
  EXPECT_EQ(field(limits), "database_users_max");
  limits = {};
  limits.transferBytesPerMonth = (1ULL << 60U) + 1;
  EXPECT_EQ(field(limits), "transfer_bytes_per_month");
}

TEST_P(PanelPlansTest, KeepsEveryLimitOverARestart) {
  PlanLimits limits = PanelWorld::limits();
  limits.sitesMax = 4;
  limits.databaseUsersMax = 5;
  limits.io = {1U << 20U, 2U << 20U, 100, 200};
  limits.transferBytesPerMonth = 1ULL << 40U;
  limits.features = FeatureSet();
  limits.features->add(Feature::kPhp);
  ASSERT_TRUE(panel().createPlan(actor(), "whole", limits).ok());
  for (int round = 0; round < 2; ++round) {
    world_->restart();
    const Plan found = panel().plan("whole").value();
    EXPECT_EQ(found.limits.sitesMax, 4U);
    EXPECT_EQ(found.limits.databaseUsersMax, 5U);
    EXPECT_EQ(found.limits.io, limits.io);
    EXPECT_EQ(found.limits.transferBytesPerMonth, 1ULL << 40U);
    EXPECT_EQ(found.limits.features, limits.features);
    EXPECT_FALSE(panel().plan("basic")->limits.features.has_value());
    ASSERT_TRUE(panel().changePlan(actor(), "whole", "whole", limits).ok());  // writes them again
  }
}

TEST_P(PanelPlansTest, NewLimitsReachEveryAccountByTheJobThatThePlanNames) {
  create(3);
  EXPECT_EQ(panel().plan("basic")->limitsJob, "");
  PlanLimits limits = PanelWorld::limits();
  limits.io.writeBytesPerSecond = 5U << 20U;
  const Plan plan = panel().changePlan(actor(), "basic", "basic", limits).value();
  ASSERT_FALSE(plan.limitsJob.empty());
  const Job job = ended(plan.limitsJob);
  EXPECT_EQ(job.kind, "plan.update");
  EXPECT_EQ(job.state, JobState::kSucceeded);
  EXPECT_EQ(job.parts.total, 3U);
  EXPECT_EQ(job.parts.ended, 3U);
  EXPECT_EQ(job.parts.failed, 0U);
  EXPECT_EQ(job.progressPercent(), 100U);
  const auto parts = panel().jobs({"", 2}, plan.limitsJob).value();
  ASSERT_EQ(parts.items.size(), 2U);  // a page of them
  const auto rest = panel().jobs({parts.nextCursor, 2}, plan.limitsJob).value();
  ASSERT_EQ(rest.items.size(), 1U);
  for (const Job& part : {parts.items[0], parts.items[1], rest.items[0]}) {
    EXPECT_EQ(part.kind, "account.limits");
    EXPECT_EQ(part.parentId, plan.limitsJob);
    ASSERT_EQ(part.steps.size(), 2U);
    EXPECT_FALSE(part.steps[0].evidence.empty());  // read back for each account
  }
  const auto calls = world_->agent().calls();
  EXPECT_EQ(std::count_if(calls.begin(), calls.end(),
                          [](const std::string& call) {
                            return call.starts_with("limits.set") &&
                                   call.ends_with(" write_bytes_per_second=5242880");
                          }),
            3);
}

TEST_P(PanelPlansTest, AnAccountThatCannotFollowFailsTheJobAndNoOtherAccount) {
  create(3);
  world_->agent().refuse("limits.set", Code::kInternal, "broken", 1);
  const Job job = ended(withTasks(500).limitsJob);
  EXPECT_EQ(job.state, JobState::kFailed);
  EXPECT_EQ(job.parts.ended, 3U);
  EXPECT_EQ(job.parts.failed, 1U);
  ASSERT_TRUE(job.problem.has_value());
  EXPECT_EQ(job.problem->message, "1 of 3 parts failed; each says why");
}

TEST_P(PanelPlansTest, ThePartsOfAJobAreTakenUpAfterARestart) {
  create(2);
  world_->agent().refuse("limits.set", Code::kAuditUnavailable, "away", 1000);
  const Plan plan = withTasks(500);
  EXPECT_EQ(panel().waitForJob(plan.limitsJob, std::chrono::seconds(0))->state, JobState::kRunning);
  world_->restart();
  world_->agent().forgetScripts();
  const Job job = ended(plan.limitsJob);
  EXPECT_EQ(job.state, JobState::kSucceeded);
  EXPECT_EQ(job.parts.ended, 2U);
}

TEST_P(PanelPlansTest, WithoutAccountsThereIsNoJob) {
  EXPECT_EQ(withTasks(500).limitsJob, "");
  EXPECT_TRUE(panel().jobs({})->items.empty());
}

}  // namespace
}  // namespace bulkhead::api
