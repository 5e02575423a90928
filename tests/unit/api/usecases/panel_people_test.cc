// Accounts and domains as their owners see them: owner, plan and contact, aliases, main domains,
// PHP, database users.
#include <thread>

#include <gtest/gtest.h>

#include "common/types/host_names.h"
#include "tests/support/panel_people_scene.h"

namespace bulkhead::api {
namespace {

using testing::PanelWorld;

class PanelPeopleTest : public PanelPeopleScene {};
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
  EXPECT_EQ(job.kind, "account.update");
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
  for (const auto& refused : {panel().deleteAccount(actor(), "carol", Mode::kDo),
                              panel().purgeAccount(actor(), "carol", Mode::kDo)}) {
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().message, "administrator admin2 works as this user");
  }
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
  ASSERT_EQ(told(world_->finish(panel().purgeAccount(actor(), "carol", Mode::kDo))), "ok");
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
  ASSERT_EQ(told(world_->finish(panel().purgeAccount(actor(), "carol", Mode::kDo))), "ok");
  EXPECT_EQ(add("bob", "carol_wp"), "ok");  // went with its account
}

TEST_P(PanelPeopleTest, AnAccountHasAsManyDatabaseUsersAsTheHostCanBeToldOf) {
  const auto id = panel().account("carol")->id;
  ASSERT_TRUE(world_->store()
                  .write([&](Tables& t) -> Result<Ok> {
                    for (std::size_t i = 0; i < DatabaseUserName::kPerAccountMax; ++i)
                      TRY(t.databaseUsers().add({"carol_" + std::to_string(i), id, 1}));
                    return Ok{};
                  })
                  .ok());
  EXPECT_EQ(told(world_->finish(panel().addDatabaseUser(actor(), "carol", "carol_wp", Mode::kDo))),
            "limit_exceeded name");
  ASSERT_EQ(
      told(world_->finish(panel().removeDatabaseUser(actor(), "carol", "carol_7", Mode::kDo))),
      "ok");
  EXPECT_EQ(told(world_->finish(panel().addDatabaseUser(actor(), "carol", "carol_wp", Mode::kDo))),
            "ok");
}

}  // namespace
}  // namespace bulkhead::api
