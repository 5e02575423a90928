// Administrators: who they are, what becomes of what they own, and what the host hears of them.
#include <algorithm>
#include <atomic>
#include <functional>

#include "tests/support/filling_store.h"
#include "tests/support/people_scene.h"

namespace bulkhead::api {
namespace {

class PeopleAdminsTest : public PeopleScene {};
INSTANTIATE_TEST_SUITE_P(Stores,
                         PeopleAdminsTest,
                         ::testing::ValuesIn(testing::storeKinds()),
                         [](const auto& kind) { return kind.param.name; });

TEST_P(PeopleAdminsTest, AnAdministratorWithAUnixUserIsMadeKnownToTheHost) {
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

TEST_P(PeopleAdminsTest, TheHostForgetsAUnixUserWithItsLastAdministrator) {
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

TEST_P(PeopleAdminsTest, RefusesAnAdministratorOfBadText) {
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

TEST_P(PeopleAdminsTest, TheHostHearsNothingOfWhatCouldNotBeStored) {
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

TEST_P(PeopleAdminsTest, NobodyGetsAnAccountByTheNameOfAnAdministratorsUnixUser) {
  addAdmin("admin2");
  AdministratorChange change;
  change.unixUser = std::optional<std::string>("opsadm");
  ASSERT_TRUE(people().changeAdministrator(actor(), "admin2", change, {}).ok());
  EXPECT_EQ(told(world_->create("opsadm", "o.example")), "conflict ");
  ASSERT_TRUE(world_->create("carol", "c.example").ok());
  EXPECT_EQ(told(world_->panel().renameAccount(actor(), "carol", "opsadm", {}, Mode::kDo)),
            "conflict ");
}

TEST_P(PeopleAdminsTest, ChangesAnAdministratorButNeitherNameNorTheMainOnesUser) {
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

TEST_P(PeopleAdminsTest, AnAdministratorThatOwnsSomethingGoesOnlyWhenSomebodyTakesItOver) {
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

TEST_P(PeopleAdminsTest, ADeletionThatFailsHalfWayLeavesNothingWithoutAnOwner) {
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
class PeopleOnAFullDiskTest : public PeopleScene {
 protected:
  void SetUp() override {
    auto filling = std::make_unique<testing::FillingUnderTest>(GetParam().make());
    left_ = &filling->writesLeft;
    world_ = std::make_unique<testing::PanelWorld>(std::move(filling));
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

TEST_P(PeopleAdminsTest, TheHostHearsOnlyWhatIsStillTrue) {
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

TEST_P(PeopleAdminsTest, TheMainAdministratorStays) {
  EXPECT_EQ(told(people().deleteAdministrator(actor(), "alice", "", {})), "conflict ");
  EXPECT_EQ(told(people().deleteAdministrator(actor(), "nobody1", "", {})), "not_found ");
}

}  // namespace
}  // namespace bulkhead::api
