// What somebody does not reach is to him as if it were not there: in checks, in lists, and in the
// transaction that makes a change, whatever was true when the request was let in.
#include "api/usecases/reach.h"

#include <atomic>
#include <thread>

#include "tests/support/people_scene.h"

namespace bulkhead::api {
namespace {

class ReachTest : public PeopleScene {
 protected:
  void SetUp() override {
    PeopleScene::SetUp();
    rita_ = addReseller("rita").id;
    rolf_ = addReseller("rolf").id;
    planOf("ritas", "rita");
    planOf("rolfs", "rolf");
    ASSERT_EQ(addAccount("carol", "rita")->state, JobState::kSucceeded);
    ASSERT_EQ(addAccount("dora", "rolf")->state, JobState::kSucceeded);
    carol_ = panel().account("carol")->id;
    dora_ = panel().account("dora")->id;
    borders_ = std::make_unique<StoreBorders>(world_->store());
  }
  void TearDown() override {
    borders_.reset();
    PeopleScene::TearDown();
  }
  void planOf(const std::string& name, const std::string& owner) {
    ASSERT_TRUE(panel().createPlan(actor(), name, testing::PanelWorld::limits(), owner).ok());
  }
  Reach ofRita() const { return {Reach::Kind::kReseller, rita_}; }
  Reach ofCarol() const { return {Reach::Kind::kAccount, carol_}; }
  Actor as(const Reach& reach) const {
    Actor who = actor();
    who.reach = reach;
    return who;
  }
  std::string check(const Reach& reach, Named what, const std::string& key) {
    return told(borders_->check(reach, what, key));
  }
  template <typename T, typename Name>
  static std::string names(const Result<Page<T>>& page, Name name) {
    std::string all;
    for (const auto& item : page->items)
      all += name(item) + " ";
    return all;
  }
  std::string jobOf(const std::string& accountId) {
    const auto page = panel().jobs({});
    for (const auto& job : page->items)
      if (job.accountId == accountId) return job.id;
    return "";
  }
  std::string rita_, rolf_, carol_, dora_;
  std::unique_ptr<StoreBorders> borders_;
};
INSTANTIATE_TEST_SUITE_P(Stores,
                         ReachTest,
                         ::testing::ValuesIn(testing::storeKinds()),
                         [](const auto& kind) { return kind.param.name; });

TEST_P(ReachTest, LetsAResellerMeetItsOwn) {
  for (const auto& [what, key] :
       std::vector<std::pair<Named, std::string>>{{Named::kAccount, "carol"},
                                                  {Named::kAccount, carol_},
                                                  {Named::kDomain, "carol.example"},
                                                  {Named::kDomain, "CAROL.example"},
                                                  {Named::kPlan, "ritas"},
                                                  {Named::kReseller, "rita"},
                                                  {Named::kReseller, rita_},
                                                  {Named::kOwner, "rita"},
                                                  {Named::kOwner, rita_},
                                                  {Named::kJob, jobOf(carol_)}})
    EXPECT_EQ(check(ofRita(), what, key), "ok") << key;
}
TEST_P(ReachTest, SaysOfAnothersWhatItSaysOfWhatIsNotThere) {
  const std::vector<std::tuple<Named, std::string, std::string>> pairs{
      {Named::kAccount, "dora", "nobody"},
      {Named::kAccount, dora_, "acc_01J00000000000000000000000"},
      {Named::kDomain, "dora.example", "none.example"},
      {Named::kPlan, "rolfs", "none"},
      {Named::kPlan, "basic", "none"},
      {Named::kReseller, "rolf", "nobody"},
      {Named::kOwner, "rolf", "nobody"},
      {Named::kOwner, "alice", "nobody"},
      {Named::kJob, jobOf(dora_), "job_01J00000000000000000000000"},
      {Named::kOther, "alice", "nobody"}};
  for (const auto& [what, foreign, missing] : pairs) {
    const auto beyond = borders_->check(ofRita(), what, foreign);
    const auto nothing = borders_->check(ofRita(), what, missing);
    ASSERT_FALSE(beyond.ok()) << foreign;
    ASSERT_FALSE(nothing.ok());
    EXPECT_EQ(beyond.error().code, Code::kNotFound);
    EXPECT_EQ(beyond.error().message, nothing.error().message);
  }
}
TEST_P(ReachTest, KeepsAUserToHisAccount) {
  EXPECT_EQ(check(ofCarol(), Named::kAccount, "carol"), "ok");
  EXPECT_EQ(check(ofCarol(), Named::kDomain, "carol.example"), "ok");
  EXPECT_EQ(check(ofCarol(), Named::kJob, jobOf(carol_)), "ok");
  for (const auto& [what, key] :
       std::vector<std::pair<Named, std::string>>{{Named::kAccount, "dora"},
                                                  {Named::kDomain, "dora.example"},
                                                  {Named::kPlan, "ritas"},
                                                  {Named::kReseller, "rita"},
                                                  {Named::kOwner, "rita"},
                                                  {Named::kOwner, "carol"},
                                                  {Named::kJob, jobOf(dora_)}})
    EXPECT_EQ(check(ofCarol(), what, key), "not_found ") << key;
}
TEST_P(ReachTest, AsksNothingOfWhoeverReachesEverything) {
  EXPECT_EQ(check({}, Named::kAccount, "nobody"), "ok");
}
TEST_P(ReachTest, OfNothingReachesNothing) {
  const Reach nothing{Reach::Kind::kNothing, ""};
  EXPECT_EQ(check(nothing, Named::kAccount, "carol"), "not_found ");
  EXPECT_TRUE(panel().accounts({"", 50, nothing})->items.empty());
}
TEST_P(ReachTest, KeepsListsToIt) {
  const auto username = [](const Account& account) { return account.username; };
  const auto name = [](const auto& item) { return item.name; };
  const PageQuery ritas{"", 50, ofRita()};
  const PageQuery carols{"", 50, ofCarol()};
  EXPECT_EQ(names(panel().accounts(ritas), username), "carol ");
  EXPECT_EQ(names(panel().accounts(ritas, AccountState::kActive), username), "carol ");
  EXPECT_EQ(names(panel().accounts(ritas, AccountState::kSuspended), username), "");
  EXPECT_EQ(names(panel().accounts(carols), username), "carol ");
  EXPECT_EQ(names(panel().domains("", ritas), name), "carol.example ");
  EXPECT_EQ(names(panel().domains("", carols), name), "carol.example ");
  EXPECT_EQ(names(panel().domains("dora", ritas), name), "");
  EXPECT_EQ(names(panel().plans(ritas), name), "ritas ");
  EXPECT_EQ(names(panel().plans(carols), name), "");
  EXPECT_EQ(names(people().resellers(ritas), name), "rita ");
  EXPECT_EQ(names(people().resellers(carols), name), "");
  const auto account = [](const Job& job) { return job.accountId; };
  EXPECT_EQ(names(panel().jobs(ritas), account), carol_ + " ");
  EXPECT_EQ(names(panel().jobs(carols), account), carol_ + " ");
}
TEST_P(ReachTest, TakesNoCursorOfAnothersList) {
  ASSERT_EQ(addAccount("cecil", "rita")->state, JobState::kSucceeded);
  const auto page = panel().accounts({"", 1, ofRita()});
  ASSERT_NE(page->nextCursor, "");
  EXPECT_TRUE(panel().accounts({page->nextCursor, 1, ofRita()}).ok());
  for (const Reach& other : {Reach{}, Reach{Reach::Kind::kReseller, rolf_}, ofCarol()})
    EXPECT_EQ(panel().accounts({page->nextCursor, 1, other}).error().code, Code::kInvalidArgument);
}
// As when an account moves between the check at the door and the transaction.
TEST_P(ReachTest, IsLookedAtAgainWhereTheChangeIsMade) {
  const auto started = [](const Result<JobOrPreview>& result) {
    return result.ok() ? Code::kInternal : result.error().code;
  };
  for (const Mode mode : {Mode::kDo, Mode::kDryRun})
    for (const Reach& reach : {ofRita(), ofCarol(), Reach{Reach::Kind::kNothing, ""}}) {
      const Actor who = as(reach);
      EXPECT_EQ(started(panel().suspendAccount(who, "dora", mode)), Code::kNotFound);
      EXPECT_EQ(started(panel().deleteAccount(who, "dora", mode)), Code::kNotFound);
      EXPECT_EQ(started(panel().renameAccount(who, "dora", "dorothy", {}, mode)), Code::kNotFound);
      EXPECT_EQ(started(panel().changeAccount(who, "dora", {}, {}, mode)), Code::kNotFound);
      EXPECT_EQ(started(panel().addDomain(who, "dora", "new.example", mode)), Code::kNotFound);
      EXPECT_EQ(started(panel().renameDomain(who, "dora.example", {"n.example"}, {}, mode)),
                Code::kNotFound);
      EXPECT_EQ(started(panel().addDatabaseUser(who, "dora", "dora_wp", mode)), Code::kNotFound);
    }
  EXPECT_EQ(panel().account("dora")->state, AccountState::kActive);
  EXPECT_EQ(panel().domains("dora", {})->items.size(), 1U);
  EXPECT_EQ(told(panel().deletePlan(as(ofRita()), "rolfs")), "not_found ");
  EXPECT_EQ(told(panel().changePlan(as(ofRita()), "rolfs", "mine", {})), "not_found ");
  EXPECT_EQ(told(panel().changePlan(as(ofRita()), "ritas", "ritas", {}, "rolf")), "not_found ");
  EXPECT_EQ(told(panel().createPlan(as(ofRita()), "new", {}, "rolf")), "not_found ");
}
TEST_P(ReachTest, GivesAnAccountNoPlanBeyondIt) {
  const Actor rita = as(ofRita());
  for (const char* plan : {"rolfs", "basic"}) {
    NewAccount wanted{"erin", plan, "erin.example", false, "rita"};
    EXPECT_EQ(told(panel().createAccount(rita, wanted, Mode::kDo)), "not_found plan");
    AccountChange change;
    change.plan = plan;
    EXPECT_EQ(told(panel().changeAccount(rita, "carol", change, {}, Mode::kDo)), "not_found plan");
  }
}
TEST_P(ReachTest, CreatesAndMovesNoAccountBeyondIt) {
  const Actor rita = as(ofRita());
  for (const char* owner : {"rolf", "alice", ""}) {
    NewAccount wanted{"erin", "ritas", "erin.example", false, owner};
    EXPECT_EQ(told(panel().createAccount(rita, wanted, Mode::kDo)), "not_found ");
    AccountChange change;
    change.owner = owner;
    EXPECT_EQ(told(panel().changeAccount(rita, "carol", change, {}, Mode::kDo)), "not_found ");
  }
  EXPECT_EQ(panel().account("carol")->owner, "rita");
}
TEST_P(ReachTest, GivesExactlyAsManyAccountsAsAResellerMayHave) {
  constexpr std::uint32_t kMax = 10;
  ResellerChange change;
  change.accountsMax = kMax;
  ASSERT_TRUE(people().changeReseller(actor(), "rita", change, {}).ok());
  std::atomic<std::uint32_t> made = 1;  // carol's
  std::vector<std::thread> threads;
  for (int i = 0; i < 50; ++i)
    threads.emplace_back([&, i] {
      const std::string name = "user" + std::to_string(i);
      NewAccount wanted{name, "ritas", name + ".example", false, "rita"};
      const auto started = panel().createAccount(as(ofRita()), wanted, Mode::kDo);
      if (started.ok())
        ++made;
      else
        EXPECT_EQ(started.error().code, Code::kLimitExceeded) << started.error().message;
    });
  for (auto& thread : threads)
    thread.join();
  EXPECT_EQ(made, kMax);
  EXPECT_EQ(panel().accounts({"", 200, ofRita()})->items.size(), kMax);
}

// ---- what people log in with

TEST_P(ReachTest, MakesALoginOnlyOfWhatCameToBe) {
  NewAccount wanted{"erin", "basic", "erin.example", false};
  wanted.passwordHash = "hash";
  ASSERT_TRUE(panel().createAccount(actor(), wanted, Mode::kDryRun).ok());
  EXPECT_TRUE(world_->admins().logins.empty());
  ASSERT_EQ(world_->finish(panel().createAccount(actor(), wanted, Mode::kDo))->state,
            JobState::kSucceeded);
  const std::string erin = panel().account("erin")->id;
  EXPECT_EQ(world_->admins().logins[erin], "hash");
  NewReseller reseller = named("rosa");
  reseller.passwordHash = "hers";
  const auto rosa = people().createReseller(actor(), reseller);
  ASSERT_TRUE(rosa.ok());
  EXPECT_EQ(world_->admins().logins[rosa->id], "hers");
  ASSERT_TRUE(people().deleteReseller(actor(), "rosa", "", {}).ok());
  EXPECT_EQ(world_->admins().logins.count(rosa->id), 0U);
  ASSERT_EQ(world_->finish(panel().purgeAccount(actor(), "erin", Mode::kDo))->state,
            JobState::kSucceeded);
  EXPECT_EQ(world_->admins().logins.count(erin), 0U);
}
TEST_P(ReachTest, CreatesNobodyWhoseLoginCannotBeKept) {
  NewReseller reseller = named("rosa");
  reseller.passwordHash = "hers";
  world_->admins().failNext({Code::kUnavailable, "full", ""});
  EXPECT_EQ(told(people().createReseller(actor(), reseller)), "unavailable ");
  EXPECT_EQ(told(people().reseller("rosa")), "not_found ");
  NewAccount wanted{"erin", "basic", "erin.example", false};
  wanted.passwordHash = "hash";
  world_->admins().failNext({Code::kUnavailable, "full", ""});
  EXPECT_EQ(told(panel().createAccount(actor(), wanted, Mode::kDo)), "unavailable ");
  EXPECT_EQ(told(panel().account("erin")), "not_found ");
}
TEST_P(ReachTest, EndsWhatWasOpenBeforeAnAccountBecomesActiveAgain) {
  const auto finish = [&](const Result<JobOrPreview>& started) {
    EXPECT_EQ(world_->finish(started)->state, JobState::kSucceeded);
  };
  finish(panel().suspendAccount(actor(), "carol", Mode::kDo));
  ASSERT_TRUE(panel().unsuspendAccount(actor(), "carol", Mode::kDryRun).ok());
  EXPECT_TRUE(world_->admins().ended.empty());
  finish(panel().unsuspendAccount(actor(), "carol", Mode::kDo));
  EXPECT_EQ(world_->admins().ended, std::vector<std::string>{carol_});
  finish(panel().deleteAccount(actor(), "carol", Mode::kDo));
  finish(panel().restoreAccount(actor(), "carol", Mode::kDo));
  EXPECT_EQ(world_->admins().ended.size(), 2U);
}

}  // namespace
}  // namespace bulkhead::api
