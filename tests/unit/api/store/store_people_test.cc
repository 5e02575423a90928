// The same suite for every store: resellers, owners and contacts.

#include <gtest/gtest.h>

#include "tests/support/store_fixture.h"

namespace bulkhead::api {
namespace {

class StorePeopleTest : public StoreFixture {
 protected:
  static Reseller reseller(const std::string& name, std::int64_t at = 1) {
    Reseller r;
    r.id = "rsl_" + name;
    r.name = name;
    r.createdAt = at;
    r.revision = 1;
    return r;
  }
  Reseller addReseller(const std::string& name, const std::string& owner = "") {
    Reseller made = reseller(name);
    made.owner = owner;
    EXPECT_TRUE(write([&](Tables& t) { return t.resellers().add(made); }).ok());
    return made;
  }
  Result<Reseller> found(const std::string& key) {
    return store().read([&](const Tables& t) { return t.resellers().find(key); });
  }
};
INSTANTIATE_TEST_SUITE_P(Stores,
                         StorePeopleTest,
                         ::testing::ValuesIn(testing::storeKinds()),
                         [](const auto& kind) { return kind.param.name; });

TEST_P(StorePeopleTest, KeepsAResellerOverARestart) {
  seed();
  Reseller rita = reseller("rita");
  rita.email = "rita@r.example";
  rita.locale = "EN_us";
  rita.accountId = "acc_bob";
  rita.owner = "admin2";
  rita.accountsMax = 7;
  ASSERT_TRUE(write([&](Tables& t) { return t.resellers().add(rita); }).ok());
  EXPECT_EQ(rita.number, 1U);
  under_->reopen();
  for (const char* key : {"rsl_rita", "rita"}) {
    const auto again = found(key);
    ASSERT_TRUE(again.ok());
    EXPECT_EQ(again->number, 1U);
    EXPECT_EQ(again->hostId(), 1000000001U);
    EXPECT_EQ(again->email, "rita@r.example");
    EXPECT_EQ(again->locale, "EN_us");
    EXPECT_EQ(again->accountId, "acc_bob");
    EXPECT_EQ(again->accountName, "bob");
    EXPECT_EQ(again->owner, "admin2");
    EXPECT_EQ(again->accountsMax, 7U);
    EXPECT_EQ(again->revision, 1U);
  }
}

TEST_P(StorePeopleTest, NeverGivesAResellersNumberAgain) {
  EXPECT_EQ(addReseller("rita").number, 1U);
  EXPECT_EQ(addReseller("rob").number, 2U);
  ASSERT_TRUE(write([](Tables& t) { return t.resellers().remove("rsl_rob"); }).ok());
  under_->reopen();
  EXPECT_EQ(addReseller("rob").number, 3U);
}

TEST_P(StorePeopleTest, RefusesAResellerOfATakenNameOrAccount) {
  seed();
  Reseller rita = reseller("rita");
  rita.accountId = "acc_bob";
  ASSERT_TRUE(write([&](Tables& t) { return t.resellers().add(rita); }).ok());
  Reseller again = reseller("rita");
  again.id = "rsl_other";
  EXPECT_EQ(told([&](Tables& t) { return t.resellers().add(again); }), "already_exists name");
  again.name = "other";
  again.accountId = "acc_bob";
  EXPECT_EQ(told([&](Tables& t) { return t.resellers().add(again); }), "already_exists account");
  again.accountId = "acc_none";
  EXPECT_EQ(told([&](Tables& t) { return t.resellers().add(again); }), "not_found account");
}

TEST_P(StorePeopleTest, ChangesAResellerAndCountsItsRevision) {
  seed();
  Reseller rita = addReseller("rita");
  addReseller("rob");
  rita.email = "r@r.example";
  rita.accountsMax = 2;
  rita.accountId = "acc_alice";
  ASSERT_TRUE(write([&](Tables& t) { return t.resellers().change(rita); }).ok());
  EXPECT_EQ(found("rita")->revision, 2U);
  EXPECT_EQ(found("rita")->email, "r@r.example");
  EXPECT_EQ(found("rita")->accountName, "alice");
  rita.email.reset();
  rita.accountId = "";
  ASSERT_TRUE(write([&](Tables& t) { return t.resellers().change(rita); }).ok());
  EXPECT_FALSE(found("rita")->email.has_value());
  EXPECT_EQ(found("rita")->accountId, "");
  rita.name = "rob";
  EXPECT_EQ(told([&](Tables& t) { return t.resellers().change(rita); }), "already_exists name");
  rita.id = "rsl_none";
  rita.name = "none";
  EXPECT_EQ(told([&](Tables& t) { return t.resellers().change(rita); }), "not_found ");
}

TEST_P(StorePeopleTest, AResellerOutlivesItsOwnAccount) {
  seed();
  Reseller rita = reseller("rita");
  rita.accountId = "acc_bob";
  ASSERT_TRUE(write([&](Tables& t) { return t.resellers().add(rita); }).ok());
  ASSERT_TRUE(write([](Tables& t) { return t.accounts().remove("acc_bob"); }).ok());
  EXPECT_EQ(found("rita")->accountId, "");
}

TEST_P(StorePeopleTest, KeepsOwnersAndContactsOfAccountsAndPlans) {
  seed();
  addReseller("rita");
  EXPECT_EQ(accountOf("alice")->owner, "");  // the main administrator's, as all from before
  Account alice = *accountOf("alice");
  alice.resellerId = "rsl_rita";
  alice.email = "a@a.example";
  alice.locale = "Ru_ru";
  ASSERT_TRUE(write([&](Tables& t) { return t.accounts().change(alice); }).ok());
  under_->reopen();
  EXPECT_EQ(accountOf("alice")->owner, "rita");
  EXPECT_EQ(accountOf("alice")->resellerId, "rsl_rita");
  EXPECT_EQ(accountOf("alice")->email, "a@a.example");
  EXPECT_EQ(accountOf("alice")->locale, "Ru_ru");
  EXPECT_EQ(accountOf("alice")->revision, 2U);
  alice.resellerId = "";
  alice.owner = "admin2";
  alice.email.reset();
  ASSERT_TRUE(write([&](Tables& t) { return t.accounts().change(alice); }).ok());
  EXPECT_EQ(accountOf("alice")->owner, "admin2");
  EXPECT_FALSE(accountOf("alice")->email.has_value());
  Plan gold = plan("gold");
  gold.resellerId = "rsl_rita";
  ASSERT_TRUE(write([&](Tables& t) { return t.plans().add(gold); }).ok());
  const auto read = [&] {
    return store().read([](const Tables& t) { return t.plans().find("gold"); });
  };
  EXPECT_EQ(read()->owner, "rita");
  gold.resellerId = "";
  gold.owner = "admin2";
  ASSERT_TRUE(write([&](Tables& t) { return t.plans().change(gold); }).ok());
  EXPECT_EQ(read()->owner, "admin2");
  EXPECT_EQ(read()->resellerId, "");
}

TEST_P(StorePeopleTest, RefusesAnOwnerOrAPlanThatIsNotThere) {
  seed();
  Account alice = *accountOf("alice");
  alice.resellerId = "rsl_none";
  EXPECT_EQ(write([&](Tables& t) { return t.accounts().change(alice); }).error().code,
            Code::kNotFound);
  alice.resellerId = "";
  alice.planId = "pln_none";
  EXPECT_EQ(told([&](Tables& t) { return t.accounts().change(alice); }), "not_found plan");
  Plan gold = plan("gold");
  gold.resellerId = "rsl_none";
  EXPECT_EQ(told([&](Tables& t) { return t.plans().add(gold); }), "not_found owner");
  alice = *accountOf("alice");
  alice.id = "acc_none";
  EXPECT_EQ(told([&](Tables& t) { return t.accounts().change(alice); }), "not_found ");
}

TEST_P(StorePeopleTest, CountsAndReassignsWhatSomebodyOwns) {
  seed();
  addReseller("rita", "admin2");
  addReseller("rob");
  const auto move = [&](const std::string& name, const Owner& owner) {
    Account account = *accountOf(name);
    account.owner = owner.admin;
    account.resellerId = owner.resellerId;
    return write([&](Tables& t) { return t.accounts().change(account); }).ok();
  };
  const auto of = [&](const Owner& owner) {
    const auto all = store().read([&](const Tables& t) { return t.resellers().belongings(owner); });
    return std::to_string(all->accounts) + " " + std::to_string(all->plans) + " " +
           std::to_string(all->resellers);
  };
  EXPECT_EQ(of({"", ""}), "2 1 1");
  ASSERT_TRUE(move("bob", {"", "rsl_rita"}));
  ASSERT_TRUE(move("alice", {"admin2", ""}));
  EXPECT_EQ(of({"", ""}), "0 1 1");
  EXPECT_EQ(of({"", "rsl_rita"}), "1 0 0");
  EXPECT_EQ(of({"admin2", ""}), "1 0 1");
  EXPECT_EQ(told([](Tables& t) { return t.resellers().remove("rsl_rita"); }), "conflict ");
  EXPECT_EQ(told([](Tables& t) {
              return t.resellers().reassign({"admin2", ""}, {"", "rsl_rob"});
            }),
            "conflict reassign_to");
  EXPECT_EQ(told([](Tables& t) {
              return t.resellers().reassign({"", "rsl_rita"}, {"", "rsl_none"});
            }),
            "not_found reassign_to");
  ASSERT_TRUE(write([](Tables& t) {
                return t.resellers().reassign({"", "rsl_rita"}, {"", "rsl_rob"});
              }).ok());
  EXPECT_EQ(accountOf("bob")->owner, "rob");
  EXPECT_EQ(accountOf("bob")->revision, 3U);
  ASSERT_TRUE(write([](Tables& t) {
                return t.resellers().reassign({"admin2", ""}, {"", ""});
              }).ok());
  EXPECT_EQ(of({"admin2", ""}), "0 0 0");
  EXPECT_EQ(of({"", ""}), "1 1 2");
  EXPECT_EQ(found("rita")->owner, "");
  EXPECT_TRUE(write([](Tables& t) { return t.resellers().remove("rsl_rita"); }).ok());
  EXPECT_EQ(told([](Tables& t) { return t.resellers().remove("rsl_rita"); }), "not_found ");
}

TEST_P(StorePeopleTest, PagesThroughResellers) {
  for (const char* name : {"r1", "r2", "r3"})
    addReseller(name);
  auto page = store().read([](const Tables& t) { return t.resellers().list({"", 2}); });
  ASSERT_EQ(page->items.size(), 2U);
  page = store().read([&](const Tables& t) { return t.resellers().list({page->nextCursor, 2}); });
  ASSERT_EQ(page->items.size(), 1U);
  EXPECT_EQ(page->items[0].name, "r3");
  EXPECT_EQ(store()
                .read([](const Tables& t) {
                  return t.resellers().list({"x", 2});
                })
                .error()
                .field,
            "cursor");
}

}  // namespace
}  // namespace bulkhead::api
