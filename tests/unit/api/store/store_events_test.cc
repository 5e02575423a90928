// The same suite for every store: each change leaves its event, and nothing else does.
#include <gtest/gtest.h>

#include "api/usecases/event_log.h"
#include "common/core/json.h"
#include "tests/support/store_fixture.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {
namespace {

class StoreEventsTest : public StoreFixture {
 protected:
  // "type name" of everything after `id`.
  std::vector<std::string> told(std::int64_t id = 0, const EventFilter& filter = {}) {
    std::vector<std::string> words;
    for (const Event& event : after(id, filter))
      words.push_back(event.type + " " + event.name);
    return words;
  }
  std::vector<Event> after(std::int64_t id, const EventFilter& filter = {}) {
    auto found = EventLog(store()).after(filter, id, 1000);
    EXPECT_TRUE(found.ok());
    EXPECT_FALSE(found->gone);
    return found->events;
  }
  std::int64_t newest() {
    return store().read([](const Tables& t) { return t.events().span(); })->newest;
  }
  static EventFilter within(Reach::Kind kind, const std::string& id) {
    EventFilter filter;
    filter.within = {kind, id};
    return filter;
  }
  using Words = std::vector<std::string>;
};
INSTANTIATE_TEST_SUITE_P(Stores,
                         StoreEventsTest,
                         ::testing::ValuesIn(testing::storeKinds()),
                         [](const auto& kind) { return kind.param.name; });

TEST_P(StoreEventsTest, TellsOfEachChangeInItsOrderAndOnlyOnce) {
  seed();
  EXPECT_EQ(told(), (Words{"plan.created basic", "account.created alice", "account.created bob"}));
  const std::int64_t before = newest();
  ASSERT_TRUE(write([](Tables& t) -> Result<Ok> {
                TRY(t.accounts().setState("acc_alice", AccountState::kActive));
                TRY(t.accounts().setState("acc_alice", AccountState::kActive));
                TRY(t.domains().add(domain("a.example", "alice")));
                TRY(t.domains().setState("dom_a.example", DomainState::kActive));
                TRY(t.domains().makePrimary("dom_a.example"));
                TRY(t.domains().makePrimary("dom_a.example"));
                TRY(t.databaseUsers().add({"alice_wp", "acc_alice", 3}));
                TRY(t.databaseUsers().remove("alice_wp"));
                TRY(t.accounts().beginDelete("acc_alice"));
                TRY(t.accounts().endDelete("acc_alice", 5, 9));
                return t.accounts().restore("acc_alice");
              }).ok());
  EXPECT_EQ(told(before),
            (Words{"account.activated alice", "domain.created a.example",
                   "domain.activated a.example", "domain.updated a.example",
                   "database_user.created alice_wp", "database_user.deleted alice_wp",
                   "account.deleting alice", "account.deleted alice", "account.restored alice"}));
}

TEST_P(StoreEventsTest, TellsNothingOfWhatDidNotHappen) {
  seed();
  const std::int64_t before = newest();
  EXPECT_FALSE(write([](Tables& t) -> Result<Ok> {
                 TRY(t.accounts().setState("acc_alice", AccountState::kActive));
                 return Error{Code::kConflict, "after all not", ""};
               }).ok());
  EXPECT_FALSE(write([](Tables& t) { return t.accounts().add(account("alice")); }).ok());
  EXPECT_TRUE(store().rehearse([](Tables& t) { return t.accounts().add(account("carol")); }).ok());
  EXPECT_EQ(newest(), before);
  ASSERT_TRUE(write([](Tables& t) { return t.accounts().add(account("carol", 3)); }).ok());
  EXPECT_EQ(told(before), Words{"account.created carol"});
  EXPECT_EQ(newest(), before + 1);  // no gap where something was taken back
}

TEST_P(StoreEventsTest, NamesTheJobAndTheRequestBehindAChange) {
  seed();
  const std::int64_t before = newest();
  JobRecord record = job("1", "alice");
  ASSERT_TRUE(write([&](Tables& t) -> Result<Ok> {
                TRY(t.accounts().setState("acc_alice", AccountState::kSuspended));
                return t.jobs().add(record);
              }).ok());
  record.job.steps[0].state = StepState::kRunning;
  record.job.state = JobState::kRunning;
  const auto save = [&](Tables& t) -> Result<Ok> {
    TRY(t.jobs().saveStep(record, 0));
    return t.jobs().saveState(record.job);
  };
  ASSERT_TRUE(write(save).ok());
  ASSERT_TRUE(write(save).ok());  // nothing new
  record.job.state = JobState::kFailed;
  record.job.problem = Error{Code::kTimeout, "secret path /root/x", ""};
  record.job.endedAt = 7;
  ASSERT_TRUE(write(save).ok());
  EXPECT_EQ(told(before), (Words{"account.suspended alice", "job.created account.create",
                                 "job.step_running account.create", "job.running account.create",
                                 "job.failed account.create"}));
  for (const Event& event : after(before)) {
    EXPECT_EQ(event.jobId, "job_1");
    EXPECT_EQ(event.requestId, "01REQ");
    EXPECT_EQ(event.accountId, "acc_alice");
    EXPECT_GT(event.time, 0);
    EXPECT_EQ(event.data.find("secret"), std::string::npos);
    EXPECT_TRUE(parseJson(event.data).ok()) << event.data;
  }
  EXPECT_NE(after(before).back().data.find("timeout"), std::string::npos);
  ASSERT_TRUE(write([](Tables& t) -> Result<Ok> {
                t.because("02REQ");
                return t.plans().add(plan("large"));
              }).ok());
  EXPECT_EQ(after(newest() - 1).front().requestId, "02REQ");
  EXPECT_EQ(after(newest() - 1).front().jobId, "");
}

TEST_P(StoreEventsTest, ShowsEachCallerWhatWasHisWhenItHappened) {
  seed();
  Reseller rita;
  rita.id = "rsl_1";
  rita.name = "rita";
  Account bobs = *accountOf("bob");
  ASSERT_TRUE(write([&](Tables& t) -> Result<Ok> {
                TRY(t.resellers().add(rita));
                bobs.resellerId = rita.id;
                return t.accounts().change(bobs);
              }).ok());
  const auto ofRita = within(Reach::Kind::kReseller, "rsl_1");
  const auto ofBob = within(Reach::Kind::kAccount, "acc_bob");
  EXPECT_EQ(told(0, ofRita), (Words{"reseller.created rita", "account.updated bob"}));
  bobs.resellerId.clear();
  JobRecord purge = job("9", "bob");
  ASSERT_TRUE(write([&](Tables& t) -> Result<Ok> {
                TRY(t.jobs().add(purge));
                TRY(t.accounts().change(bobs));
                return t.accounts().setState("acc_bob", AccountState::kActive);
              }).ok());
  EXPECT_EQ(told(0, ofRita), (Words{"reseller.created rita", "account.updated bob",
                                    "job.created account.create", "account.handed_over bob"}));
  EXPECT_EQ(told(0, ofBob),
            (Words{"account.created bob", "account.updated bob", "job.created account.create",
                   "account.updated bob", "account.activated bob"}));
  EXPECT_EQ(told(0, within(Reach::Kind::kNothing, "")), Words{});
}

TEST_P(StoreEventsTest, KnowsWhoseAnAccountWasThatIsGone) {
  seed();
  Reseller rita;
  rita.id = "rsl_1";
  rita.name = "rita";
  Account bobs = *accountOf("bob");
  JobRecord record = job("9", "bob");
  ASSERT_TRUE(write([&](Tables& t) -> Result<Ok> {
                TRY(t.resellers().add(rita));
                bobs.resellerId = rita.id;
                TRY(t.accounts().change(bobs));
                return t.jobs().add(record);
              }).ok());
  const std::int64_t before = newest();
  record.job.state = JobState::kRunning;
  ASSERT_TRUE(write([&](Tables& t) -> Result<Ok> {
                TRY(t.accounts().remove("acc_bob"));
                return t.jobs().saveState(record.job);
              }).ok());
  record.job.state = JobState::kSucceeded;
  ASSERT_TRUE(write([&](Tables& t) { return t.jobs().saveState(record.job); }).ok());
  EXPECT_EQ(
      told(before, within(Reach::Kind::kReseller, "rsl_1")),
      (Words{"account.purged bob", "job.running account.create", "job.succeeded account.create"}));
}

TEST_P(StoreEventsTest, FiltersAndPagesNewestFirst) {
  seed();
  EventFilter accounts;
  accounts.object = "account";
  EventFilter alice;
  alice.objectId = "acc_alice";
  EventFilter plans;
  plans.type = "plan.created";
  EXPECT_EQ(told(0, accounts).size(), 2U);
  EXPECT_EQ(told(0, alice), Words{"account.created alice"});
  EXPECT_EQ(told(0, plans), Words{"plan.created basic"});
  EventLog log(store());
  const auto first = log.list({}, {"", 2});
  ASSERT_TRUE(first.ok());
  ASSERT_EQ(first->items.size(), 2U);
  EXPECT_EQ(first->items[0].name, "bob");
  const auto second = log.list({}, {first->nextCursor, 2});
  ASSERT_TRUE(second.ok());
  ASSERT_EQ(second->items.size(), 1U);
  EXPECT_EQ(second->items[0].name, "basic");
  EXPECT_EQ(second->nextCursor, "");
  EXPECT_FALSE(log.list({}, {"nonsense", 2}).ok());
  const auto later = log.page({}, 1, {"", 1});
  ASSERT_TRUE(later.ok() && later->has_value());
  EXPECT_EQ((*later)->items[0].name, "alice");
  const auto rest = log.page({}, 1, {(*later)->nextCursor, 5});
  ASSERT_TRUE(rest.ok() && rest->has_value());
  EXPECT_EQ((*rest)->items[0].name, "bob");
  EXPECT_EQ((*rest)->nextCursor, "");
  EXPECT_FALSE(log.list({}, {(*later)->nextCursor, 2}).ok()) << "a cursor of the other direction";
}

TEST_P(StoreEventsTest, ForgetsTheOldestAndSaysSo) {
  seed();
  for (int i = 0; i < 5; ++i)
    ASSERT_TRUE(
        write([&](Tables& t) { return t.plans().add(plan("p" + std::to_string(i))); }).ok());
  ASSERT_TRUE(write([](Tables& t) { return t.events().forget(3); }).ok());
  EventLog log(store());
  EXPECT_EQ(told(), (Words{"plan.created p2", "plan.created p3", "plan.created p4"}));
  EXPECT_TRUE(log.after({}, 4, 10)->gone);
  EXPECT_FALSE(log.after({}, 5, 10)->gone);
  EXPECT_FALSE(log.after({}, 8, 10)->gone);
  EXPECT_TRUE(log.after({}, 9, 10)->gone) << "an id from before the store was put back";
  under_->reopen();
  ASSERT_TRUE(write([](Tables& t) { return t.plans().add(plan("more")); }).ok());
  EXPECT_EQ(newest(), 9);
  ASSERT_TRUE(write([](Tables& t) { return t.events().forget(0); }).ok());
  EXPECT_TRUE(EventLog(store()).after({}, 8, 10)->gone);
  EXPECT_FALSE(EventLog(store()).after({}, 9, 10)->gone);
}

TEST_P(StoreEventsTest, KnowsEveryTypeThatItWrites) {
  seed();
  for (const Event& event : after(0)) {
    EXPECT_NE(std::find(kEventTypes.begin(), kEventTypes.end(), event.type), kEventTypes.end());
    EXPECT_EQ(event.type.substr(0, event.type.find('.')), event.object);
  }
  for (const auto type : kEventTypes)
    EXPECT_NE(std::find(kEventObjects.begin(), kEventObjects.end(), type.substr(0, type.find('.'))),
              kEventObjects.end());
}

}  // namespace
}  // namespace bulkhead::api
