// Accounts that are deleted can be restored for a while, as they were; then they are purged.
#include <gtest/gtest.h>

#include "tests/support/panel_world.h"

namespace bulkhead::api {
namespace {

using testing::PanelWorld;

class PanelDeletionsTest : public ::testing::TestWithParam<testing::StoreKind> {
 protected:
  void SetUp() override {
    world_ = std::make_unique<PanelWorld>(GetParam().make());
    world_->addPlan();
    ASSERT_EQ(world_->create("alice", "a.example", true)->state, JobState::kSucceeded);
  }
  Panel& panel() { return world_->panel(); }
  testing::MockAgent& agent() { return world_->agent(); }
  static Actor actor() { return PanelWorld::actor(); }
  using Act = Result<JobOrPreview> (Panel::*)(const Actor&, std::string_view, Mode);
  Result<JobOrPreview> start(Act act, const std::string& name = "alice") {
    return (panel().*act)(actor(), name, Mode::kDo);
  }
  JobState done(Act act, const std::string& name = "alice") {
    return world_->finish(start(act, name)).value().state;
  }
  std::string refusal(Act act, const std::string& name = "alice") {
    const auto started = start(act, name);
    return started.ok() ? "was accepted" : started.error().message;
  }
  AccountState state() { return panel().account("alice")->state; }
  std::size_t facts(const std::string& fact) { return agent().facts().count(fact); }
  std::vector<std::string> listed(std::optional<AccountState> state = std::nullopt) {
    std::vector<std::string> names;
    const auto page = panel().accounts({}, state).value();
    for (const auto& account : page.items)
      names.push_back(account.username);
    return names;
  }
  void waitUntilGone(const std::string& name) {
    const auto jobs = panel().jobs({}).value();
    for (const auto& job : jobs.items)
      (void)panel().waitForJob(job.id, std::chrono::seconds(10));
    EXPECT_EQ(panel().account(name).error().code, Code::kNotFound);
  }
  std::unique_ptr<PanelWorld> world_;
};
INSTANTIATE_TEST_SUITE_P(Stores,
                         PanelDeletionsTest,
                         ::testing::ValuesIn(testing::storeKinds()),
                         [](const auto& kind) { return kind.param.name; });

TEST_P(PanelDeletionsTest, ADeletedAccountIsStoppedAndKeepsAllThatIsItsOwn) {
  const std::int64_t before = world_->clock().nowMicros();
  const Account live = panel().account("alice").value();
  ASSERT_EQ(done(&Panel::deleteAccount), JobState::kSucceeded);
  const Account deleted = panel().account("alice").value();
  EXPECT_EQ(deleted.state, AccountState::kDeleted);
  EXPECT_GE(deleted.deletedAt, before);
  EXPECT_EQ(deleted.restoreUntil - deleted.deletedAt,
            std::chrono::microseconds(std::chrono::hours(72)).count());
  EXPECT_EQ(deleted.uid, live.uid);
  EXPECT_EQ(deleted.previewPort, live.previewPort);
  EXPECT_EQ(facts("account alice"), 1U);
  EXPECT_EQ(facts("site a.example suspended alice"), 1U);
  // Name, domain and plan are still taken.
  auto made = panel().createAccount(actor(), {"alice", "basic", "b.example", false}, Mode::kDo);
  EXPECT_EQ(made.error().code, Code::kAlreadyExists);
  made = panel().createAccount(actor(), {"bob", "basic", "a.example", false}, Mode::kDo);
  EXPECT_EQ(made.error().code, Code::kConflict);
  EXPECT_EQ(panel().deletePlan(actor(), "basic").error().code, Code::kConflict);
}

TEST_P(PanelDeletionsTest, IsListedOnlyWhenAskedFor) {
  ASSERT_EQ(world_->create("bob", "b.example")->state, JobState::kSucceeded);
  ASSERT_EQ(world_->create("carol", "c.example")->state, JobState::kSucceeded);
  ASSERT_EQ(done(&Panel::deleteAccount), JobState::kSucceeded);
  ASSERT_EQ(done(&Panel::suspendAccount, "bob"), JobState::kSucceeded);
  using Names = std::vector<std::string>;
  EXPECT_EQ(listed(), (Names{"bob", "carol"}));
  EXPECT_EQ(listed(AccountState::kDeleted), (Names{"alice"}));
  EXPECT_EQ(listed(AccountState::kSuspended), (Names{"bob"}));
  EXPECT_EQ(listed(AccountState::kActive), (Names{"carol"}));
  EXPECT_EQ(listed(AccountState::kFailed), Names{});
}

TEST_P(PanelDeletionsTest, ComesBackAsItWas) {
  ASSERT_EQ(done(&Panel::deleteAccount), JobState::kSucceeded);
  world_->clock().advance(std::chrono::hours(72) - std::chrono::minutes(1));
  ASSERT_EQ(done(&Panel::restoreAccount), JobState::kSucceeded);
  const Account back = panel().account("alice").value();
  EXPECT_EQ(back.state, AccountState::kActive);
  EXPECT_EQ(back.deletedAt, 0);
  EXPECT_EQ(back.restoreUntil, 0);
  EXPECT_EQ(facts("site a.example serve alice"), 1U);
  EXPECT_EQ(facts("service alice"), 1U);
  EXPECT_EQ(agent().calls().back().substr(0, 13), "firewall.open");
  EXPECT_EQ(refusal(&Panel::restoreAccount), "the account is active");
}

TEST_P(PanelDeletionsTest, ComesBackSuspendedWhenItWasSuspended) {
  ASSERT_EQ(done(&Panel::suspendAccount), JobState::kSucceeded);
  ASSERT_EQ(done(&Panel::deleteAccount), JobState::kSucceeded);
  EXPECT_EQ(state(), AccountState::kDeleted);
  ASSERT_EQ(done(&Panel::restoreAccount), JobState::kSucceeded);
  EXPECT_EQ(state(), AccountState::kSuspended);
  EXPECT_EQ(facts("site a.example suspended alice"), 1U);
  EXPECT_EQ(facts("service alice"), 0U);
}

TEST_P(PanelDeletionsTest, RefusesEveryOtherChangeOfADeletedAccount) {
  ASSERT_EQ(done(&Panel::deleteAccount), JobState::kSucceeded);
  const std::string is = "the account is deleted";
  EXPECT_EQ(refusal(&Panel::deleteAccount), is);
  EXPECT_EQ(refusal(&Panel::suspendAccount), is);
  EXPECT_EQ(refusal(&Panel::unsuspendAccount), is);
  EXPECT_EQ(panel().renameAccount(actor(), "alice", "eva", {}, Mode::kDo).error().message, is);
  EXPECT_EQ(panel().changeAccount(actor(), "alice", {}, {}, Mode::kDo).error().message, is);
  EXPECT_EQ(panel().addDomain(actor(), "alice", "b.example", Mode::kDo).error().message, is);
  EXPECT_EQ(panel().addDatabaseUser(actor(), "alice", "alice_x", Mode::kDo).error().message, is);
  EXPECT_EQ(
      panel()
          .changeDomain(actor(), "a.example", {std::optional<std::string>(), true}, {}, Mode::kDo)
          .error()
          .message,
      is);
}

TEST_P(PanelDeletionsTest, RefusesToDeleteWhatFailedButPurgesIt) {
  agent().refuse("engine.ensure", Code::kInternal, "broken", 1);
  agent().refuse("account.delete", Code::kInternal, "stuck", 1);
  ASSERT_EQ(world_->create("bob", "b.example")->state, JobState::kFailed);
  EXPECT_EQ(refusal(&Panel::deleteAccount, "bob"), "the account is failed");
  EXPECT_EQ(done(&Panel::purgeAccount, "bob"), JobState::kSucceeded);
  EXPECT_EQ(panel().account("bob").error().code, Code::kNotFound);
}

TEST_P(PanelDeletionsTest, ADeletionThatFailsIsUndone) {
  agent().refuse("account.suspend", Code::kInternal, "a process does not end", 1);
  EXPECT_EQ(done(&Panel::deleteAccount), JobState::kRolledBack);
  EXPECT_EQ(state(), AccountState::kActive);
  EXPECT_EQ(facts("site a.example serve alice"), 1U);
  ASSERT_EQ(done(&Panel::suspendAccount), JobState::kSucceeded);
  agent().refuse("account.suspend", Code::kInternal, "a process does not end", 1);
  EXPECT_EQ(done(&Panel::deleteAccount), JobState::kRolledBack);
  EXPECT_EQ(state(), AccountState::kSuspended);
  EXPECT_EQ(facts("site a.example suspended alice"), 1U);
}

TEST_P(PanelDeletionsTest, ARestorationThatFailsIsUndoneAndMayBeAskedForAgain) {
  ASSERT_EQ(done(&Panel::deleteAccount), JobState::kSucceeded);
  const std::int64_t until = panel().account("alice")->restoreUntil;
  agent().refuse("site.apply", Code::kInternal, "broken", 1);
  EXPECT_EQ(done(&Panel::restoreAccount), JobState::kRolledBack);
  EXPECT_EQ(state(), AccountState::kDeleted);
  EXPECT_EQ(panel().account("alice")->restoreUntil, until);
  EXPECT_EQ(done(&Panel::restoreAccount), JobState::kSucceeded);
}

TEST_P(PanelDeletionsTest, ADryRunTellsWhatComesBackThoughTheHostStillHasItSuspended) {
  ASSERT_EQ(done(&Panel::deleteAccount), JobState::kSucceeded);
  agent().refuse("engine.ensure", Code::kConflict, "the account is suspended");
  const auto told = panel().restoreAccount(actor(), "alice", Mode::kDryRun);
  ASSERT_TRUE(told.ok()) << told.error().message;
  const auto& changes = std::get<std::vector<PlannedChange>>(*told);
  ASSERT_EQ(changes.size(), 5U);
  EXPECT_EQ(changes[0].operation, "account.unsuspend");
  EXPECT_EQ(changes[1].target, "engine.ensure username=alice");
  EXPECT_EQ(state(), AccountState::kDeleted);
}

TEST_P(PanelDeletionsTest, RefusesToRestoreWhenTheTimeIsOver) {
  ASSERT_EQ(done(&Panel::deleteAccount), JobState::kSucceeded);
  world_->clock().advance(std::chrono::hours(72));
  EXPECT_EQ(refusal(&Panel::restoreAccount), "the time to restore the account is over");
  EXPECT_EQ(state(), AccountState::kDeleted);
}

TEST_P(PanelDeletionsTest, PurgingTakesADeletedOrALiveAccountAwayAtOnce) {
  ASSERT_EQ(world_->create("bob", "b.example")->state, JobState::kSucceeded);
  ASSERT_EQ(done(&Panel::deleteAccount), JobState::kSucceeded);
  EXPECT_EQ(done(&Panel::purgeAccount), JobState::kSucceeded);
  EXPECT_EQ(done(&Panel::purgeAccount, "bob"), JobState::kSucceeded);
  EXPECT_TRUE(agent().facts().empty());
  EXPECT_TRUE(listed().empty());
  EXPECT_TRUE(listed(AccountState::kDeleted).empty());
  EXPECT_TRUE(panel().domains("", {})->items.empty());
}

TEST_P(PanelDeletionsTest, NothingIsPurgedBeforeItsTimeAndEverythingAfterAlsoOverARestart) {
  ASSERT_EQ(world_->create("bob", "b.example")->state, JobState::kSucceeded);
  ASSERT_EQ(done(&Panel::deleteAccount), JobState::kSucceeded);
  world_->clock().advance(std::chrono::hours(72) - std::chrono::minutes(1));
  EXPECT_EQ(panel().purgeExpired(10).value(), 0U);
  world_->restart();
  world_->clock().advance(std::chrono::minutes(2));
  EXPECT_EQ(panel().purgeExpired(10).value(), 1U);
  waitUntilGone("alice");
  EXPECT_EQ(listed(), std::vector<std::string>{"bob"});
  EXPECT_EQ(panel().purgeExpired(10).value(), 0U);
  const auto jobs = panel().jobs({}).value();
  EXPECT_EQ(jobs.items.front().kind, "account.purge");
  EXPECT_EQ(jobs.items.front().actor, "panel:restore-window");
}

TEST_P(PanelDeletionsTest, ATickPurgesABoundedNumberTheFirstOnesFirst) {
  ASSERT_EQ(done(&Panel::deleteAccount), JobState::kSucceeded);
  for (const std::string name : {"u1", "u2"}) {
    ASSERT_EQ(world_->create(name, name + ".example")->state, JobState::kSucceeded);
    ASSERT_EQ(done(&Panel::deleteAccount, name), JobState::kSucceeded);
  }
  world_->clock().advance(std::chrono::hours(73));
  EXPECT_EQ(panel().purgeExpired(2).value(), 2U);
  waitUntilGone("alice");
  waitUntilGone("u1");
  EXPECT_EQ(listed(AccountState::kDeleted), std::vector<std::string>{"u2"});
}

TEST_P(PanelDeletionsTest, WhatIsBeingRestoredWhenItsTimeEndsIsNotPurged) {
  ASSERT_EQ(done(&Panel::deleteAccount), JobState::kSucceeded);
  agent().refuse("site.apply", Code::kAuditUnavailable, "full");
  const auto restoring = start(&Panel::restoreAccount);
  ASSERT_TRUE(restoring.ok());
  world_->clock().advance(std::chrono::hours(73));
  EXPECT_EQ(panel().purgeExpired(10).value(), 0U);
  agent().forgetScripts();
  EXPECT_EQ(world_->finish(restoring)->state, JobState::kSucceeded);
  EXPECT_EQ(panel().purgeExpired(10).value(), 0U);
  EXPECT_EQ(state(), AccountState::kActive);
}

TEST_P(PanelDeletionsTest, AFailedPurgeIsNotRepeatedByItself) {
  ASSERT_EQ(done(&Panel::deleteAccount), JobState::kSucceeded);
  agent().refuse("account.delete", Code::kInternal, "a process does not end", 1);
  EXPECT_EQ(done(&Panel::purgeAccount), JobState::kFailed);
  world_->clock().advance(std::chrono::hours(100));
  EXPECT_EQ(panel().purgeExpired(10).value(), 0U);
  EXPECT_EQ(state(), AccountState::kFailed);
  EXPECT_EQ(done(&Panel::purgeAccount), JobState::kSucceeded);
}

TEST_P(PanelDeletionsTest, ATickWithoutAnAgentStartsNothing) {
  ASSERT_EQ(done(&Panel::deleteAccount), JobState::kSucceeded);
  world_->clock().advance(std::chrono::hours(73));
  agent().setReachable(false);
  EXPECT_EQ(panel().purgeExpired(10).error().code, Code::kUnavailable);
  EXPECT_EQ(state(), AccountState::kDeleted);
  agent().setReachable(true);
  EXPECT_EQ(panel().purgeExpired(10).value(), 1U);
  waitUntilGone("alice");
}

}  // namespace
}  // namespace bulkhead::api
