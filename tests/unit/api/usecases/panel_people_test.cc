// Accounts and domains as their owners see them: owner, plan and contact, aliases, main domains,
// PHP, database users.
#include <future>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support/panel_world.h"

namespace bulkhead::api {
namespace {

using testing::PanelWorld;

class PanelPeopleTest : public ::testing::TestWithParam<testing::StoreKind> {
 protected:
  void SetUp() override {
    world_ = std::make_unique<PanelWorld>(GetParam().make());
    world_->addPlan();
    ASSERT_EQ(world_->create("carol", "c.example")->state, JobState::kSucceeded);
  }
  void TearDown() override { world_.reset(); }
  Panel& panel() { return world_->panel(); }
  testing::MockAgent& agent() { return world_->agent(); }
  static Actor actor() { return PanelWorld::actor(); }
  void addReseller(const std::string& name, std::uint32_t accountsMax = 0) {
    NewReseller wanted;
    wanted.name = name;
    wanted.accountsMax = accountsMax;
    ASSERT_TRUE(world_->people().createReseller(actor(), wanted).ok());
  }
  std::string change(const AccountChange& wanted, const Expected& expected = {}) {
    return told(
        world_->finish(panel().changeAccount(actor(), "carol", wanted, expected, Mode::kDo)));
  }
  std::string alias(const std::string& name,
                    const std::string& target = "c.example",
                    const std::string& account = "carol") {
    return told(world_->finish(panel().addAlias(actor(), account, name, target, Mode::kDo)));
  }
  std::string changeDomain(const std::string& name,
                           const DomainChange& wanted,
                           const Expected& expected = {}) {
    return told(world_->finish(panel().changeDomain(actor(), name, wanted, expected, Mode::kDo)));
  }
  static DomainChange primary() { return {{}, true}; }
  static DomainChange php(const std::optional<std::string>& identifier) {
    DomainChange wanted;
    wanted.php = identifier;
    return wanted;
  }
  std::string told(const Result<Job>& job) {
    if (!job.ok()) return std::string(codeName(job.error().code)) + " " + job.error().field;
    return job->state == JobState::kSucceeded ? "ok" : "failed";
  }
  std::string last() { return agent().calls().back(); }
  std::unique_ptr<PanelWorld> world_;
};
INSTANTIATE_TEST_SUITE_P(Stores,
                         PanelPeopleTest,
                         ::testing::ValuesIn(testing::storeKinds()),
                         [](const auto& kind) { return kind.param.name; });

// ---- accounts

TEST_P(PanelPeopleTest, AnAccountIsTheMainAdministratorsUnlessItIsSaidOtherwise) {
  EXPECT_EQ(panel().account("carol")->owner, "alice");
  EXPECT_EQ(panel().accounts({})->items[0].owner, "alice");
  EXPECT_EQ(panel().plan("basic")->owner, "alice");
  addReseller("rita");
  NewAccount wanted{"bob", "basic", "b.example", false, "rita", "Bob@B.example", "Ru_ru"};
  ASSERT_EQ(told(world_->finish(panel().createAccount(actor(), wanted, Mode::kDo))), "ok");
  const auto bob = panel().account("bob");
  EXPECT_EQ(bob->owner, "rita");
  EXPECT_EQ(bob->email, "Bob@b.example");
  EXPECT_EQ(bob->locale, "Ru_ru");
}

TEST_P(PanelPeopleTest, RefusesAnAccountOfBadPeople) {
  const auto with = [&](auto set) {
    NewAccount wanted{"bob", "basic", "b.example", false};
    set(wanted);
    return told(world_->finish(panel().createAccount(actor(), wanted, Mode::kDo)));
  };
  EXPECT_EQ(with([](NewAccount& a) { a.owner = "nobody1"; }), "not_found owner");
  EXPECT_EQ(with([](NewAccount& a) { a.owner = "carol"; }), "not_found owner");
  EXPECT_EQ(with([](NewAccount& a) { a.email = "x"; }), "invalid_argument email");
  EXPECT_EQ(with([](NewAccount& a) { a.locale = "x"; }), "invalid_argument locale");
  EXPECT_EQ(panel().account("bob").error().code, Code::kNotFound);
}

TEST_P(PanelPeopleTest, MovesAnAccountToAnotherOwner) {
  addReseller("rita", 1);
  addReseller("rob", 0);
  EXPECT_EQ(change({{}, "rita"}), "ok");
  EXPECT_EQ(panel().account("carol")->owner, "rita");
  const auto job = panel().jobs({})->items[0];
  EXPECT_EQ(job.kind, "account.change");
  EXPECT_TRUE(job.steps.empty());  // nothing on the host goes by the owner
  EXPECT_EQ(
      world_->store().read([&](const Tables& t) { return t.jobs().find(job.id); })->details.owner,
      "rita");
  EXPECT_EQ(change({{}, "rita"}), "ok");  // no second place is taken by the same account
  ASSERT_EQ(world_->create("bob", "b.example")->state, JobState::kSucceeded);
  const auto full = panel().changeAccount(actor(), "bob", {{}, "rita"}, {}, Mode::kDo);
  ASSERT_FALSE(full.ok());
  EXPECT_EQ(full.error().code, Code::kLimitExceeded);
  EXPECT_EQ(full.error().field, "owner");
  EXPECT_EQ(change({{}, "rob"}), "ok");
  EXPECT_EQ(change({{}, "nobody1"}), "not_found owner");
  EXPECT_EQ(change({{}, "alice"}), "ok");
  EXPECT_EQ(panel().account("carol")->owner, "alice");
}

TEST_P(PanelPeopleTest, AnotherPlanBringsItsLimits) {
  PlanLimits limits = PanelWorld::limits();
  limits.tasks = 777;
  ASSERT_TRUE(panel().createPlan(actor(), "large", limits).ok());
  EXPECT_EQ(change({"large", {}}), "ok");
  EXPECT_EQ(panel().account("carol")->planName, "large");
  const auto calls = agent().calls();
  EXPECT_EQ(calls[calls.size() - 2],
            "limits.set username=carol cpu=200 memory=536870912 tasks=777");
  EXPECT_EQ(calls.back(), "quota.set username=carol disk=1073741824 inodes=50000");
  EXPECT_EQ(change({"none", {}}), "not_found plan");
  limits.domainsMax = 1;
  ASSERT_TRUE(panel().createPlan(actor(), "tiny", limits).ok());
  EXPECT_EQ(alias("d.example"), "ok");
  EXPECT_EQ(change({"tiny", {}}), "limit_exceeded plan");
  EXPECT_EQ(panel().account("carol")->planName, "large");
}

TEST_P(PanelPeopleTest, ChangesContactsOnlyOfWhatWasRead) {
  AccountChange wanted;
  wanted.email = std::optional<std::string>("carol@c.example");
  wanted.locale = std::optional<std::string>("Ru_ru");
  const std::uint64_t revision = panel().account("carol")->revision;
  EXPECT_EQ(change(wanted, revision), "ok");
  EXPECT_EQ(panel().account("carol")->email, "carol@c.example");
  EXPECT_EQ(change(wanted, revision), "conflict ");
  wanted.email = std::optional<std::string>();
  wanted.locale.reset();
  EXPECT_EQ(change(wanted), "ok");
  EXPECT_FALSE(panel().account("carol")->email.has_value());
  EXPECT_EQ(panel().account("carol")->locale, "Ru_ru");
  wanted.email = std::optional<std::string>("x");
  EXPECT_EQ(change(wanted), "invalid_argument email");
  EXPECT_EQ(panel().changeAccount(actor(), "nobody1", {}, {}, Mode::kDo).error().code,
            Code::kNotFound);
}

TEST_P(PanelPeopleTest, ADryRunOfAChangeChangesNothing) {
  addReseller("rita");
  ASSERT_TRUE(panel().createPlan(actor(), "large", {}).ok());
  const auto told = panel().changeAccount(actor(), "carol", {"large", "rita"}, {}, Mode::kDryRun);
  ASSERT_TRUE(told.ok()) << told.error().message;
  EXPECT_EQ(std::get<std::vector<PlannedChange>>(*told).size(), 2U);
  EXPECT_EQ(panel().account("carol")->owner, "alice");
  EXPECT_EQ(panel().account("carol")->planName, "basic");
}

TEST_P(PanelPeopleTest, AnAccountThatAnAdministratorWorksAsStays) {
  ASSERT_TRUE(world_->people().createAdministrator(actor(), {"admin2", "h", {}, {}, "carol"}).ok());
  const auto refused = panel().deleteAccount(actor(), "carol", Mode::kDo);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message, "administrator admin2 works as this user");
}

TEST_P(PanelPeopleTest, APlanChangesHandsAndItsNewNameIsTold) {
  addReseller("rita");
  EXPECT_EQ(panel().createPlan(actor(), "x", {}, "nobody1").error().field, "owner");
  ASSERT_TRUE(panel().createPlan(actor(), "hers", {}, "rita").ok());
  EXPECT_EQ(panel().plan("hers")->owner, "rita");
  EXPECT_EQ(panel().plans({})->items[1].owner, "rita");
  EXPECT_EQ(panel().changePlan(actor(), "hers", "hers", {}, "nobody1").error().field, "owner");
  const auto changed = panel().changePlan(actor(), "hers", "G\xc3\xb3i", {}, "alice");
  ASSERT_TRUE(changed.ok());
  EXPECT_EQ(changed->owner, "alice");
  const auto job = panel().jobs({})->items[0];
  EXPECT_EQ(job.kind, "plan.rename");
  EXPECT_EQ(job.accountId, "");
  EXPECT_EQ(panel().waitForJob(job.id, std::chrono::seconds(10))->state, JobState::kSucceeded);
  const auto record = world_->store().read([&](const Tables& t) { return t.jobs().find(job.id); });
  EXPECT_EQ(record->details.name, "hers");
  EXPECT_EQ(record->details.newName, "G\xc3\xb3i");
}

// ---- aliases

TEST_P(PanelPeopleTest, AnAliasIsServedByItsSite) {
  EXPECT_EQ(alias("D.example"), "ok");
  EXPECT_EQ(last(), "site.apply username=carol domain=c.example alias=d.example");
  const auto made = panel().domain("d.example");
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->kind, DomainKind::kAlias);
  EXPECT_EQ(made->targetName, "c.example");
  EXPECT_EQ(made->state, DomainState::kActive);
  EXPECT_FALSE(made->primary);
  EXPECT_EQ(alias("e.example"), "ok");
  EXPECT_EQ(last(), "site.apply username=carol domain=c.example alias=d.example alias=e.example");
  ASSERT_EQ(told(world_->finish(panel().removeDomain(actor(), "d.example", Mode::kDo))), "ok");
  EXPECT_EQ(last(), "site.apply username=carol domain=c.example alias=e.example");
  EXPECT_EQ(panel().domain("d.example").error().code, Code::kNotFound);
  EXPECT_EQ(panel().domain("e.example")->state, DomainState::kActive);
}

TEST_P(PanelPeopleTest, AliasesStayThroughASuspension) {
  EXPECT_EQ(alias("d.example"), "ok");
  ASSERT_EQ(told(world_->finish(panel().suspendAccount(actor(), "carol", Mode::kDo))), "ok");
  const auto calls = agent().calls();
  EXPECT_EQ(calls[calls.size() - 2],
            "site.apply username=carol domain=c.example alias=d.example mode=suspended");
  ASSERT_EQ(told(world_->finish(panel().removeDomain(actor(), "d.example", Mode::kDo))), "ok");
  EXPECT_EQ(last(), "site.apply username=carol domain=c.example mode=suspended");
  ASSERT_EQ(told(world_->finish(panel().unsuspendAccount(actor(), "carol", Mode::kDo))), "ok");
  EXPECT_EQ(last(), "site.apply username=carol domain=c.example");
}

TEST_P(PanelPeopleTest, AnAliasThatFailsLeavesTheSiteAsItWas) {
  EXPECT_EQ(alias("d.example"), "ok");
  agent().refuse("site.apply", Code::kConflict, "nginx's configuration is broken", 1);
  EXPECT_EQ(alias("e.example"), "failed");
  EXPECT_EQ(last(), "site.apply username=carol domain=c.example alias=d.example");
  EXPECT_EQ(panel().domain("e.example").error().code, Code::kNotFound);
  agent().refuse("site.apply", Code::kConflict, "nginx's configuration is broken", 1);
  EXPECT_EQ(told(world_->finish(panel().removeDomain(actor(), "d.example", Mode::kDo))), "failed");
  EXPECT_EQ(last(), "site.apply username=carol domain=c.example alias=d.example");
  EXPECT_EQ(panel().domain("d.example")->state, DomainState::kActive);
}

TEST_P(PanelPeopleTest, RefusesAliasesByTheRulesOfADomain) {
  ASSERT_EQ(world_->create("bob", "b.example")->state, JobState::kSucceeded);
  EXPECT_EQ(alias("x.b.example"), "conflict domain");
  EXPECT_EQ(alias("b.example"), "conflict domain");
  EXPECT_EQ(alias("c.example"), "already_exists domain");
  EXPECT_EQ(alias("*.c.example"), "invalid_argument domain");
  EXPECT_EQ(alias("d.example", "b.example"), "not_found alias_of");
  EXPECT_EQ(alias("d.example", "none.example"), "not_found alias_of");
  EXPECT_EQ(alias("d.example", "c.example", "nobody1"), "not_found ");
  EXPECT_EQ(alias("d.example"), "ok");
  EXPECT_EQ(alias("e.example", "d.example"), "conflict alias_of");
  EXPECT_EQ(alias("www.c.example"), "ok");
  EXPECT_EQ(alias("f.example"), "limit_exceeded domain");  // three domains of the plan
}

TEST_P(PanelPeopleTest, ASiteWithAliasesStays) {
  ASSERT_EQ(told(world_->finish(panel().addDomain(actor(), "carol", "d.example", Mode::kDo))),
            "ok");
  EXPECT_EQ(alias("e.example", "d.example"), "ok");
  const auto refused = panel().removeDomain(actor(), "d.example", Mode::kDo);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::kConflict);
  EXPECT_EQ(refused.error().message, "e.example is an alias of it; remove that first");
  ASSERT_EQ(told(world_->finish(panel().deleteAccount(actor(), "carol", Mode::kDo))), "ok");
  EXPECT_TRUE(panel().domains("", {})->items.empty());
  EXPECT_TRUE(agent().facts().empty());
}

// ---- main domain, PHP

TEST_P(PanelPeopleTest, AnotherDomainBecomesTheMainOne) {
  ASSERT_EQ(told(world_->finish(panel().addDomain(actor(), "carol", "d.example", Mode::kDo))),
            "ok");
  EXPECT_EQ(changeDomain("d.example", primary()), "ok");
  EXPECT_TRUE(panel().domain("d.example")->primary);
  EXPECT_FALSE(panel().domain("c.example")->primary);
  EXPECT_EQ(panel().removeDomain(actor(), "d.example", Mode::kDo).error().code, Code::kConflict);
  EXPECT_EQ(told(world_->finish(panel().removeDomain(actor(), "c.example", Mode::kDo))), "ok");
  EXPECT_EQ(alias("e.example", "d.example"), "ok");
  EXPECT_EQ(changeDomain("e.example", primary()), "conflict primary");
  EXPECT_EQ(changeDomain("none.example", primary()), "not_found ");
}

TEST_P(PanelPeopleTest, ManyAtOnceLeaveOneMainDomain) {
  for (const char* name : {"d.example", "e.example"})
    ASSERT_EQ(told(world_->finish(panel().addDomain(actor(), "carol", name, Mode::kDo))), "ok");
  std::vector<std::thread> threads;
  for (int i = 0; i < 12; ++i)
    threads.emplace_back([&, i] {
      const char* const names[] = {"c.example", "d.example", "e.example"};
      (void)panel().changeDomain(actor(), names[i % 3], primary(), {}, Mode::kDo);  // may be busy
    });
  for (auto& thread : threads)
    thread.join();
  int mains = 0;
  const auto page = panel().domains("carol", {});
  for (const auto& domain : page->items)
    mains += domain.primary ? 1 : 0;
  EXPECT_EQ(mains, 1);
}

TEST_P(PanelPeopleTest, ADomainHasItsOwnPhp) {
  EXPECT_EQ(changeDomain("c.example", php("alt-php83")), "ok");
  EXPECT_EQ(panel().domain("c.example")->php, "alt-php83");
  EXPECT_TRUE(panel().domain("c.example")->primary);
  const std::uint64_t revision = panel().domain("c.example")->revision;
  EXPECT_EQ(changeDomain("c.example", php(std::nullopt), revision), "ok");
  EXPECT_FALSE(panel().domain("c.example")->php.has_value());
  EXPECT_EQ(changeDomain("c.example", php("alt-php83"), revision), "conflict ");
  EXPECT_EQ(changeDomain("c.example", php("8.3")), "invalid_argument php");
  EXPECT_EQ(alias("d.example"), "ok");
  EXPECT_EQ(changeDomain("d.example", php("alt-php83")), "conflict php");
}

// ---- renames

TEST_P(PanelPeopleTest, AnAccountGetsAnotherName) {
  const std::string id = panel().account("carol")->id;
  EXPECT_EQ(told(world_->finish(panel().renameAccount(actor(), "carol", "eva", {}, Mode::kDo))),
            "ok");
  EXPECT_EQ(last(), "account.rename username=carol new=eva");
  EXPECT_EQ(panel().account("eva")->id, id);
  EXPECT_EQ(panel().account("carol").error().code, Code::kNotFound);
  EXPECT_EQ(agent().facts().count("account eva"), 1U);
  EXPECT_EQ(agent().facts().count("site c.example serve eva"), 1U);
  ASSERT_EQ(told(world_->finish(panel().deleteAccount(actor(), "eva", Mode::kDo))), "ok");
  EXPECT_TRUE(agent().facts().empty());
}

TEST_P(PanelPeopleTest, ARenameThatFailsLeavesTheOldName) {
  agent().refuse("account.rename", Code::kInternal, "broken", 1);
  EXPECT_EQ(told(world_->finish(panel().renameAccount(actor(), "carol", "eva", {}, Mode::kDo))),
            "failed");
  EXPECT_EQ(panel().account("carol")->state, AccountState::kActive);
  EXPECT_EQ(panel().account("eva").error().code, Code::kNotFound);
  EXPECT_EQ(world_->create("eva", "e.example")->state, JobState::kSucceeded);
}

TEST_P(PanelPeopleTest, RefusesANameThatAnAccountCannotHave) {
  ASSERT_EQ(world_->create("bob", "b.example")->state, JobState::kSucceeded);
  const auto rename = [&](const std::string& name, const Expected& expected = {}) {
    return told(world_->finish(panel().renameAccount(actor(), "carol", name, expected, Mode::kDo)));
  };
  EXPECT_EQ(rename("bob"), "already_exists username");
  EXPECT_EQ(rename("carol"), "invalid_argument username");
  EXPECT_EQ(rename("root"), "invalid_argument username");
  EXPECT_EQ(rename("a b"), "invalid_argument username");
  EXPECT_EQ(rename("eva", 99), "conflict ");
  EXPECT_EQ(panel().renameAccount(actor(), "nobody1", "eva", {}, Mode::kDo).error().code,
            Code::kNotFound);
  ASSERT_TRUE(world_->people().createAdministrator(actor(), {"admin2", "h", {}, {}, "carol"}).ok());
  EXPECT_EQ(rename("eva"), "conflict ");
  EXPECT_TRUE(panel().account("carol").ok());
}

TEST_P(PanelPeopleTest, ADomainGetsAnotherNameWithItsSettings) {
  EXPECT_EQ(changeDomain("c.example", php("alt-php83")), "ok");
  const std::string id = panel().domain("c.example")->id;
  const auto rename = [&](const std::string& name, bool below = false) {
    return told(
        world_->finish(panel().renameDomain(actor(), "C.example", {name, below}, {}, Mode::kDo)));
  };
  EXPECT_EQ(rename("New.example"), "ok");
  EXPECT_EQ(last(), "site.rename username=carol domain=c.example new=new.example");
  const auto renamed = panel().domain("new.example");
  ASSERT_TRUE(renamed.ok());
  EXPECT_EQ(renamed->id, id);
  EXPECT_EQ(renamed->php, "alt-php83");
  EXPECT_TRUE(renamed->primary);
  EXPECT_EQ(panel().domains("carol", {})->items.size(), 1U);
  EXPECT_EQ(agent().facts().count("site new.example serve carol"), 1U);
}

TEST_P(PanelPeopleTest, SubdomainsAndAliasesMoveAlong) {
  ASSERT_EQ(told(world_->finish(panel().addDomain(actor(), "carol", "s.c.example", Mode::kDo))),
            "ok");
  EXPECT_EQ(alias("www.c.example"), "ok");
  EXPECT_EQ(told(world_->finish(
                panel().renameDomain(actor(), "c.example", {"n.example", true}, {}, Mode::kDo))),
            "ok");
  EXPECT_EQ(last(), "site.apply username=carol domain=n.example alias=www.n.example");
  for (const char* name : {"n.example", "s.n.example", "www.n.example"})
    EXPECT_EQ(panel().domain(name)->state, DomainState::kActive) << name;
  EXPECT_EQ(panel().domain("www.n.example")->targetName, "n.example");
  EXPECT_EQ(panel().domains("carol", {})->items.size(), 3U);
}

TEST_P(PanelPeopleTest, ADomainsRenameThatFailsLeavesTheOldNames) {
  ASSERT_EQ(told(world_->finish(panel().addDomain(actor(), "carol", "s.c.example", Mode::kDo))),
            "ok");
  EXPECT_EQ(alias("www.c.example"), "ok");
  agent().refuse("site.apply username=carol domain=n.example", Code::kInternal, "broken", 1);
  EXPECT_EQ(told(world_->finish(
                panel().renameDomain(actor(), "c.example", {"n.example", true}, {}, Mode::kDo))),
            "failed");
  for (const char* name : {"c.example", "s.c.example", "www.c.example"})
    EXPECT_EQ(panel().domain(name)->state, DomainState::kActive) << name;
  EXPECT_EQ(panel().domains("carol", {})->items.size(), 3U);
  EXPECT_EQ(agent().facts().count("site c.example serve carol"), 1U);
  EXPECT_EQ(agent().facts().count("site s.c.example serve carol"), 1U);
}

TEST_P(PanelPeopleTest, ANewNamePassesTheRulesOfANewDomain) {
  ASSERT_EQ(world_->create("bob", "b.example")->state, JobState::kSucceeded);
  EXPECT_EQ(alias("d.example"), "ok");
  const auto rename = [&](const std::string& of, const std::string& name,
                          const Expected& expected = {}) {
    return told(
        world_->finish(panel().renameDomain(actor(), of, {name, false}, expected, Mode::kDo)));
  };
  EXPECT_EQ(rename("c.example", "b.example"), "conflict name");
  EXPECT_EQ(rename("c.example", "x.b.example"), "conflict name");
  EXPECT_EQ(rename("c.example", "d.example"), "already_exists name");
  EXPECT_EQ(rename("c.example", "C.example"), "invalid_argument name");
  EXPECT_EQ(rename("c.example", "*.example"), "invalid_argument domain");
  EXPECT_EQ(rename("d.example", "e.example"), "conflict ");
  EXPECT_EQ(rename("c.example", "e.example", 99), "conflict ");
  EXPECT_EQ(rename("none.example", "e.example"), "not_found ");
  EXPECT_EQ(panel().domains("carol", {})->items.size(), 2U);
}

TEST_P(PanelPeopleTest, NobodyElseGetsANameThatIsOnItsWay) {
  std::promise<void> release;
  const auto released = release.get_future().share();
  agent().beforeCall = [released](const std::string& call) {
    if (call.starts_with("account.rename") || call.starts_with("site.rename")) released.wait();
  };
  const auto first = panel().renameAccount(actor(), "carol", "eva", {}, Mode::kDo);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(
      panel().createAccount(actor(), {"eva", "basic", "e.example", false}, Mode::kDo).error().code,
      Code::kAlreadyExists);
  EXPECT_EQ(panel().renameDomain(actor(), "c.example", {"n.example"}, {}, Mode::kDo).error().code,
            Code::kConflict);  // one at a time
  release.set_value();
  EXPECT_EQ(told(world_->finish(first)), "ok");
}

// ---- database users

TEST_P(PanelPeopleTest, DatabaseUsersBelongToOneAccount) {
  ASSERT_EQ(world_->create("bob", "b.example")->state, JobState::kSucceeded);
  const auto add = [&](const std::string& account, const std::string& name) {
    return told(world_->finish(panel().addDatabaseUser(actor(), account, name, Mode::kDo)));
  };
  const auto remove = [&](const std::string& account, const std::string& name) {
    return told(world_->finish(panel().removeDatabaseUser(actor(), account, name, Mode::kDo)));
  };
  EXPECT_EQ(add("carol", "carol_wp"), "ok");
  EXPECT_EQ(add("bob", "carol_wp"), "already_exists name");
  EXPECT_EQ(add("bob", "a b"), "invalid_argument name");
  EXPECT_EQ(add("nobody1", "x"), "not_found ");
  EXPECT_EQ(panel().databaseUsers("carol", {})->items.size(), 1U);
  EXPECT_TRUE(panel().databaseUsers("bob", {})->items.empty());
  EXPECT_EQ(panel().databaseUsers("nobody1", {}).error().code, Code::kNotFound);
  EXPECT_EQ(remove("bob", "carol_wp"), "not_found ");
  EXPECT_EQ(remove("carol", "carol_wp"), "ok");
  EXPECT_EQ(remove("carol", "carol_wp"), "not_found ");
  EXPECT_EQ(add("carol", "carol_wp"), "ok");
  ASSERT_EQ(told(world_->finish(panel().deleteAccount(actor(), "carol", Mode::kDo))), "ok");
  EXPECT_EQ(add("bob", "carol_wp"), "ok");  // went with its account
}

}  // namespace
}  // namespace bulkhead::api
