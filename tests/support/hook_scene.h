// HookScene: a panel whose host has all of CloudLinux's hooks, or none of them, and what the agent
// was asked to tell them.
#pragma once
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "api/jobs/hook_steps.h"
#include "tests/support/panel_world.h"

namespace bulkhead::api {

using testing::MockAgent;
using testing::PanelWorld;

inline AgentHooks cloudLinux() {
  AgentHooks host;
  host.scripts = {"post_modify_user.py", "pre_modify_user.py", "post_modify_domain.py",
                  "post_modify_package.py", "post_modify_admin.py"};
  host.enabled = true;
  host.lvectl = true;
  return host;
}

class HookScene : public ::testing::Test {
 protected:
  void SetUp() override {
    world_.addPlan();
    agent().hookAnswer = [this](const ask::HookRun& hook) {
      return AgentHook{outcome_, 1, std::string(eventName(hook.event)), "said"};
    };
  }
  MockAgent& agent() { return world_.agent(); }
  Panel& panel() { return world_.panel(); }
  std::vector<std::string> callsOf(const std::string& start) {
    std::vector<std::string> found;
    for (const auto& call : agent().calls())
      if (call.starts_with(start)) found.push_back(call);
    return found;
  }
  static std::vector<std::string> stepsOf(const Job& job) {
    std::vector<std::string> names;
    for (const auto& step : job.steps)
      names.push_back(step.name);
    return names;
  }
  Job remove() {
    return world_.finish(panel().purgeAccount(PanelWorld::actor(), "alice", Mode::kDo)).value();
  }
  std::vector<Job> retries() {
    std::vector<Job> found;
    const auto page = panel().jobs({}).value();
    for (const auto& job : page.items)
      if (job.kind == kHookRetry) found.push_back(job);
    return found;
  }
  // A retry of one hook step, as if it had failed before.
  std::string retry(JobRecord record) {
    const bool added =
        world_.store().write([&](Tables& tables) { return tables.jobs().add(record); }).ok();
    EXPECT_TRUE(added);
    world_.runner().submit({record.job.id, record.job.kind, record.job.accountId, ""});
    return record.job.id;
  }
  Job ended(const std::string& id) {
    return panel().waitForJob(id, std::chrono::seconds(10)).value();
  }
  void answerHooks(HookOutcome outcome) { outcome_ = outcome; }
  std::atomic<HookOutcome> outcome_ = HookOutcome::kSucceeded;
  PanelWorld world_{std::make_unique<testing::SqliteUnderTest>()};
};

}  // namespace bulkhead::api
