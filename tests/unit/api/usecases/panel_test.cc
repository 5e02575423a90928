// What callers may want and what they are refused. Store and runner are real, the agent is a
// scripted mock.
#include <algorithm>
#include <atomic>
#include <future>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support/panel_world.h"

namespace bulkhead::api {
namespace {

using testing::PanelWorld;

class PanelTest : public ::testing::TestWithParam<testing::StoreKind> {
 protected:
  void SetUp() override {
    world_ = std::make_unique<PanelWorld>(GetParam().make());
    world_->addPlan();
  }
  Panel& panel() { return world_->panel(); }
  testing::MockAgent& agent() { return world_->agent(); }
  static Actor actor() { return PanelWorld::actor(); }
  Error refusal(const std::string& username,
                const std::string& domain,
                const std::string& plan = "basic") {
    auto made = panel().createAccount(actor(), {username, plan, domain, false}, Mode::kDo);
    return made.ok() ? Error{Code::kInternal, "was accepted", ""} : made.error();
  }
  void createAlice() {
    ASSERT_EQ(world_->create("alice", "a.example")->state, JobState::kSucceeded);
  }
  // Holds every later call of the agent until release() or the end of the test.
  void hold() {
    released_ = release_.get_future().share();
    agent().beforeCall = [released = released_](const std::string&) { released.wait(); };
  }
  void release() { release_.set_value(); }
  void TearDown() override {
    try {
      release_.set_value();
    } catch (const std::future_error&) {
    }
    world_.reset();
  }
  template <typename Work>
  static int atOnce(int count, Work work) {
    std::atomic<int> succeeded = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i)
      threads.emplace_back([&, i] {
        if (work(i)) ++succeeded;
      });
    for (auto& thread : threads)
      thread.join();
    return succeeded;
  }
  std::promise<void> release_;
  std::shared_future<void> released_;
  std::unique_ptr<PanelWorld> world_;
};
INSTANTIATE_TEST_SUITE_P(Stores,
                         PanelTest,
                         ::testing::ValuesIn(testing::storeKinds()),
                         [](const auto& kind) { return kind.param.name; });

// ---- plans

TEST_P(PanelTest, RefusesPlansWithBadNamesOrLimits) {
  const auto code = [&](const std::string& name, PlanLimits limits) {
    auto made = panel().createPlan(actor(), name, limits);
    return made.ok() ? std::string("ok")
                     : std::string(codeName(made.error().code)) + " " + made.error().field;
  };
  for (const std::string& name :
       {std::string(), std::string(65, 'x'), std::string("a\nb"), std::string("a\0b", 3),
        std::string(" a"), std::string("a "), std::string("pln_x"), std::string("\xe2\x80\xae"),
        std::string("\xc3")})
    EXPECT_EQ(code(name, {}), "invalid_argument name") << name;
  EXPECT_EQ(code("p", {100001, 0, 0, 0, 0, 0}), "invalid_argument cpu_percent");
  EXPECT_EQ(code("p", {0, 1, 0, 0, 0, 0}), "invalid_argument memory_bytes");
  EXPECT_EQ(code("p", {0, 0, 1, 0, 0, 0}), "invalid_argument tasks");
  EXPECT_EQ(code("p", {0, 0, 0, 1, 0, 0}), "invalid_argument disk_bytes");
  EXPECT_EQ(code("p", {0, 0, 0, ~0ULL, 0, 0}), "invalid_argument disk_bytes");
  EXPECT_EQ(code("p", {0, 0, 0, 0, 999, 0}), "invalid_argument inodes");
  EXPECT_EQ(code("p", {0, 0, 0, 0, 0, 100001}), "invalid_argument domains_max");
  EXPECT_EQ(code("basic", {}), "already_exists name");
  EXPECT_EQ(code("unlimited", {}), "ok");
}

TEST_P(PanelTest, ChangingLimitsReappliesThemToTheAccountsOfThePlan) {
  createAlice();
  PlanLimits limits = PanelWorld::limits();
  limits.domainsMax = 9;  // the panel's own business
  ASSERT_TRUE(panel().changePlan(actor(), "basic", "basic", limits).ok());
  EXPECT_EQ(panel().jobs({})->items.size(), 1U);
  limits.tasks = 500;
  const auto changed = panel().changePlan(actor(), "basic", "renamed", limits);
  ASSERT_TRUE(changed.ok());
  EXPECT_EQ(changed->revision, 3U);
  EXPECT_EQ(panel().plan("renamed")->revision, 3U);
  const auto jobs = panel().jobs({});
  // The new name is told, too; and the limits are the part of a job.
  ASSERT_EQ(jobs->items.size(), 4U);
  const auto limited = std::find_if(jobs->items.begin(), jobs->items.end(),
                                    [](const Job& job) { return job.kind == kAccountLimits; });
  ASSERT_NE(limited, jobs->items.end());
  const auto done = panel().waitForJob(limited->id, std::chrono::seconds(10));
  EXPECT_EQ(done->state, JobState::kSucceeded);
  const auto calls = agent().calls();
  EXPECT_EQ(calls[calls.size() - 2],
            "limits.set username=alice cpu=200 memory=536870912 tasks=500");
  EXPECT_EQ(calls.back(), "quota.set username=alice disk=1073741824 inodes=50000");
}

TEST_P(PanelTest, NewLimitsAreNotSentForAnAccountThatFailed) {
  agent().refuse("engine.ensure", Code::kInternal, "broken", 1);
  agent().refuse("account.delete", Code::kInternal, "stuck", 1);
  ASSERT_EQ(world_->create("alice", "a.example")->state, JobState::kFailed);
  PlanLimits limits = PanelWorld::limits();
  limits.tasks = 500;
  ASSERT_TRUE(panel().changePlan(actor(), "basic", "basic", limits).ok());
  EXPECT_EQ(panel().jobs({})->items.size(), 1U);
}

TEST_P(PanelTest, RefusesToDeleteAPlanInUse) {
  createAlice();
  EXPECT_EQ(panel().deletePlan(actor(), "basic").error().code, Code::kConflict);
  world_->addPlan("other");
  EXPECT_TRUE(panel().deletePlan(actor(), "other").ok());
  EXPECT_EQ(panel().deletePlan(actor(), "other").error().code, Code::kNotFound);
  EXPECT_EQ(panel().plan("other").error().code, Code::kNotFound);
}

// ---- accounts

TEST_P(PanelTest, CreatesAnAccountWithItsDomainUidAndPort) {
  ASSERT_EQ(world_->create("alice", "WWW.A.Example.", true)->state, JobState::kSucceeded);
  const auto account = panel().account("alice");
  ASSERT_TRUE(account.ok());
  EXPECT_EQ(account->state, AccountState::kActive);
  EXPECT_EQ(account->uid, 20000U);
  EXPECT_EQ(account->previewPort, 32768);
  EXPECT_EQ(account->planName, "basic");
  EXPECT_EQ(panel().account(account->id)->username, "alice");
  const auto domain = panel().domain("www.a.example");
  ASSERT_TRUE(domain.ok());
  EXPECT_EQ(domain->state, DomainState::kActive);
  EXPECT_TRUE(domain->primary);
  EXPECT_EQ(domain->accountId, account->id);
}

TEST_P(PanelTest, RefusesBadInputWithNothingChangedAndNothingAsked) {
  for (const std::string& name :
       {std::string(), std::string("a\0b", 3), std::string("a\n"), std::string("-a"),
        std::string("a/b"), std::string(".."), std::string("Alice"), std::string(33, 'a'),
        std::string("root"), std::string("www-data")}) {
    const Error error = refusal(name, "a.example");
    EXPECT_EQ(error.code, Code::kInvalidArgument) << name;
    EXPECT_EQ(error.field, "username") << name;
  }
  for (const std::string& domain :
       {std::string(64, 'a') + ".example", std::string("*.a.example"), std::string("a.example/x"),
        std::string("a.example\n"), std::string("example")})
    EXPECT_EQ(refusal("alice", domain).code, Code::kInvalidArgument) << domain;
  EXPECT_EQ(refusal("alice", "a.example", "none").code, Code::kNotFound);
  EXPECT_EQ(refusal("alice", "a.example", "none").field, "plan");
  EXPECT_TRUE(panel().accounts({})->items.empty());
  EXPECT_TRUE(panel().jobs({})->items.empty());
  EXPECT_TRUE(agent().calls().empty());
}

TEST_P(PanelTest, RefusesATakenNameAndANameThatTheHostHasAlready) {
  createAlice();
  EXPECT_EQ(refusal("alice", "b.example").code, Code::kAlreadyExists);
  agent().remember("account carol");  // the panel's store knows nothing of it
  EXPECT_EQ(refusal("carol", "b.example").code, Code::kAlreadyExists);
  EXPECT_EQ(agent().facts().count("account carol"), 1U);
}

TEST_P(PanelTest, FiftyCreationsOfOneNameAtOnceGiveOneWinner) {
  std::atomic<int> taken = 0;
  const int winners = atOnce(50, [&](int i) {
    auto made = panel().createAccount(
        actor(), {"alice", "basic", "d" + std::to_string(i) + ".example", true}, Mode::kDo);
    if (!made.ok() && made.error().code == Code::kAlreadyExists) ++taken;
    return made.ok();
  });
  EXPECT_EQ(winners, 1);
  EXPECT_EQ(taken, 49);
  EXPECT_EQ(panel().accounts({})->items.size(), 1U);
  EXPECT_EQ(panel().domains("", {})->items.size(), 1U);
}

TEST_P(PanelTest, ADownAgentIsToldAtOnceAndNothingIsWritten) {
  createAlice();
  agent().setReachable(false);
  EXPECT_EQ(refusal("bob", "b.example").code, Code::kUnavailable);
  for (auto& refused : {panel().suspendAccount(actor(), "alice", Mode::kDo),
                        panel().deleteAccount(actor(), "alice", Mode::kDo),
                        panel().addDomain(actor(), "alice", "b.example", Mode::kDo)}) {
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, Code::kUnavailable);
  }
  EXPECT_EQ(panel().jobs({})->items.size(), 1U);
  EXPECT_EQ(panel().account("alice")->state, AccountState::kActive);
}

TEST_P(PanelTest, SuspendsUnsuspendsAndPurges) {
  createAlice();
  ASSERT_EQ(world_->finish(panel().suspendAccount(actor(), "alice", Mode::kDo))->state,
            JobState::kSucceeded);
  EXPECT_EQ(panel().account("alice")->state, AccountState::kSuspended);
  EXPECT_EQ(agent().facts().count("site a.example suspended alice"), 1U);
  EXPECT_EQ(panel().suspendAccount(actor(), "alice", Mode::kDo).error().code, Code::kConflict);
  EXPECT_EQ(panel().addDomain(actor(), "alice", "b.example", Mode::kDo).error().message,
            "the account is suspended");
  ASSERT_EQ(world_->finish(panel().unsuspendAccount(actor(), "alice", Mode::kDo))->state,
            JobState::kSucceeded);
  EXPECT_EQ(panel().account("alice")->state, AccountState::kActive);
  EXPECT_EQ(agent().facts().count("site a.example serve alice"), 1U);
  EXPECT_EQ(agent().facts().count("service alice"), 1U);
  EXPECT_EQ(panel().unsuspendAccount(actor(), "alice", Mode::kDo).error().message,
            "the account is active");
  ASSERT_EQ(world_->finish(panel().purgeAccount(actor(), "alice", Mode::kDo))->state,
            JobState::kSucceeded);
  EXPECT_EQ(panel().account("alice").error().code, Code::kNotFound);
  EXPECT_EQ(panel().purgeAccount(actor(), "alice", Mode::kDo).error().code, Code::kNotFound);
  EXPECT_TRUE(agent().facts().empty());
}

TEST_P(PanelTest, RefusesASecondChangeWhileOneIsUnderWay) {
  createAlice();
  hold();
  const auto first = panel().suspendAccount(actor(), "alice", Mode::kDo);
  const std::string id = std::get<Job>(*first).id;
  for (auto& second : {panel().deleteAccount(actor(), "alice", Mode::kDo),
                       panel().suspendAccount(actor(), "alice", Mode::kDo),
                       panel().addDomain(actor(), "alice", "b.example", Mode::kDo)}) {
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().code, Code::kConflict);
    EXPECT_EQ(second.error().message, id + " (account.suspend) of this account has not ended");
  }
  EXPECT_EQ(panel().account("alice")->state, AccountState::kActive);  // not before it is proved
  release();
  EXPECT_EQ(world_->finish(first)->state, JobState::kSucceeded);
}

TEST_P(PanelTest, ADryRunTellsEveryStepAndChangesNothing) {
  const auto told =
      panel().createAccount(actor(), {"alice", "basic", "a.example", true}, Mode::kDryRun);
  ASSERT_TRUE(told.ok());
  const auto& changes = std::get<std::vector<PlannedChange>>(*told);
  ASSERT_EQ(changes.size(), 6U);
  EXPECT_EQ(changes[0].operation, "account.create");
  EXPECT_EQ(changes[4].operation, "site.apply");
  EXPECT_EQ(changes[4].target, "site.apply username=alice domain=a.example");
  const auto asked = agent().previews();
  ASSERT_EQ(asked.size(), 6U);
  EXPECT_FALSE(asked[0].ends_with(" assumed"));
  for (std::size_t i = 1; i < asked.size(); ++i)
    EXPECT_TRUE(asked[i].ends_with(" assumed")) << asked[i];
  EXPECT_TRUE(agent().calls().empty());
  EXPECT_TRUE(panel().accounts({})->items.empty());
  EXPECT_TRUE(panel().jobs({})->items.empty());
  EXPECT_EQ(world_->create("alice", "a.example", true)->state, JobState::kSucceeded);
}

TEST_P(PanelTest, ADryRunIsRefusedWhereTheRealThingWouldBe) {
  createAlice();
  const auto dry = [&](const std::string& name, const std::string& domain) {
    return panel()
        .createAccount(actor(), {name, "basic", domain, false}, Mode::kDryRun)
        .error()
        .code;
  };
  EXPECT_EQ(dry("alice", "b.example"), Code::kAlreadyExists);
  EXPECT_EQ(dry("bob", "x.a.example"), Code::kConflict);
  agent().refuse("site.apply", Code::kConflict, "nginx's configuration is broken");
  EXPECT_EQ(dry("bob", "b.example"), Code::kConflict);
  agent().forgetScripts();
  agent().refuse("quota.set", Code::kUnsupported, "no project quotas");
  const auto told =
      panel().createAccount(actor(), {"bob", "basic", "b.example", false}, Mode::kDryRun);
  ASSERT_TRUE(told.ok());
  EXPECT_EQ(std::get<std::vector<PlannedChange>>(*told)[1].kind, "skip");
  const auto deletion = panel().deleteAccount(actor(), "alice", Mode::kDryRun);
  ASSERT_TRUE(deletion.ok());
  EXPECT_EQ(panel().account("alice")->state, AccountState::kActive);
}

// ---- domains

TEST_P(PanelTest, FiftyDomainsAtOnceStopExactlyAtThePlansLimit) {
  createAlice();  // its main domain counts
  std::atomic<int> limited = 0;
  const int added = atOnce(50, [&](int i) {
    auto made =
        panel().addDomain(actor(), "alice", "n" + std::to_string(i) + ".example", Mode::kDo);
    if (!made.ok() && made.error().code == Code::kLimitExceeded) ++limited;
    return made.ok();
  });
  EXPECT_EQ(added, 2);
  EXPECT_EQ(limited, 48);
  EXPECT_EQ(panel().domains("alice", {})->items.size(), 3U);
}

TEST_P(PanelTest, RefusesDomainsNextToThoseOfAnotherAccount) {
  createAlice();
  ASSERT_EQ(world_
                ->create("bob",
                         "b\xc3\xbc"
                         "cher.example")
                ->state,
            JobState::kSucceeded);
  const auto add = [&](const std::string& account, const std::string& domain) {
    auto made = world_->finish(panel().addDomain(actor(), account, domain, Mode::kDo));
    return made.ok() ? std::string("ok") : std::string(codeName(made.error().code));
  };
  EXPECT_EQ(add("bob", "A.example"), "conflict");
  EXPECT_EQ(add("bob", "x.a.example"), "conflict");
  EXPECT_EQ(add("alice", "xn--bcher-kva.example"), "conflict");
  EXPECT_EQ(add("alice",
                "x.b\xc3\xbc"
                "cher.example"),
            "conflict");
  EXPECT_EQ(add("alice", "x.a.example"), "ok");
  EXPECT_EQ(add("alice", "x.A.example."), "already_exists");
  EXPECT_EQ(add("alice", "*.a.example"), "invalid_argument");
  EXPECT_EQ(add("nobody1", "c.example"), "not_found");
  EXPECT_EQ(refusal("carol", "shop.a.example").code, Code::kConflict);
}

TEST_P(PanelTest, RemovesADomainButNotTheMainOne) {
  createAlice();
  ASSERT_EQ(world_->finish(panel().addDomain(actor(), "alice", "b.example", Mode::kDo))->state,
            JobState::kSucceeded);
  EXPECT_EQ(panel().domain("B.example")->state, DomainState::kActive);
  ASSERT_EQ(world_->finish(panel().removeDomain(actor(), "b.example", Mode::kDo))->state,
            JobState::kSucceeded);
  EXPECT_EQ(panel().domain("b.example").error().code, Code::kNotFound);
  EXPECT_EQ(agent().facts().count("site b.example serve alice"), 0U);
  EXPECT_EQ(panel().removeDomain(actor(), "a.example", Mode::kDo).error().code, Code::kConflict);
  EXPECT_EQ(panel().removeDomain(actor(), "none.example", Mode::kDo).error().code, Code::kNotFound);
}

TEST_P(PanelTest, AFailedDomainLeavesNoTrace) {
  createAlice();
  agent().refuse("site.apply", Code::kConflict, "nginx's configuration is broken", 1);
  const auto job = world_->finish(panel().addDomain(actor(), "alice", "b.example", Mode::kDo));
  EXPECT_EQ(job->state, JobState::kRolledBack);
  EXPECT_EQ(panel().domain("b.example").error().code, Code::kNotFound);
  EXPECT_EQ(panel().domains("alice", {})->items.size(), 1U);
}

// ---- reading

TEST_P(PanelTest, ListsDomainsOfOneAccountOrOfAll) {
  createAlice();
  ASSERT_TRUE(world_->create("bob", "b.example").ok());
  EXPECT_EQ(panel().domains("alice", {})->items.size(), 1U);
  EXPECT_EQ(panel().domains("", {})->items.size(), 2U);
  EXPECT_EQ(panel().domains("nobody1", {}).error().code, Code::kNotFound);
}

TEST_P(PanelTest, PagesTheAuditLogBySequenceNumber) {
  const auto page = panel().audit({"alice", "01REQ", "intent"}, {"", 2});
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->items.size(), 2U);
  EXPECT_EQ(page->nextCursor, "7");
  EXPECT_TRUE(panel().audit({}, {"7", 2}).ok());
  for (const char* bad : {"x", "-1", "07", " 7", "7 ", "99999999999999999999"})
    EXPECT_EQ(panel().audit({}, {bad, 2}).error().field, "cursor") << bad;
  agent().setReachable(false);
  EXPECT_EQ(panel().audit({}, {}).error().code, Code::kUnavailable);
}

}  // namespace
}  // namespace bulkhead::api
