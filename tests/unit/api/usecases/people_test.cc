// Administrators and resellers: whom names belong to, and that nobody goes who still owns
// something.
#include "api/usecases/people.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support/filling_store.h"
#include "tests/support/panel_world.h"

namespace bulkhead::api {
namespace {

using testing::PanelWorld;

class PeopleTest : public ::testing::TestWithParam<testing::StoreKind> {
 protected:
  void SetUp() override {
    world_ = std::make_unique<PanelWorld>(GetParam().make());
    world_->addPlan();
  }
  void TearDown() override { world_.reset(); }
  People& people() { return world_->people(); }
  Panel& panel() { return world_->panel(); }
  static Actor actor() { return PanelWorld::actor(); }
  static NewReseller named(const std::string& name) {
    NewReseller wanted;
    wanted.name = name;
    return wanted;
  }
  Reseller addReseller(const std::string& name, std::uint32_t accountsMax = 0) {
    NewReseller wanted = named(name);
    wanted.accountsMax = accountsMax;
    return people().createReseller(actor(), wanted).value();
  }
  Administrator addAdmin(const std::string& name, const std::optional<std::string>& unixUser = {}) {
    NewAdministrator wanted;
    wanted.name = name;
    wanted.passwordHash = "hash";
    wanted.unixUser = unixUser;
    return people().createAdministrator(actor(), wanted).value();
  }
  Result<Job> addAccount(const std::string& name, const std::string& owner) {
    NewAccount wanted{name, "basic", name + ".example", false};
    wanted.owner = owner;
    return world_->finish(panel().createAccount(actor(), wanted, Mode::kDo));
  }
  // "code field" of a refusal, "ok" otherwise.
  template <typename T>
  static std::string told(const Result<T>& result) {
    return result.ok() ? "ok"
                       : std::string(codeName(result.error().code)) + " " + result.error().field;
  }
  std::vector<std::string> kindsOfJobs() {
    std::vector<std::string> kinds;
    const auto page = panel().jobs({});
    for (const auto& job : page->items)
      kinds.push_back(job.kind);
    return kinds;
  }
  std::unique_ptr<PanelWorld> world_;
};
INSTANTIATE_TEST_SUITE_P(Stores,
                         PeopleTest,
                         ::testing::ValuesIn(testing::storeKinds()),
                         [](const auto& kind) { return kind.param.name; });

// ---- resellers

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

// ---- administrators

TEST_P(PeopleTest, AnAdministratorWithAUnixUserIsMadeKnownToTheHost) {
  addAdmin("billing");
  EXPECT_TRUE(kindsOfJobs().empty());
  addAdmin("admin2", "opsadm");
  ASSERT_EQ(kindsOfJobs(), std::vector<std::string>{"admin.create"});
  const std::string id = panel().jobs({})->items[0].id;
  EXPECT_EQ(panel().waitForJob(id, std::chrono::seconds(10))->state, JobState::kSucceeded);
  const auto job = world_->store().read([&](const Tables& t) { return t.jobs().find(id); });
  EXPECT_EQ(job->details.name, "admin2");
  EXPECT_EQ(job->details.unixUser, "opsadm");
  ASSERT_EQ(told(people().deleteAdministrator(actor(), "admin2", "", {})), "ok");
  EXPECT_EQ(kindsOfJobs().front(), "admin.delete");
  ASSERT_EQ(told(people().deleteAdministrator(actor(), "billing", "", {})), "ok");
  EXPECT_EQ(kindsOfJobs().size(), 2U);
}

TEST_P(PeopleTest, TheHostForgetsAUnixUserWithItsLastAdministrator) {
  addAdmin("admin2", "opsadm");
  addAdmin("admin3", "opsadm");
  ASSERT_EQ(told(people().deleteAdministrator(actor(), "admin2", "", {})), "ok");
  EXPECT_EQ(kindsOfJobs(),
            (std::vector<std::string>{"admin.delete", "admin.create", "admin.create"}));
  AdministratorChange change;
  change.unixUser = std::optional<std::string>("other");
  ASSERT_TRUE(people().changeAdministrator(actor(), "admin3", change, {}).ok());
  auto kinds = kindsOfJobs();
  kinds.resize(2);
  EXPECT_EQ(std::multiset<std::string>(kinds.begin(), kinds.end()),
            (std::multiset<std::string>{"admin.create", "admin.delete"}));
}

TEST_P(PeopleTest, RefusesAnAdministratorOfBadText) {
  const auto with = [&](auto set) {
    NewAdministrator wanted{"admin2", "hash"};
    set(wanted);
    return told(people().createAdministrator(actor(), wanted));
  };
  for (const char* name : {"", "ab", "Ops", "root", "nobody"})
    EXPECT_EQ(with([&](NewAdministrator& a) { a.name = name; }), "invalid_argument username");
  EXPECT_EQ(with([](NewAdministrator& a) { a.email = "x"; }), "invalid_argument email");
  EXPECT_EQ(with([](NewAdministrator& a) { a.locale = "x"; }), "invalid_argument locale");
  EXPECT_EQ(with([](NewAdministrator& a) { a.unixUser = "a b"; }), "invalid_argument unix_user");
}

TEST_P(PeopleTest, TheHostHearsNothingOfWhatCouldNotBeStored) {
  world_->agent().hooks.scripts = {"post_modify_admin.py"};
  addAdmin("admin2");
  world_->admins().failNext({Code::kUnavailable, "storage is full", ""});
  EXPECT_EQ(told(people().createAdministrator(actor(), {"admin3", "h", {}, {}, "opsadm"})),
            "unavailable ");
  EXPECT_EQ(told(people().administrator("admin3")), "not_found ");
  world_->admins().failNext({Code::kUnavailable, "storage is full", ""});
  AdministratorChange change;
  change.unixUser = std::optional<std::string>("opsadm");
  EXPECT_EQ(told(people().changeAdministrator(actor(), "admin2", change, {})), "unavailable ");
  EXPECT_FALSE(people().administrator("admin2")->unixUser.has_value());
  const auto jobs = panel().jobs({});
  EXPECT_EQ(jobs->items.size(), 2U);
  for (const auto& job : jobs->items)
    EXPECT_EQ(panel().waitForJob(job.id, std::chrono::seconds(10))->state, JobState::kSucceeded);
  EXPECT_TRUE(world_->agent().calls().empty());
}

TEST_P(PeopleTest, NobodyGetsAnAccountByTheNameOfAnAdministratorsUnixUser) {
  addAdmin("admin2");
  AdministratorChange change;
  change.unixUser = std::optional<std::string>("opsadm");
  ASSERT_TRUE(people().changeAdministrator(actor(), "admin2", change, {}).ok());
  EXPECT_EQ(told(world_->create("opsadm", "o.example")), "conflict ");
  ASSERT_TRUE(world_->create("carol", "c.example").ok());
  EXPECT_EQ(told(world_->panel().renameAccount(actor(), "carol", "opsadm", {}, Mode::kDo)),
            "conflict ");
}

TEST_P(PeopleTest, ChangesAnAdministratorButNeitherNameNorTheMainOnesUser) {
  const Administrator ops = addAdmin("admin2");
  AdministratorChange change;
  change.email = std::optional<std::string>("ops@host.example");
  const auto changed = people().changeAdministrator(actor(), "admin2", change, ops.revision);
  ASSERT_TRUE(changed.ok());
  EXPECT_EQ(changed->email, "ops@host.example");
  EXPECT_EQ(told(people().changeAdministrator(actor(), "admin2", change, ops.revision)),
            "conflict ");
  EXPECT_EQ(told(people().changeAdministrator(actor(), "nobody1", change, {})), "not_found ");
  change.unixUser = std::optional<std::string>("a b");
  EXPECT_EQ(told(people().changeAdministrator(actor(), "admin2", change, {})),
            "invalid_argument unix_user");
  change.unixUser = std::optional<std::string>("opsadm");
  EXPECT_EQ(told(people().changeAdministrator(actor(), "alice", change, {})), "conflict unix_user");
  world_->admins().forgetMain();
  EXPECT_EQ(told(people().changeAdministrator(actor(), "root", change, {})), "not_found ");
}

TEST_P(PeopleTest, AnAdministratorThatOwnsSomethingGoesOnlyWhenSomebodyTakesItOver) {
  addAdmin("admin2");
  NewReseller wanted = named("rita");
  wanted.owner = "admin2";
  ASSERT_TRUE(people().createReseller(actor(), wanted).ok());
  ASSERT_EQ(addAccount("bob", "admin2")->state, JobState::kSucceeded);
  EXPECT_EQ(panel().account("bob")->owner, "admin2");
  const auto refused = people().deleteAdministrator(actor(), "admin2", "", {});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message,
            "owns 1 account, 0 plans and 1 reseller; name who takes them over (reassign_to)");
  EXPECT_EQ(told(people().deleteAdministrator(actor(), "admin2", "rita", {})),
            "conflict reassign_to");  // resellers are not owned by resellers
  EXPECT_EQ(told(people().deleteAdministrator(actor(), "admin2", "admin2", {})),
            "invalid_argument reassign_to");
  ASSERT_EQ(told(people().deleteAdministrator(actor(), "admin2", "alice", {})), "ok");
  EXPECT_EQ(panel().account("bob")->owner, "alice");
  EXPECT_EQ(people().reseller("rita")->owner, "alice");
  EXPECT_EQ(told(people().administrator("admin2")), "not_found ");
}

TEST_P(PeopleTest, ADeletionThatFailsHalfWayLeavesNothingWithoutAnOwner) {
  addAdmin("admin2");
  ASSERT_EQ(addAccount("bob", "admin2")->state, JobState::kSucceeded);
  world_->admins().failNext({Code::kUnavailable, "storage is full", ""});
  EXPECT_EQ(told(people().deleteAdministrator(actor(), "admin2", "alice", {})), "unavailable ");
  EXPECT_EQ(told(people().administrator("admin2")), "ok");
  EXPECT_EQ(panel().account("bob")->owner, "alice");
  EXPECT_EQ(told(people().deleteAdministrator(actor(), "admin2", "", {})), "ok");
}

// Two databases cannot commit as one: wherever the second one fails, the host hears in the end of
// whoever is an administrator, and of nobody else.
class PeopleOnAFullDiskTest : public PeopleTest {
 protected:
  void SetUp() override {
    auto filling = std::make_unique<testing::FillingUnderTest>(GetParam().make());
    left_ = &filling->writesLeft;
    world_ = std::make_unique<PanelWorld>(std::move(filling));
    world_->addPlan();
    world_->agent().hooks.scripts = {"post_modify_admin.py"};
  }
  // `change` with so many writes left, then a restart with room again.
  void duringFullDisk(int writes, const std::function<void()>& change) {
    before_ = world_->agent().calls().size();
    *left_ = writes;
    change();
    *left_ = testing::FillingStore::kNever;
    world_->restart();
    const auto page = panel().jobs({});
    for (const auto& job : page->items)
      EXPECT_TRUE(panel().waitForJob(job.id, std::chrono::seconds(10))->ended()) << job.kind;
  }
  bool heard(const std::string& event) {
    const auto calls = world_->agent().calls();
    return std::find(calls.begin() + static_cast<std::ptrdiff_t>(before_), calls.end(),
                     "hook.run event=" + event) != calls.end();
  }
  std::atomic<int>* left_ = nullptr;
  std::size_t before_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Stores,
                         PeopleOnAFullDiskTest,
                         ::testing::ValuesIn(testing::storeKinds()),
                         [](const auto& kind) { return kind.param.name; });

TEST_P(PeopleOnAFullDiskTest, TheHostHearsOfWhomeverWasCreated) {
  for (int writes = 0; writes <= 3; ++writes) {
    const std::string name = "admin" + std::to_string(writes);
    duringFullDisk(writes, [&] {
      (void)people().createAdministrator(actor(), {name, "hash", {}, {}, "of" + name});
    });
    EXPECT_EQ(people().administrator(name).ok(), heard("admin_created admin=of" + name)) << writes;
  }
}

TEST_P(PeopleOnAFullDiskTest, TheHostHearsOfAnotherUnixUser) {
  addAdmin("admin2", "user0");
  std::string now = "user0";
  for (int writes = 0; writes <= 3; ++writes) {
    const std::string next = "next" + std::to_string(writes);
    duringFullDisk(writes, [&] {
      AdministratorChange change;
      change.unixUser = std::optional<std::string>(next);
      (void)people().changeAdministrator(actor(), "admin2", change, {});
    });
    const bool changed = people().administrator("admin2")->unixUser == next;
    EXPECT_EQ(changed, heard("admin_created admin=" + next)) << writes;
    EXPECT_EQ(changed, heard("admin_removed admin=" + now)) << writes;
    if (changed) now = next;
  }
}

TEST_P(PeopleOnAFullDiskTest, TheHostHearsOfWhomeverWasRemovedAndNothingIsWithoutAnOwner) {
  for (int writes = 0; writes <= 4; ++writes) {
    const std::string name = "admin" + std::to_string(writes);
    addAdmin(name, "of" + name);
    ASSERT_TRUE(addAccount("user" + std::to_string(writes), name).ok());
    duringFullDisk(writes, [&] { (void)people().deleteAdministrator(actor(), name, "alice", {}); });
    const bool gone = !people().administrator(name).ok();
    EXPECT_EQ(gone, heard("admin_removed admin=of" + name)) << writes;
    const auto account = panel().account("user" + std::to_string(writes));
    EXPECT_TRUE(people().administrator(account->owner).ok()) << account->owner;
  }
}

TEST_P(PeopleTest, TheHostHearsOnlyWhatIsStillTrue) {
  world_->agent().hooks.scripts = {"post_modify_admin.py"};
  addAdmin("admin2", "opsadm");
  addAdmin("admin3", "opsadm");
  ASSERT_EQ(told(people().deleteAdministrator(actor(), "admin2", "", {})), "ok");
  const auto jobs = panel().jobs({});
  for (const auto& job : jobs->items)
    EXPECT_EQ(panel().waitForJob(job.id, std::chrono::seconds(10))->state, JobState::kSucceeded);
  const auto removal = panel().jobs({})->items.front();
  EXPECT_EQ(removal.kind, "admin.delete");
  ASSERT_EQ(removal.steps.size(), 1U);
  EXPECT_EQ(removal.steps[0].state, StepState::kSkipped);
  EXPECT_EQ(removal.steps[0].evidence.at(0).check, "nothing to tell any more");
  const auto calls = world_->agent().calls();
  EXPECT_EQ(std::count(calls.begin(), calls.end(), "hook.run event=admin_created admin=opsadm"), 2);
  EXPECT_EQ(std::count(calls.begin(), calls.end(), "hook.run event=admin_removed admin=opsadm"), 0);
}

TEST_P(PeopleTest, TheMainAdministratorStays) {
  EXPECT_EQ(told(people().deleteAdministrator(actor(), "alice", "", {})), "conflict ");
  EXPECT_EQ(told(people().deleteAdministrator(actor(), "nobody1", "", {})), "not_found ");
}

}  // namespace
}  // namespace bulkhead::api
