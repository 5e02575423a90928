// Administrators and resellers: whom names belong to, and that nobody goes who still owns
// something.
#include "api/usecases/people.h"

#include <atomic>
#include <thread>

#include "tests/support/people_scene.h"

namespace bulkhead::api {
namespace {

class PeopleTest : public PeopleScene {};
INSTANTIATE_TEST_SUITE_P(Stores,
                         PeopleTest,
                         ::testing::ValuesIn(testing::storeKinds()),
                         [](const auto& kind) { return kind.param.name; });

TEST_P(PeopleTest, AResellerIsCreatedReadAndChanged) {
  ASSERT_EQ(addAccount("bob", "")->state, JobState::kSucceeded);
  addAdmin("admin2");
  NewReseller wanted = named("rita");
  wanted.email = "rita@R.example";
  wanted.locale = "EN_us";
  wanted.account = "bob";
  wanted.owner = "admin2";
  wanted.accountsMax = 3;
  const auto made = people().createReseller(actor(), wanted);
  ASSERT_TRUE(made.ok()) << made.error().message;
  EXPECT_EQ(made->hostId(), 1000000001U);
  EXPECT_EQ(made->email, "rita@r.example");
  EXPECT_EQ(made->accountName, "bob");
  EXPECT_EQ(made->owner, "admin2");
  EXPECT_EQ(people().reseller(made->id)->name, "rita");
  EXPECT_EQ(people().resellers({})->items.size(), 1U);
  ResellerChange change;
  change.name = "rosa";
  change.email = std::optional<std::string>();
  change.account = std::optional<std::string>();
  change.owner = "alice";  // the main administrator
  change.accountsMax = 9;
  const auto changed = people().changeReseller(actor(), "rita", change, made->revision);
  ASSERT_TRUE(changed.ok()) << changed.error().message;
  EXPECT_EQ(changed->name, "rosa");
  EXPECT_FALSE(changed->email.has_value());
  EXPECT_EQ(changed->locale, "EN_us");
  EXPECT_EQ(changed->accountName, "");
  EXPECT_EQ(changed->owner, "alice");
  EXPECT_EQ(changed->accountsMax, 9U);
  EXPECT_EQ(changed->hostId(), 1000000001U);
  EXPECT_EQ(told(people().reseller("rita")), "not_found ");
}

TEST_P(PeopleTest, RefusesAResellerOfBadText) {
  const auto with = [&](auto set) {
    NewReseller wanted = named("rita");
    set(wanted);
    return told(people().createReseller(actor(), wanted));
  };
  for (const char* name : {"", "ab", "Rita", "a;id", "root", "none", "system"})
    EXPECT_EQ(with([&](NewReseller& r) { r.name = name; }), "invalid_argument name") << name;
  EXPECT_EQ(with([](NewReseller& r) { r.email = "x"; }), "invalid_argument email");
  EXPECT_EQ(with([](NewReseller& r) { r.locale = "english"; }), "invalid_argument locale");
  EXPECT_EQ(with([](NewReseller& r) { r.accountsMax = 1000001; }), "invalid_argument accounts_max");
  EXPECT_EQ(with([](NewReseller& r) { r.account = "nobody1"; }), "not_found account");
  EXPECT_EQ(with([](NewReseller& r) { r.owner = "nobody1"; }), "not_found owner");
  EXPECT_TRUE(people().resellers({})->items.empty());
}

TEST_P(PeopleTest, AResellerIsOwnedByAnAdministratorOnly) {
  addReseller("rita");
  NewReseller wanted = named("rob");
  wanted.owner = "rita";
  EXPECT_EQ(told(people().createReseller(actor(), wanted)), "not_found owner");
  ResellerChange change;
  change.owner = "rita";
  EXPECT_EQ(told(people().changeReseller(actor(), "rita", change, {})), "not_found owner");
}

TEST_P(PeopleTest, RefusesAChangeOfWhatHasChanged) {
  const Reseller rita = addReseller("rita");
  ResellerChange change;
  change.accountsMax = 5;
  ASSERT_TRUE(people().changeReseller(actor(), "rita", change, rita.revision).ok());
  EXPECT_EQ(told(people().changeReseller(actor(), "rita", change, rita.revision)), "conflict ");
  EXPECT_EQ(told(people().deleteReseller(actor(), "rita", "", rita.revision)), "conflict ");
  change.email = std::optional<std::string>("x");
  EXPECT_EQ(told(people().changeReseller(actor(), "rita", change, {})), "invalid_argument email");
  change = {};
  change.accountsMax = 1000001;
  EXPECT_EQ(told(people().changeReseller(actor(), "rita", change, {})),
            "invalid_argument accounts_max");
  EXPECT_EQ(told(people().changeReseller(actor(), "rob", {}, {})), "not_found ");
}

TEST_P(PeopleTest, NoNameIsAnAdministratorsAndAResellers) {
  addReseller("rita");
  addAdmin("admin2");
  EXPECT_EQ(told(people().createReseller(actor(), named("admin2"))), "already_exists name");
  EXPECT_EQ(told(people().createReseller(actor(), named("alice"))), "already_exists name");
  EXPECT_EQ(told(people().createReseller(actor(), named("rita"))), "already_exists name");
  ResellerChange change;
  change.name = "admin2";
  EXPECT_EQ(told(people().changeReseller(actor(), "rita", change, {})), "already_exists name");
  change.name = "system";
  EXPECT_EQ(told(people().changeReseller(actor(), "rita", change, {})), "invalid_argument name");
  for (const char* name : {"rita", "admin2", "alice"}) {
    const NewAdministrator wanted{name, "hash"};
    EXPECT_EQ(told(people().createAdministrator(actor(), wanted)), "already_exists username");
  }
}

TEST_P(PeopleTest, OneNameAtOnceGoesToOneOfThem) {
  for (int round = 0; round < 10; ++round) {
    const std::string name = "name" + std::to_string(round);
    std::atomic<int> won = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 6; ++i)
      threads.emplace_back([&, i] {
        const bool made = i % 2 == 0 ? people().createReseller(actor(), named(name)).ok()
                                     : people().createAdministrator(actor(), {name, "hash"}).ok();
        if (made) ++won;
      });
    for (auto& thread : threads)
      thread.join();
    EXPECT_EQ(won, 1) << name;
  }
}

TEST_P(PeopleTest, ResellersComeAfterTheMainAdministrator) {
  world_->admins().forgetMain();
  world_->restart();
  EXPECT_EQ(told(people().createReseller(actor(), named("rita"))), "conflict ");
  EXPECT_EQ(panel().plan("basic")->owner, "root");  // the main administrator's name until then
}

TEST_P(PeopleTest, AResellerThatOwnsSomethingGoesOnlyWhenSomebodyTakesItOver) {
  addReseller("rita");
  addReseller("rob", 1);
  ASSERT_EQ(addAccount("bob", "rita")->state, JobState::kSucceeded);
  ASSERT_TRUE(panel().createPlan(actor(), "hers", {}, "rita").ok());
  const auto refused = people().deleteReseller(actor(), "rita", "", {});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::kConflict);
  EXPECT_EQ(refused.error().message,
            "owns 1 account, 1 plan and 0 resellers; name who takes them over (reassign_to)");
  EXPECT_EQ(told(people().deleteReseller(actor(), "rita", "nobody1", {})), "not_found reassign_to");
  EXPECT_EQ(told(people().deleteReseller(actor(), "rita", "rita", {})),
            "invalid_argument reassign_to");
  ASSERT_EQ(addAccount("eva", "rob")->state, JobState::kSucceeded);
  EXPECT_EQ(told(people().deleteReseller(actor(), "rita", "rob", {})),
            "limit_exceeded reassign_to");
  EXPECT_EQ(panel().account("bob")->owner, "rita");  // refusals moved nothing
  ASSERT_EQ(told(people().deleteReseller(actor(), "rita", "alice", {})), "ok");
  EXPECT_EQ(panel().account("bob")->owner, "alice");
  EXPECT_EQ(panel().plan("hers")->owner, "alice");
  EXPECT_EQ(told(people().reseller("rita")), "not_found ");
  EXPECT_EQ(told(people().deleteReseller(actor(), "rita", "", {})), "not_found ");
}

// The scripts take an account of an administrator's, called like an administrator's Unix user, for
// that administrator.
TEST_P(PeopleTest, AResellersCustomerBecomesNoAdministratorWithTheResellersEnd) {
  addReseller("rita");
  addReseller("rob");
  ASSERT_EQ(addAccount("opsadm", "rita")->state, JobState::kSucceeded);
  addAdmin("admin2", "opsadm");
  for (const char* heir : {"alice", "admin2"})
    EXPECT_EQ(told(people().deleteReseller(actor(), "rita", heir, {})), "conflict reassign_to");
  EXPECT_EQ(panel().account("opsadm")->owner, "rita");
  EXPECT_EQ(told(people().deleteReseller(actor(), "rita", "rob", {})), "ok");
  EXPECT_EQ(panel().account("opsadm")->owner, "rob");
}

TEST_P(PeopleTest, FiftyCreationsAtALimitGiveExactlyTheLimit) {
  addReseller("rita", 7);
  std::atomic<int> made = 0;
  std::atomic<int> limited = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 50; ++i)
    threads.emplace_back([&, i] {
      const std::string name = "user" + std::to_string(i);
      NewAccount wanted{name, "basic", name + ".example", false};
      wanted.owner = "rita";
      const auto started = panel().createAccount(actor(), wanted, Mode::kDo);
      if (started.ok()) ++made;
      if (told(started) == "limit_exceeded owner") ++limited;
    });
  for (auto& thread : threads)
    thread.join();
  EXPECT_EQ(made, 7);
  EXPECT_EQ(limited, 43);
}

}  // namespace
}  // namespace bulkhead::api
