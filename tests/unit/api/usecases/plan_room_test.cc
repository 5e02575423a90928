// Limits of a plan that the panel itself holds: however many ask at once, exactly as many come in.
#include "api/usecases/plan_room.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support/panel_world.h"

namespace bulkhead::api {
namespace {

using testing::PanelWorld;

constexpr int kCallers = 50;

class PlanRoomTest : public ::testing::TestWithParam<testing::StoreKind> {
 protected:
  void SetUp() override { world_ = std::make_unique<PanelWorld>(GetParam().make()); }
  Panel& panel() { return world_->panel(); }
  static Actor actor() { return PanelWorld::actor(); }
  void plan(const std::string& name, const PlanLimits& limits) {
    ASSERT_TRUE(panel().createPlan(actor(), name, limits).ok());
  }
  void aliceOn(const PlanLimits& limits) {
    plan("basic", limits);
    ASSERT_EQ(world_->create("alice", "a.example")->state, JobState::kSucceeded);
  }
  template <typename Work>
  static int succeededAtOnce(Work work) {
    std::atomic<int> succeeded = 0;
    std::atomic<bool> refused = true;  // all others, for that reason
    std::vector<std::thread> threads;
    for (int i = 0; i < kCallers; ++i)
      threads.emplace_back([&, i] {
        const auto answer = work(std::to_string(i));
        if (answer.ok())
          ++succeeded;
        else
          refused = refused.load() && answer.error().code == Code::kLimitExceeded;
      });
    for (auto& thread : threads)
      thread.join();
    EXPECT_TRUE(refused);
    return succeeded;
  }
  auto addSite(const std::string& i) {
    return panel().addDomain(actor(), "alice", "s" + i + ".example", Mode::kDo);
  }
  auto addAlias(const std::string& i) {
    return panel().addAlias(actor(), "alice", "t" + i + ".example", "a.example", Mode::kDo);
  }
  auto addUser(const std::string& i) {
    return panel().addDatabaseUser(actor(), "alice", "alice_" + i, Mode::kDo);
  }
  // The field and the words of a refusal.
  static std::string refusal(const Result<JobOrPreview>& answer) {
    if (answer.ok()) return "was accepted";
    EXPECT_EQ(answer.error().code, Code::kLimitExceeded);
    return answer.error().field + ": " + answer.error().message;
  }
  std::unique_ptr<PanelWorld> world_;
};
INSTANTIATE_TEST_SUITE_P(Stores,
                         PlanRoomTest,
                         ::testing::ValuesIn(testing::storeKinds()),
                         [](const auto& kind) { return kind.param.name; });

TEST_P(PlanRoomTest, OfFiftyDomainsAtOnceExactlyAsManyComeInAsThePlanAllows) {
  PlanLimits limits;
  limits.domainsMax = 10;
  aliceOn(limits);
  EXPECT_EQ(succeededAtOnce([&](const std::string& i) { return addSite(i); }), 9);
  EXPECT_EQ(panel().domains("alice", {"", 200})->items.size(), 10U);
}

TEST_P(PlanRoomTest, OfFiftySitesAtOnceExactlyAsManyComeInAsThePlanAllows) {
  PlanLimits limits;
  limits.sitesMax = 7;
  aliceOn(limits);
  EXPECT_EQ(succeededAtOnce([&](const std::string& i) { return addSite(i); }), 6);
  EXPECT_TRUE(addAlias("x").ok());  // aliases are no sites
  EXPECT_EQ(panel().domains("alice", {"", 200})->items.size(), 8U);
}

TEST_P(PlanRoomTest, OfFiftyDatabaseUsersAtOnceExactlyAsManyComeInAsThePlanAllows) {
  PlanLimits limits;
  limits.databaseUsersMax = 5;
  aliceOn(limits);
  EXPECT_EQ(succeededAtOnce([&](const std::string& i) { return addUser(i); }), 5);
  EXPECT_EQ(panel().databaseUsers("alice", {"", 200})->items.size(), 5U);
}

TEST_P(PlanRoomTest, RefusesWhatThePlanLeavesOut) {
  PlanLimits limits;
  limits.features = FeatureSet();
  aliceOn(limits);
  EXPECT_EQ(refusal(addAlias("x")), "alias_of: the plan does not have the feature aliases");
  EXPECT_EQ(refusal(addUser("x")), "name: the plan does not have the feature database_users");
  EXPECT_EQ(
      refusal(panel().changeDomain(actor(), "a.example", {"alt-php83", false}, {}, Mode::kDo)),
      "php: the plan does not have the feature php");
  EXPECT_EQ(refusal(panel().createAccount(actor(), {"bob", "basic", "b.example", true}, Mode::kDo)),
            "preview_port: the plan does not have the feature preview_port");
  // What takes something away stays possible.
  EXPECT_TRUE(
      panel()
          .changeDomain(actor(), "a.example", {std::optional<std::string>(), false}, {}, Mode::kDo)
          .ok());
}

TEST_P(PlanRoomTest, APlanAllowsTheFeaturesThatItNames) {
  PlanLimits limits;
  limits.features = FeatureSet();
  limits.features->add(Feature::kAliases);
  limits.features->add(Feature::kDatabaseUsers);
  aliceOn(limits);
  EXPECT_TRUE(addUser("x").ok());
  EXPECT_TRUE(addAlias("x").ok());
}

TEST_P(PlanRoomTest, RefusesAPlanThatIsTooSmallForWhatAnAccountHas) {
  aliceOn({});
  ASSERT_EQ(world_->finish(addSite("1"))->state, JobState::kSucceeded);
  ASSERT_EQ(world_->finish(addAlias("1"))->state, JobState::kSucceeded);
  ASSERT_EQ(world_->finish(addUser("1"))->state, JobState::kSucceeded);
  ASSERT_EQ(world_->finish(addUser("2"))->state, JobState::kSucceeded);
  const auto moveTo = [&](const PlanLimits& limits) {
    static int plans = 0;
    const std::string name = "p" + std::to_string(++plans);
    plan(name, limits);
    return refusal(panel().changeAccount(actor(), "alice", {name, {}, {}, {}}, {}, Mode::kDryRun));
  };
  PlanLimits limits;
  limits.domainsMax = 2;
  EXPECT_EQ(moveTo(limits), "plan: the plan allows 2 domains, the account has 3");
  limits = {};
  limits.sitesMax = 1;
  EXPECT_EQ(moveTo(limits), "plan: the plan allows 1 sites, the account has 2");
  limits = {};
  limits.databaseUsersMax = 1;
  EXPECT_EQ(moveTo(limits), "plan: the plan allows 1 database users, the account has 2");
  limits = {0, 0, 0, 0, 0, 3, 2, 2};
  EXPECT_EQ(moveTo(limits), "was accepted");
}

}  // namespace
}  // namespace bulkhead::api
