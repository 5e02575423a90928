// What the host is told of a change, and when.
#include "api/jobs/hook_steps.h"

#include <algorithm>
#include <future>
#include <thread>

#include "tests/support/hook_scene.h"

namespace bulkhead::api {
namespace {

using HookStepsTest = HookScene;

TEST_F(HookStepsTest, WithoutCloudLinuxAJobHasNoStepMore) {
  const Job made = world_.create("alice", "a.example").value();
  EXPECT_EQ(stepsOf(made), (std::vector<std::string>{"account.create", "quota.set", "engine.ensure",
                                                     "service.apply", "site.apply"}));
  EXPECT_EQ(stepsOf(remove()),
            (std::vector<std::string>{"site.remove", "engine.remove", "account.delete"}));
  EXPECT_TRUE(callsOf("hook.run").empty());
}

TEST_F(HookStepsTest, ACreationIsToldAfterEverybodyCanSeeIt) {
  agent().hooks = cloudLinux();
  AccountState seen = AccountState::kCreating;
  agent().beforeCall = [&](const std::string& call) {
    if (call.starts_with("hook.run")) seen = panel().account("alice")->state;
  };
  const Job made = world_.create("alice", "a.example").value();
  EXPECT_EQ(made.state, JobState::kSucceeded);
  EXPECT_EQ(seen, AccountState::kActive);
  EXPECT_EQ(stepsOf(made).back(), "hook.user_created");
  const auto calls = agent().calls();
  ASSERT_GE(calls.size(), 2U);
  EXPECT_EQ(calls[calls.size() - 2], "cpapi.publish username=alice main=a.example");
  EXPECT_EQ(calls.back(), "hook.run event=user_created username=alice owner=root");
}

TEST_F(HookStepsTest, TheApiAnswersWhileAHookRuns) {
  agent().hooks = cloudLinux();
  std::promise<void> called;
  std::promise<void> release;
  agent().beforeCall = [&](const std::string& call) {
    if (!call.starts_with("hook.run")) return;
    called.set_value();
    release.get_future().wait();
  };
  auto creation =
      std::async(std::launch::async, [&] { return world_.create("alice", "a.example"); });
  called.get_future().wait();
  EXPECT_EQ(panel().accounts({})->items.size(), 1U);
  EXPECT_EQ(panel().domains("alice", {})->items.at(0).state, DomainState::kActive);
  EXPECT_TRUE(panel().health().storeUp);
  release.set_value();
  EXPECT_EQ(creation.get()->state, JobState::kSucceeded);
}

TEST_F(HookStepsTest, AHostThatCannotSayWhichHooksItHasHoldsUpNoJob) {
  agent().lose("hook.list", MockAgent::Lost::kBefore, MockAgent::kAlways, Code::kInternal);
  EXPECT_EQ(world_.create("alice", "a.example")->state, JobState::kSucceeded);
}

TEST_F(HookStepsTest, ADeletionIsToldBeforeAnythingAndAfterAll) {
  agent().hooks = cloudLinux();
  ASSERT_TRUE(world_.create("alice", "a.example").ok());
  bool listed = true;
  agent().beforeCall = [&](const std::string& call) {
    if (call.find("user_removed") != std::string::npos) listed = panel().account("alice").ok();
  };
  const auto before = agent().calls().size();
  const Job gone = remove();
  EXPECT_EQ(gone.state, JobState::kSucceeded);
  const auto calls = agent().calls();
  EXPECT_EQ(calls.at(before), "hook.run event=user_removing username=alice");
  const auto after =
      std::find(calls.begin(), calls.end(), "hook.run event=user_removed username=alice");
  const auto act = std::find(calls.begin(), calls.end(), "account.delete username=alice");
  ASSERT_NE(after, calls.end());
  EXPECT_LT(act, after);
  EXPECT_FALSE(listed);
}

TEST_F(HookStepsTest, UntilItIsPurgedADeletedAccountIsToldOfAsASuspendedOneIs) {
  agent().hooks = cloudLinux();
  ASSERT_TRUE(world_.create("alice", "a.example").ok());
  const auto told = callsOf("hook.run");
  const Actor actor = PanelWorld::actor();
  ASSERT_TRUE(world_.finish(panel().deleteAccount(actor, "alice", Mode::kDo)).ok());
  EXPECT_EQ(callsOf("hook.run"), told);
  const Job back = world_.finish(panel().restoreAccount(actor, "alice", Mode::kDo)).value();
  EXPECT_EQ(back.state, JobState::kSucceeded);
  EXPECT_EQ(callsOf("hook.run"), told);
  EXPECT_EQ(stepsOf(back).back(), "cpapi.publish");
}

TEST_F(HookStepsTest, WhatWasThereBeforeCanBeTold) {
  const Actor actor{"admin", {}, {}};
  EXPECT_EQ(panel().publishAccounts(actor).error().code, Code::kUnsupported);
  ASSERT_TRUE(world_.create("alice", "a.example").ok());
  ASSERT_TRUE(world_.finish(panel().addDatabaseUser(actor, "alice", "alice_wp", Mode::kDo)).ok());
  agent().hooks = cloudLinux();
  EXPECT_EQ(panel().publishAccounts(actor).value(), 1U);
  const auto all = panel().jobs({}).value().items;
  const auto told = std::find_if(all.begin(), all.end(),
                                 [](const Job& job) { return job.kind == kAccountPublish; });
  ASSERT_NE(told, all.end());
  EXPECT_EQ(ended(told->id).state, JobState::kSucceeded);
  EXPECT_EQ(callsOf("cpapi.publish"),
            (std::vector<std::string>{"cpapi.publish username=alice main=a.example"}));
  EXPECT_EQ(callsOf("dbmap.write"),
            (std::vector<std::string>{"dbmap.write username=alice user=alice_wp"}));
}

TEST_F(HookStepsTest, ARestoredAccountIsTold) {
  ASSERT_TRUE(world_.create("alice", "a.example").ok());
  const auto toNobody = panel().announceRestoredAccount(PanelWorld::actor(), "alice", Mode::kDo);
  EXPECT_EQ(toNobody.error().code, Code::kUnsupported);
  agent().hooks = cloudLinux();
  const auto job =
      world_.finish(panel().announceRestoredAccount({"admin", {}, {}}, "alice", Mode::kDo));
  ASSERT_TRUE(job.ok()) << job.error().message;
  EXPECT_EQ(job->state, JobState::kSucceeded);
  EXPECT_EQ(agent().calls().back(), "hook.run event=user_restored username=alice");
  EXPECT_EQ(panel().account("alice")->state, AccountState::kActive);
}

TEST_F(HookStepsTest, ADeletedPlanIsForgotten) {
  agent().hooks = cloudLinux();
  ASSERT_TRUE(panel().createPlan({"admin", {}, {}}, "Gone", {}, "").ok());
  ASSERT_TRUE(panel().deletePlan({"admin", {}, {}}, "Gone").ok());
  const auto job = panel().jobs({}).value().items.back();
  EXPECT_EQ(job.kind, kPlanDelete);
  EXPECT_EQ(ended(job.id).state, JobState::kSucceeded);
  EXPECT_EQ(callsOf("lvectl.forget"), (std::vector<std::string>{"lvectl.forget package=Gone"}));
}

TEST_F(HookStepsTest, AFailureBeforeADeletionDoesNotStopIt) {
  agent().hooks = cloudLinux();
  ASSERT_TRUE(world_.create("alice", "a.example").ok());
  agent().refuse("hook.run event=user_removing", Code::kPermissionDenied);
  const Job gone = remove();
  EXPECT_EQ(gone.state, JobState::kSucceeded);
  EXPECT_EQ(gone.steps.front().state, StepState::kFailed);
  EXPECT_FALSE(panel().account("alice").ok());
}

TEST_F(HookStepsTest, ARestartBetweenChangeAndHookRunsTheHookOnce) {
  agent().hooks = cloudLinux();
  agent().lose("hook.run", MockAgent::Lost::kBefore);
  auto started =
      panel().createAccount(PanelWorld::actor(), {"alice", "basic", "a.example", false}, Mode::kDo);
  const auto id = std::get<Job>(*started).id;
  for (int i = 0; i < 500 && callsOf("hook.run").empty(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(panel().account("alice")->state, AccountState::kActive);  // settled already
  EXPECT_FALSE(panel().job(id)->ended());
  agent().forgetScripts();
  world_.restart();
  EXPECT_EQ(ended(id).state, JobState::kSucceeded);
  EXPECT_EQ(panel().account("alice")->state, AccountState::kActive);
}

TEST_F(HookStepsTest, NewLimitsAreAppliedAtOnceWhereThatIsPossible) {
  agent().hooks = cloudLinux();
  ASSERT_TRUE(world_.create("alice", "a.example").ok());
  auto limits = PanelWorld::limits();
  limits.cpuPercent = 300;
  ASSERT_TRUE(panel().changePlan(PanelWorld::actor(), "basic", "basic", limits).ok());
  const auto page = panel().jobs({}).value();
  for (const auto& job : page.items)
    if (job.kind == kAccountLimits) {
      EXPECT_EQ(stepsOf(ended(job.id)).back(), "lvectl.apply");
    }
  EXPECT_EQ(callsOf("lvectl.apply"), (std::vector<std::string>{"lvectl.apply username=alice"}));
}

TEST_F(HookStepsTest, ADryRunShowsWhatWouldBeTold) {
  agent().hooks = cloudLinux();
  const auto shown = panel().createAccount(PanelWorld::actor(),
                                           {"alice", "basic", "a.example", false}, Mode::kDryRun);
  ASSERT_TRUE(shown.ok());
  const auto& changes = std::get<std::vector<PlannedChange>>(*shown);
  EXPECT_EQ(changes.back().operation, "hook.user_created");
  EXPECT_TRUE(changes.back().target.starts_with("hook.run event=user_created username=alice"));
  EXPECT_TRUE(callsOf("hook.run").empty());
}

TEST(HookSteps, EveryEventHasItsRequest) {
  Account account;
  account.username = "eva";
  account.owner = "rita";
  const PlanLimits limits;
  const std::string none;
  JobDetails details;
  details.name = "old";
  details.newName = "new";
  details.owner = "rita";
  details.unixUser = "ops";
  details.includeSubdomains = true;
  const std::vector<Domain> domains;
  StepInput input{account, limits, none, details, domains, none};
  input.usernameBefore = "eve";
  const auto request = [&](const char* kind) {
    std::vector<std::string> lines;
    for (const auto* step : stepsAfter(kind, input, cloudLinux()))
      if (step->step.name.starts_with("hook."))
        lines.push_back(describe(step->step.perform(input)));
    return lines.empty() ? std::string() : lines[0];
  };
  EXPECT_EQ(request("account.rename"), "hook.run event=user_renamed username=eva old=eve");
  EXPECT_EQ(request("account.update"), "hook.run event=user_moved username=eva owner=rita");
  EXPECT_EQ(
      request("domain.rename"),
      "hook.run event=domain_renamed username=eva domain=new old_domain=old subdomains=follow");
  EXPECT_EQ(request("plan.rename"), "hook.run event=package_renamed package=new old_package=old");
  EXPECT_EQ(request("admin.create"), "hook.run event=admin_created admin=ops");
  EXPECT_EQ(request("admin.delete"), "hook.run event=admin_removed admin=ops");
  details.unixUser.clear();
  details.owner.clear();
  EXPECT_EQ(request("admin.create"), "");
  EXPECT_EQ(request("account.update"), "");
}

}  // namespace
}  // namespace bulkhead::api
