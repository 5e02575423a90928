// What a job does when steps succeed, fail, get lost or must wait. The agent is a scripted mock,
// the rest is real.
#include "api/jobs/runner.h"

#include <atomic>
#include <future>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support/filling_store.h"
#include "tests/support/panel_world.h"

namespace bulkhead::api {
namespace {

using testing::MockAgent;
using testing::PanelWorld;
using Facts = std::set<std::string>;

const Facts kAlice = {"account alice", "engine alice",  "port alice",
                      "quota alice",   "service alice", "site a.example serve alice"};

class RunnerTest : public ::testing::TestWithParam<testing::StoreKind> {
 protected:
  void SetUp() override {
    world_ = std::make_unique<PanelWorld>(GetParam().make());
    world_->addPlan();
  }
  MockAgent& agent() { return world_->agent(); }
  Panel& panel() { return world_->panel(); }
  Job createAlice() { return world_->create("alice", "a.example", /*previewPort=*/true).value(); }
  bool nothingIsLeft() {
    return agent().facts().empty() && panel().accounts({})->items.empty() &&
           panel().domains("", {})->items.empty();
  }
  Job eventually(const std::string& id, const std::function<bool(const Job&)>& reached) {
    for (int i = 0; i < 1000; ++i) {
      Job job = panel().job(id).value();
      if (reached(job)) return job;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return panel().job(id).value();
  }
  Result<JobOrPreview> startAlice() {
    return panel().createAccount(PanelWorld::actor(), {"alice", "basic", "a.example", true},
                                 Mode::kDo);
  }
  std::unique_ptr<PanelWorld> world_;
};
INSTANTIATE_TEST_SUITE_P(Stores,
                         RunnerTest,
                         ::testing::ValuesIn(testing::storeKinds()),
                         [](const auto& kind) { return kind.param.name; });

const char* const kCreateSteps[] = {"account.create", "quota.set",  "engine.ensure",
                                    "service.apply",  "site.apply", "firewall.open"};

TEST_P(RunnerTest, EveryStepOfASuccessBringsEvidenceAndTimes) {
  const Job job = createAlice();
  ASSERT_EQ(job.state, JobState::kSucceeded);
  EXPECT_FALSE(job.problem.has_value());
  EXPECT_EQ(job.progressPercent(), 100U);
  EXPECT_GT(job.endedAt, job.createdAt);
  ASSERT_EQ(job.steps.size(), 6U);
  for (std::size_t i = 0; i < job.steps.size(); ++i) {
    EXPECT_EQ(job.steps[i].name, kCreateSteps[i]);
    EXPECT_EQ(job.steps[i].state, StepState::kSucceeded);
    EXPECT_FALSE(job.steps[i].evidence.empty());
    EXPECT_EQ(job.steps[i].externalMicros, 1000U);
    EXPECT_GT(job.steps[i].startedAt, 0);
    EXPECT_GE(job.steps[i].endedAt, job.steps[i].startedAt);
  }
  EXPECT_EQ(agent().facts(), kAlice);
  EXPECT_EQ(agent().lastContext().requestId, "01REQUEST");
  EXPECT_EQ(agent().lastContext().actor, "admin:alice");
}

TEST_P(RunnerTest, AFailureAtAnyStepUndoesEverythingAndFreesTheName) {
  for (const char* step : kCreateSteps) {
    agent().refuse(step, Code::kInternal, "broken", 1);
    const Job job = createAlice();
    EXPECT_EQ(job.state, JobState::kRolledBack) << step;
    ASSERT_TRUE(job.problem.has_value()) << step;
    EXPECT_EQ(job.problem->message, std::string(step) + ": broken");
    EXPECT_TRUE(nothingIsLeft()) << step;
    for (const JobStep& done : job.steps) {
      EXPECT_NE(done.state, StepState::kSucceeded) << step << " " << done.name;
      EXPECT_NE(done.state, StepState::kRunning) << step << " " << done.name;
    }
  }
  EXPECT_EQ(createAlice().state, JobState::kSucceeded);
}

TEST_P(RunnerTest, UndoGoesBackwardsAndIncludesTheFailedStep) {
  agent().refuse("service.apply", Code::kInternal);
  createAlice();
  const std::vector<std::string> expected = {
      "account.create username=alice cpu=200 memory=536870912 tasks=300",
      "quota.set username=alice disk=1073741824 inodes=50000",
      "engine.ensure username=alice",
      "service.apply username=alice service=web port=32768",
      "service.remove username=alice service=web",
      "engine.remove username=alice",
      "account.delete username=alice"};
  EXPECT_EQ(agent().calls(), expected);
}

TEST_P(RunnerTest, AnAnswerLostAtAnyStepIsAskedForAgain) {
  for (const char* step : kCreateSteps) {
    agent().lose(step, MockAgent::Lost::kBefore, 2);
    agent().lose(step, MockAgent::Lost::kAfter, 1);
  }
  EXPECT_EQ(createAlice().state, JobState::kSucceeded);
  EXPECT_EQ(agent().facts(), kAlice);
  EXPECT_EQ(agent().calls().size(), 6U * 4U);
}

TEST_P(RunnerTest, AnswersLostWhileUndoingAreAskedForAgain) {
  agent().refuse("firewall.open", Code::kInternal);
  for (const char* undo :
       {"firewall.close", "site.remove", "service.remove", "engine.remove", "account.delete"}) {
    agent().lose(undo, MockAgent::Lost::kBefore, 1);
    agent().lose(undo, MockAgent::Lost::kAfter, 1);
  }
  EXPECT_EQ(createAlice().state, JobState::kRolledBack);
  EXPECT_TRUE(nothingIsLeft());
}

TEST_P(RunnerTest, AMissingQuotaSystemIsShownAndNoFailure) {
  agent().refuse("quota.set", Code::kUnsupported, "the file system has no project quotas");
  const Job job = createAlice();
  ASSERT_EQ(job.state, JobState::kSucceeded);
  EXPECT_EQ(job.steps[1].state, StepState::kSkipped);
  ASSERT_EQ(job.steps[1].evidence.size(), 1U);
  EXPECT_EQ(job.steps[1].evidence[0].check, "not supported on this host");
  EXPECT_EQ(job.steps[1].evidence[0].detail, "the file system has no project quotas");
  EXPECT_EQ(job.progressPercent(), 100U);
}

TEST_P(RunnerTest, UnsupportedIsAFailureWhereItMatters) {
  agent().refuse("engine.ensure", Code::kUnsupported, "no cgroups");
  EXPECT_EQ(createAlice().state, JobState::kRolledBack);
}

TEST_P(RunnerTest, SuccessWithoutEvidenceIsAFailure) {
  agent().answerWithoutEvidence("site.apply");
  const Job job = createAlice();
  EXPECT_EQ(job.state, JobState::kRolledBack);
  EXPECT_EQ(job.problem->message, "site.apply: the agent gave no evidence");
  EXPECT_TRUE(nothingIsLeft());
}

TEST_P(RunnerTest, BusyIsWaitedFor) {
  agent().refuse("engine.ensure", Code::kBusy, "locked", 3);
  agent().refuse("site.apply", Code::kAuditUnavailable, "audit log is full", 3);
  EXPECT_EQ(createAlice().state, JobState::kSucceeded);
}

TEST_P(RunnerTest, AnEngineThatNeverStartsEndsInARollback) {
  agent().refuse("engine.ensure", Code::kUnavailable, "the engine does not start");
  const Job job = createAlice();
  EXPECT_EQ(job.state, JobState::kRolledBack);
  EXPECT_EQ(job.problem->code, Code::kUnavailable);
  EXPECT_TRUE(nothingIsLeft());
}

TEST_P(RunnerTest, ACallThatTheAgentCannotTakeEndsInARollback) {
  for (const Code code : {Code::kInternal, Code::kLimitExceeded}) {
    agent().lose("engine.ensure", MockAgent::Lost::kBefore, MockAgent::kAlways, code);
    const Job job = createAlice();
    EXPECT_EQ(job.state, JobState::kRolledBack) << codeName(code);
    ASSERT_TRUE(job.problem.has_value());
    EXPECT_EQ(job.problem->code, code);
    EXPECT_TRUE(job.problem->message.starts_with("engine.ensure: ")) << job.problem->message;
    EXPECT_TRUE(nothingIsLeft());
    agent().forgetScripts();
  }
}

TEST_P(RunnerTest, ACallThatTheAgentCannotTakeForAMomentIsAskedForAgain) {
  agent().lose("engine.ensure", MockAgent::Lost::kAfter, 2, Code::kInternal);
  EXPECT_EQ(createAlice().state, JobState::kSucceeded);
}

TEST_P(RunnerTest, AnUndoThatTheAgentCannotTakeIsAFailureAndTheOthersAreDone) {
  agent().refuse("site.apply", Code::kInternal, "broken", 1);
  agent().lose("engine.remove", MockAgent::Lost::kBefore, MockAgent::kAlways, Code::kInternal);
  const Job job = createAlice();
  EXPECT_EQ(job.state, JobState::kFailed);
  EXPECT_EQ(job.problem->message, "site.apply: broken");
  EXPECT_EQ(job.steps[2].state, StepState::kFailed);
  EXPECT_EQ(job.steps[0].state, StepState::kUndone);
}

TEST_P(RunnerTest, AJobOfAnUnknownKindFailsAndSaysSo) {
  createAlice();
  const std::string account = panel().account("alice")->id;
  for (const JobState state : {JobState::kQueued, JobState::kUndoing}) {
    JobRecord record;
    record.job.id = "job_" + std::string(state == JobState::kQueued ? "queued" : "undoing");
    record.job.kind = "account.polish";
    record.job.state = state;
    record.job.accountId = account;
    record.username = "alice";
    addStep(record, "account.polish", "");
    record.job.steps[0].state =
        state == JobState::kQueued ? StepState::kPending : StepState::kFailed;
    const auto stored =
        world_->store().write([&](Tables& tables) { return tables.jobs().add(record); });
    ASSERT_TRUE(stored.ok());
    world_->restart();
    const auto job = panel().waitForJob(record.job.id, std::chrono::seconds(10));
    EXPECT_EQ(job->state, JobState::kFailed);
    ASSERT_TRUE(job->problem.has_value());
    EXPECT_EQ(job->problem->code, Code::kUnsupported);
    EXPECT_EQ(job->problem->message, "this version of the panel knows no jobs account.polish");
  }
}

TEST_P(RunnerTest, AJobWithAnUnknownStepFailsAndSaysSo) {
  createAlice();
  JobRecord record = makeJob(kAccountLimits, *panel().account("alice"), {}, PanelWorld::actor(), 1);
  record.job.steps[1].name = "account.polish";
  const auto stored =
      world_->store().write([&](Tables& tables) { return tables.jobs().add(record); });
  ASSERT_TRUE(stored.ok());
  world_->restart();
  const auto job = panel().waitForJob(record.job.id, std::chrono::seconds(10));
  EXPECT_EQ(job->state, JobState::kFailed);
  EXPECT_EQ(job->problem->code, Code::kUnsupported);
  EXPECT_EQ(job->problem->message, "account.polish: this version of the panel knows no such step");
}

TEST_P(RunnerTest, AnUndoThatIsRefusedForGoodIsAFailureThatDeletionCleansUp) {
  agent().refuse("site.apply", Code::kInternal, "broken", 1);
  agent().refuse("engine.remove", Code::kInternal, "stuck", 1);
  const Job job = createAlice();
  EXPECT_EQ(job.state, JobState::kFailed);
  EXPECT_EQ(job.problem->message, "site.apply: broken");
  EXPECT_EQ(job.steps[2].state, StepState::kFailed);
  EXPECT_EQ(job.steps[2].evidence.back().check, "undo by engine.remove");
  EXPECT_EQ(job.steps[2].evidence.back().detail, "refused: stuck");
  EXPECT_EQ(job.steps[0].state, StepState::kUndone);  // the others were undone all the same
  EXPECT_EQ(panel().account("alice")->state, AccountState::kFailed);
  EXPECT_EQ(startAlice().error().code, Code::kAlreadyExists);
  const auto deleted =
      world_->finish(panel().purgeAccount(PanelWorld::actor(), "alice", Mode::kDo));
  ASSERT_TRUE(deleted.ok());
  EXPECT_EQ(deleted->state, JobState::kSucceeded);
  EXPECT_TRUE(nothingIsLeft());
}

TEST_P(RunnerTest, AJobWaitsVisiblyWhileTheAgentIsDownAndGoesOnAfterwards) {
  std::atomic<bool> down = false;
  agent().beforeCall = [&](const std::string& call) {
    if (call.starts_with("engine.ensure") && !down.exchange(true)) agent().setReachable(false);
  };
  const std::string id = std::get<Job>(*startAlice()).id;
  const Job waiting = eventually(id, [](const Job& job) { return job.problem.has_value(); });
  EXPECT_EQ(waiting.state, JobState::kRunning);
  EXPECT_EQ(waiting.problem->code, Code::kUnavailable);
  EXPECT_EQ(waiting.problem->message, "waiting: the agent is not running");
  EXPECT_EQ(waiting.steps[2].state, StepState::kRunning);
  agent().setReachable(true);
  const auto done = panel().waitForJob(id, std::chrono::seconds(10));
  EXPECT_EQ(done->state, JobState::kSucceeded);
  EXPECT_FALSE(done->problem.has_value());
}

TEST_P(RunnerTest, AWaitingJobGoesOnAfterARestartOfThePanel) {
  agent().lose("engine.ensure", MockAgent::Lost::kBefore);
  const std::string id = std::get<Job>(*startAlice()).id;
  eventually(id, [](const Job& job) { return job.problem.has_value(); });
  world_->runner().stop();
  EXPECT_FALSE(panel().job(id)->ended());
  agent().forgetScripts();
  world_->restart();
  EXPECT_EQ(panel().waitForJob(id, std::chrono::seconds(10))->state, JobState::kSucceeded);
  EXPECT_EQ(agent().facts(), kAlice);
}

TEST_P(RunnerTest, JobsOfOneAccountRunOneAfterAnotherAndAccountsSideBySide) {
  createAlice();
  ASSERT_EQ(world_->create("bob", "b.example")->state, JobState::kSucceeded);
  std::atomic<int> ofAlice = 0;
  std::atomic<int> together = 0;
  std::atomic<int> most = 0;
  agent().beforeCall = [&](const std::string& call) {
    const bool alice = call.find("username=alice") != std::string::npos;
    if (alice) {
      EXPECT_EQ(++ofAlice, 1);
    }
    const int now = ++together;
    for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);)
      continue;
    // Until the other account's job has been seen beside this one, however busy the machine is.
    for (int i = 0; i < 5000 && most < 2; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // room for what must not happen
    --together;
    if (alice) --ofAlice;
  };
  std::vector<Result<JobOrPreview>> started;
  for (const char* domain : {"x.a.example", "y.a.example"})
    started.push_back(panel().addDomain(PanelWorld::actor(), "alice", domain, Mode::kDo));
  started.push_back(panel().addDomain(PanelWorld::actor(), "bob", "x.b.example", Mode::kDo));
  for (auto& job : started)
    EXPECT_EQ(world_->finish(job)->state, JobState::kSucceeded);
  EXPECT_EQ(most, 2);
  agent().beforeCall = nullptr;
}

TEST_P(RunnerTest, AJobWaitsForTheEndOfALockdownHoweverLongItIs) {
  world_->lockedDown = true;
  agent().refuse("quota.set", Code::kUnavailable, "rule lockdown");
  const std::string id = std::get<Job>(*startAlice()).id;
  eventually(id, [](const Job& job) { return job.problem.has_value(); });
  std::this_thread::sleep_for(std::chrono::milliseconds(600));  // four times the patience
  EXPECT_EQ(panel().job(id)->state, JobState::kRunning);
  agent().forgetScripts();
  world_->lockedDown = false;
  EXPECT_EQ(panel().waitForJob(id, std::chrono::seconds(10))->state, JobState::kSucceeded);
}

TEST_P(RunnerTest, WaitingForAJobEndsWithPatienceOrWithTheJob) {
  std::promise<void> release;
  auto released = release.get_future().share();
  agent().beforeCall = [released](const std::string&) { released.wait(); };
  const std::string id = std::get<Job>(*startAlice()).id;
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_FALSE(world_->runner().wait(id, std::chrono::milliseconds(50))->ended());
  EXPECT_GE(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(50));
  auto waiter = std::async(std::launch::async,
                           [&] { return world_->runner().wait(id, std::chrono::seconds(20)); });
  release.set_value();
  EXPECT_EQ(waiter.get()->state, JobState::kSucceeded);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(15));
  EXPECT_EQ(world_->runner().wait("job_none", std::chrono::milliseconds(1)).error().code,
            Code::kNotFound);
}

TEST_P(RunnerTest, SuspendingIsUndoneWhenItFails) {
  createAlice();
  agent().refuse("account.suspend", Code::kInternal, "stuck", 1);
  const auto job = world_->finish(panel().suspendAccount(PanelWorld::actor(), "alice", Mode::kDo));
  EXPECT_EQ(job->state, JobState::kRolledBack);
  EXPECT_EQ(panel().account("alice")->state, AccountState::kActive);
  EXPECT_EQ(agent().facts(), kAlice);
}

TEST_P(RunnerTest, AFailedRemovalOfADomainPutsItBack) {
  createAlice();
  ASSERT_TRUE(
      world_->finish(panel().addDomain(PanelWorld::actor(), "alice", "b.example", Mode::kDo)).ok());
  agent().refuse("site.remove", Code::kInternal, "nginx is broken", 1);
  const auto job =
      world_->finish(panel().removeDomain(PanelWorld::actor(), "b.example", Mode::kDo));
  EXPECT_EQ(job->state, JobState::kRolledBack);
  EXPECT_EQ(panel().domain("b.example")->state, DomainState::kActive);
  EXPECT_EQ(agent().facts().count("site b.example serve alice"), 1U);
}

TEST_P(RunnerTest, AFailedDeletionStopsAndMayBeAskedForAgain) {
  createAlice();
  agent().refuse("account.delete", Code::kInternal, "a process does not end", 1);
  const auto job = world_->finish(panel().purgeAccount(PanelWorld::actor(), "alice", Mode::kDo));
  EXPECT_EQ(job->state, JobState::kFailed);
  EXPECT_EQ(panel().account("alice")->state, AccountState::kFailed);
  EXPECT_EQ(world_->finish(panel().purgeAccount(PanelWorld::actor(), "alice", Mode::kDo))->state,
            JobState::kSucceeded);
  EXPECT_TRUE(nothingIsLeft());
}

TEST_P(RunnerTest, AStoreThatFillsUpInAFailedDeletionForgetsNoAccount) {
  // Wherever the writes end, the deletion that could not be done is never taken for done.
  for (int writes = 1; writes <= 6; ++writes) {
    auto filling = std::make_unique<testing::FillingUnderTest>(GetParam().make());
    auto& left = filling->writesLeft;
    PanelWorld world(std::move(filling));
    world.addPlan();
    ASSERT_EQ(world.create("alice", "a.example")->state, JobState::kSucceeded);
    world.agent().refuse("account.delete", Code::kInternal, "a process does not end");
    left = writes;
    const auto started = world.panel().purgeAccount(PanelWorld::actor(), "alice", Mode::kDo);
    ASSERT_TRUE(started.ok());
    const std::string id = std::get<Job>(*started).id;
    (void)world.panel().waitForJob(id, std::chrono::seconds(0));
    for (int i = 0; i < 1000 && left > 0 && !world.panel().job(id)->ended(); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    left = testing::FillingStore::kNever;
    world.restart();
    EXPECT_EQ(world.panel().waitForJob(id, std::chrono::seconds(10))->state, JobState::kFailed)
        << writes;
    ASSERT_TRUE(world.panel().account("alice").ok()) << writes;
    EXPECT_EQ(world.panel().account("alice")->state, AccountState::kFailed) << writes;
    EXPECT_TRUE(world.agent().facts().contains("account alice")) << writes;
  }
}

}  // namespace
}  // namespace bulkhead::api
