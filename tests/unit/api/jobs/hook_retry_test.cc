// Hooks that hang, fail or come too late: whom they hold up, and when they are told again.
#include <algorithm>
#include <future>
#include <thread>

#include "tests/support/hook_scene.h"

namespace bulkhead::api {
namespace {

using HookRetryTest = HookScene;

TEST_F(HookRetryTest, HooksThatHangHoldUpNobodyElse) {
  agent().hooks = cloudLinux();
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  std::atomic<int> running = 0;
  std::atomic<int> most = 0;
  agent().beforeCall = [&](const std::string& call) {
    if (!call.starts_with("hook.run")) return;
    most = std::max(most.load(), ++running);
    released.wait();
    --running;
  };
  std::vector<Result<JobOrPreview>> started;
  for (int i = 0; i < 10; ++i) {
    const std::string name = "many" + std::to_string(i);
    started.push_back(
        panel().createAccount(PanelWorld::actor(), {name, "basic", name + ".example"}, Mode::kDo));
    ASSERT_TRUE(started.back().ok());
  }
  const auto active = [&] {
    const auto page = panel().accounts({}).value();
    return std::count_if(page.items.begin(), page.items.end(),
                         [](const Account& a) { return a.state == AccountState::kActive; });
  };
  for (int i = 0; i < 1000 && active() < 10; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(active(), 10);
  EXPECT_LE(most, static_cast<int>(Pace{}.hooksAtOnce));
  release.set_value();
  for (const auto& one : started)
    EXPECT_EQ(ended(std::get<Job>(*one).id).state, JobState::kSucceeded);
}

TEST_F(HookRetryTest, HooksThatHangHoldUpNoStepThatIsNobodysScript) {
  agent().hooks = cloudLinux();
  ASSERT_TRUE(world_.create("alice", "a.example").ok());
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  std::atomic<unsigned> running = 0;
  agent().beforeCall = [&](const std::string& call) {
    if (!call.starts_with("hook.run")) return;
    ++running;
    released.wait();
  };
  std::vector<std::string> slow;
  for (unsigned i = 0; i < Pace{}.hooksAtOnce; ++i) {
    const std::string name = "many" + std::to_string(i);
    const auto started =
        panel().createAccount(PanelWorld::actor(), {name, "basic", name + ".example"}, Mode::kDo);
    slow.push_back(std::get<Job>(*started).id);
  }
  for (int i = 0; i < 1000 && running < Pace{}.hooksAtOnce; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(running, Pace{}.hooksAtOnce);
  const auto added =
      panel().addDomain(PanelWorld::actor(), "alice", "b.example", Mode::kDo).value();
  EXPECT_EQ(ended(std::get<Job>(added).id).state, JobState::kSucceeded);
  release.set_value();
  for (const auto& id : slow)
    EXPECT_EQ(ended(id).state, JobState::kSucceeded);
}

TEST_F(HookRetryTest, TheHooksOfOneAccountLeaveTurnsToTheOthers) {
  agent().hooks = cloudLinux();
  ASSERT_TRUE(world_.create("alice", "a.example").ok());
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  std::atomic<int> ofAlice = 0;
  std::atomic<bool> bobsCame = false;
  agent().beforeCall = [&](const std::string& call) {
    if (!call.starts_with("hook.run")) return;
    if (call.find("username=bob") != std::string::npos) {
      bobsCame = true;
      return;
    }
    EXPECT_EQ(++ofAlice, 1);  // the agent would let the others wait
    released.wait();
    --ofAlice;
  };
  std::vector<std::string> queued;
  for (unsigned i = 0; i < Pace{}.hooksAtOnce; ++i) {
    JobRecord record = makeJob(kHookRetry, *panel().account("alice"), {}, PanelWorld::actor(), 1);
    addStep(record, "hook.user_created", "");
    queued.push_back(retry(record));
  }
  for (int i = 0; i < 1000 && ofAlice < 1; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));  // room for what must not happen
  EXPECT_EQ(world_.create("bob", "b.example")->state, JobState::kSucceeded);
  EXPECT_TRUE(bobsCame);
  release.set_value();
  for (const auto& id : queued)
    EXPECT_EQ(ended(id).state, JobState::kSucceeded);
}

TEST_F(HookRetryTest, AFailedHookUndoesNothingAndIsRepeatedUntilItSucceeds) {
  agent().hooks = cloudLinux();
  answerHooks(HookOutcome::kFailed);
  const Job made = world_.create("alice", "a.example").value();
  EXPECT_EQ(made.state, JobState::kSucceeded);
  EXPECT_EQ(made.steps.back().state, StepState::kFailed);
  EXPECT_EQ(panel().account("alice")->state, AccountState::kActive);
  auto queued = retries();
  ASSERT_EQ(queued.size(), 1U);
  EXPECT_EQ(stepsOf(queued[0]), (std::vector<std::string>{"hook.user_created"}));
  answerHooks(HookOutcome::kSucceeded);
  EXPECT_EQ(ended(queued[0].id).state, JobState::kSucceeded);
  EXPECT_TRUE(retries().size() == 1U);
}

TEST_F(HookRetryTest, ARetryGivesUpAfterItsLastAttempt) {
  agent().hooks = cloudLinux();
  answerHooks(HookOutcome::kTimedOut);
  ASSERT_TRUE(world_.create("alice", "a.example").ok());
  const Job last = ended(retries().at(0).id);
  EXPECT_EQ(last.state, JobState::kFailed);
  EXPECT_EQ(last.steps[0].evidence.size(), 4U);
  EXPECT_EQ(last.steps[0].evidence[3].check, "attempt 4");
  EXPECT_EQ(callsOf("hook.run").size(), 5U);
}

TEST_F(HookRetryTest, ARetrySurvivesARestartAndHoldsUpNobody) {
  agent().hooks = cloudLinux();
  answerHooks(HookOutcome::kFailed);
  ASSERT_TRUE(world_.create("alice", "a.example").ok());
  const auto id = retries().at(0).id;
  world_.restart();
  answerHooks(HookOutcome::kSucceeded);
  const auto added =
      world_.finish(panel().addDomain(PanelWorld::actor(), "alice", "b.example", Mode::kDo));
  ASSERT_TRUE(added.ok()) << added.error().message;
  EXPECT_EQ(added->state, JobState::kSucceeded);
  EXPECT_EQ(ended(id).state, JobState::kSucceeded);
}

TEST_F(HookRetryTest, ARetryWhoseEventIsNoLongerTrueEndsByItself) {
  agent().hooks = cloudLinux();
  answerHooks(HookOutcome::kFailed);
  ASSERT_TRUE(world_.create("alice", "a.example").ok());
  const auto id = retries().at(0).id;
  agent().refuse("hook.run event=user_created", Code::kNotFound);
  const Job over = ended(id);
  EXPECT_EQ(over.state, JobState::kSucceeded);
  EXPECT_EQ(over.steps[0].state, StepState::kSkipped);
  EXPECT_EQ(over.steps[0].evidence.back().check, "nothing to tell any more");
}

TEST_F(HookRetryTest, ARetryTellsNothingOfAnotherAccountOfTheSameName) {
  agent().hooks = cloudLinux();
  ASSERT_TRUE(world_.create("alice", "a.example").ok());
  JobRecord record = makeJob(kHookRetry, *panel().account("alice"), {}, PanelWorld::actor(), 1);
  addStep(record, "dbmap.write", "");
  ASSERT_EQ(remove().state, JobState::kSucceeded);
  ASSERT_TRUE(world_.create("alice", "b.example").ok());
  EXPECT_EQ(ended(retry(record)).steps[0].state, StepState::kSkipped);
  EXPECT_TRUE(callsOf("dbmap.write").empty());
}

TEST_F(HookRetryTest, APlanThatIsBackIsNotForgotten) {
  agent().hooks = cloudLinux();
  ASSERT_TRUE(panel().createPlan(PanelWorld::actor(), "Back", {}, "").ok());
  JobDetails details;
  details.name = "Back";
  JobRecord record = makeJob(kHookRetry, Account{}, {}, PanelWorld::actor(), 1, details);
  addStep(record, "lvectl.forget", "");
  EXPECT_EQ(ended(retry(record)).steps[0].state, StepState::kSkipped);
  EXPECT_TRUE(callsOf("lvectl.forget").empty());
}

TEST_F(HookRetryTest, AHookThatTheAgentCannotTakeIsRepeatedLater) {
  agent().hooks = cloudLinux();
  agent().lose("hook.run", MockAgent::Lost::kBefore, MockAgent::kAlways, Code::kInternal);
  const Job made = world_.create("alice", "a.example").value();
  EXPECT_EQ(made.state, JobState::kSucceeded);
  EXPECT_EQ(made.steps.back().state, StepState::kFailed);
  ASSERT_EQ(retries().size(), 1U);
  agent().forgetScripts();
  EXPECT_EQ(ended(retries()[0].id).state, JobState::kSucceeded);
}

}  // namespace
}  // namespace bulkhead::api
