// One suite for every store: what the repositories promise, whatever database is below.
#include "api/store/store.h"

#include <array>
#include <atomic>
#include <chrono>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support/store_fixture.h"

namespace bulkhead::api {
namespace {

class StoreTest : public StoreFixture {};
INSTANTIATE_TEST_SUITE_P(Stores,
                         StoreTest,
                         ::testing::ValuesIn(testing::storeKinds()),
                         [](const auto& kind) { return kind.param.name; });

TEST_P(StoreTest, KeepsAPlanOverARestart) {
  seed();
  under_->reopen();
  for (const char* key : {"pln_basic", "basic"}) {
    auto found = store().read([&](const Tables& t) { return t.plans().find(key); });
    ASSERT_TRUE(found.ok());
    EXPECT_EQ(found->name, "basic");
    EXPECT_EQ(found->limits.memoryBytes, 1U << 30U);
    EXPECT_EQ(found->limits.domainsMax, 3U);
    EXPECT_EQ(found->revision, 1U);
  }
}

TEST_P(StoreTest, RefusesASecondPlanOfOneName) {
  seed();
  auto again = plan("basic");
  again.id = "pln_other";
  auto added = write([&](Tables& t) { return t.plans().add(again); });
  ASSERT_FALSE(added.ok());
  EXPECT_EQ(added.error().code, Code::kAlreadyExists);
  EXPECT_EQ(added.error().field, "name");
}

TEST_P(StoreTest, ChangingAPlanCountsItsRevisionAndKeepsNamesUnique) {
  seed();
  ASSERT_TRUE(write([](Tables& t) { return t.plans().add(plan("large")); }).ok());
  Plan changed = plan("basic");
  changed.limits.tasks = 999;
  ASSERT_TRUE(write([&](Tables& t) { return t.plans().change(changed); }).ok());
  auto found = store().read([](const Tables& t) { return t.plans().find("basic"); });
  EXPECT_EQ(found->limits.tasks, 999U);
  EXPECT_EQ(found->revision, 2U);
  changed.name = "large";
  EXPECT_EQ(write([&](Tables& t) { return t.plans().change(changed); }).error().code,
            Code::kAlreadyExists);
  changed.id = "pln_none";
  changed.name = "none";
  EXPECT_EQ(write([&](Tables& t) { return t.plans().change(changed); }).error().code,
            Code::kNotFound);
}

TEST_P(StoreTest, RefusesToRemoveAPlanInUse) {
  seed();
  auto removed = write([](Tables& t) { return t.plans().remove("pln_basic"); });
  EXPECT_EQ(removed.error().code, Code::kConflict);
  ASSERT_TRUE(write([](Tables& t) { return t.plans().add(plan("unused")); }).ok());
  EXPECT_TRUE(write([](Tables& t) { return t.plans().remove("pln_unused"); }).ok());
  EXPECT_EQ(write([](Tables& t) { return t.plans().remove("pln_unused"); }).error().code,
            Code::kNotFound);
}

TEST_P(StoreTest, KeepsAnAccountWithItsPlansName) {
  seed();
  ASSERT_TRUE(write([](Tables& t) { return t.accounts().setUid("acc_alice", 20007); }).ok());
  ASSERT_TRUE(write([](Tables& t) {
                return t.accounts().setState("acc_alice", AccountState::kActive);
              }).ok());
  under_->reopen();
  auto found = store().read([](const Tables& t) { return t.accounts().find("alice"); });
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->id, "acc_alice");
  EXPECT_EQ(found->planName, "basic");
  EXPECT_EQ(found->uid, 20007U);
  EXPECT_EQ(found->state, AccountState::kActive);
  EXPECT_EQ(found->previewPort, 0);
  EXPECT_EQ(found->revision, 3U);
}

TEST_P(StoreTest, AnswersAnAccountThatItKnowsAsItIsByNow) {
  seed();
  for (const char* key : {"alice", "acc_alice"})
    EXPECT_EQ(store().account(key)->state, AccountState::kCreating);
  ASSERT_TRUE(write([](Tables& t) {
                return t.accounts().setState("acc_alice", AccountState::kActive);
              }).ok());
  for (const char* key : {"alice", "acc_alice"})
    EXPECT_EQ(store().account(key)->state, AccountState::kActive);
  ASSERT_TRUE(write([](Tables& t) { return t.accounts().remove("acc_alice"); }).ok());
  for (const char* key : {"alice", "acc_alice"})
    EXPECT_EQ(store().account(key).error().code, Code::kNotFound);
}

TEST_P(StoreTest, RefusesAnAccountOfATakenNameOrAnUnknownPlan) {
  seed();
  auto again = account("alice");
  again.id = "acc_other";
  auto added = write([&](Tables& t) { return t.accounts().add(again); });
  EXPECT_EQ(added.error().code, Code::kAlreadyExists);
  EXPECT_EQ(added.error().field, "username");
  auto planless = account("carol");
  planless.planId = "pln_none";
  EXPECT_EQ(write([&](Tables& t) { return t.accounts().add(planless); }).error().code,
            Code::kNotFound);
  EXPECT_EQ(
      write([](Tables& t) { return t.accounts().setState("acc_none", AccountState::kActive); })
          .error()
          .code,
      Code::kNotFound);
}

TEST_P(StoreTest, GivesTheLowestFreePreviewPort) {
  seed();
  auto port = [&] {
    return store().read([](const Tables& t) { return t.accounts().freePreviewPort(); });
  };
  EXPECT_EQ(*port(), 32768);
  for (std::uint16_t taken : std::array<std::uint16_t, 3>{32768, 32769, 32771})
    ASSERT_TRUE(write([&](Tables& t) {
                  return t.accounts().add(account("p" + std::to_string(taken), 3, taken));
                }).ok());
  EXPECT_EQ(*port(), 32770);
  ASSERT_TRUE(write([](Tables& t) { return t.accounts().remove("acc_p32768"); }).ok());
  EXPECT_EQ(*port(), 32768);
  auto twice = write([](Tables& t) { return t.accounts().add(account("q", 3, 32769)); });
  EXPECT_FALSE(twice.ok());
}

TEST_P(StoreTest, RefusesADomainParentOrChildOfAnotherAccount) {
  seed();
  const auto add = [&](const std::string& name, const std::string& owner) {
    auto added = write([&](Tables& t) { return t.domains().add(domain(name, owner)); });
    return added.ok() ? std::string("ok") : std::string(codeName(added.error().code));
  };
  EXPECT_EQ(add("shop.example", "alice"), "ok");
  EXPECT_EQ(add("shop.example", "alice"), "already_exists");
  EXPECT_EQ(add("shop.example", "bob"), "conflict");
  EXPECT_EQ(add("a.shop.example", "bob"), "conflict");
  EXPECT_EQ(add("x.y.z.shop.example", "bob"), "conflict");
  EXPECT_EQ(add("a.b.shop.example", "alice"), "ok");  // one's own children are fine
  EXPECT_EQ(add("deep.other.example", "alice"), "ok");
  EXPECT_EQ(add("other.example", "bob"), "conflict");  // would be the parent of alice's
  EXPECT_EQ(add("other.example", "alice"), "ok");
  EXPECT_EQ(add("workshop.example", "bob"), "ok");  // ends alike, but is no child
  EXPECT_EQ(add("shop.example.net", "bob"), "ok");
  EXPECT_EQ(add("shop-example.example", "bob"), "ok");
  EXPECT_EQ(add("free.example", "nobody"), "not_found");
}

TEST_P(StoreTest, ListsAndCountsTheDomainsOfAnAccount) {
  seed();
  for (const char* name : {"a.example", "b.example"})
    ASSERT_TRUE(write([&](Tables& t) { return t.domains().add(domain(name, "alice", 5)); }).ok());
  auto main = domain("main.example", "alice", 9);
  main.primary = true;
  ASSERT_TRUE(write([&](Tables& t) { return t.domains().add(main); }).ok());
  ASSERT_TRUE(write([&](Tables& t) { return t.domains().add(domain("c.example", "bob")); }).ok());
  auto all = store().read([](const Tables& t) { return t.domains().ofAccount("acc_alice"); });
  ASSERT_EQ(all->size(), 3U);
  EXPECT_EQ(all->front().name, "main.example");
  EXPECT_EQ(*store().read([](const Tables& t) { return t.domains().countOf("acc_alice"); }), 3U);
  auto page = store().read([](const Tables& t) { return t.domains().list("acc_bob", {}); });
  ASSERT_EQ(page->items.size(), 1U);
  EXPECT_EQ(page->items[0].name, "c.example");
  EXPECT_EQ(store().read([](const Tables& t) { return t.domains().list("", {}); })->items.size(),
            4U);
  EXPECT_EQ(write([](Tables& t) { return t.accounts().remove("acc_bob"); }).error().code,
            Code::kConflict);
  ASSERT_TRUE(write([](Tables& t) { return t.domains().remove("dom_c.example"); }).ok());
  EXPECT_TRUE(write([](Tables& t) { return t.accounts().remove("acc_bob"); }).ok());
}

TEST_P(StoreTest, PagesThroughEverythingOnceAndInOrder) {
  seed();
  for (int i = 0; i < 25; ++i)  // pairs of one time: the id decides
    ASSERT_TRUE(write([&](Tables& t) {
                  return t.accounts().add(account("u" + std::to_string(100 + i), 10 + i / 2));
                }).ok());
  std::vector<std::string> names;
  PageQuery query{"", 4};
  do {
    auto page = store().read([&](const Tables& t) { return t.accounts().list(query); });
    ASSERT_TRUE(page.ok());
    ASSERT_LE(page->items.size(), 4U);
    for (const auto& item : page->items)
      names.push_back(item.username);
    query.cursor = page->nextCursor;
  } while (!query.cursor.empty());
  EXPECT_EQ(names.size(), 27U);
  EXPECT_EQ(std::set(names.begin(), names.end()).size(), 27U);
  EXPECT_EQ(names.front(), "alice");
  EXPECT_EQ(names.back(), "u124");
}

TEST_P(StoreTest, RefusesACursorThatTheListDidNotGive) {
  seed();
  ASSERT_TRUE(write([](Tables& t) { return t.plans().add(plan("second", 2)); }).ok());
  auto page = store().read([](const Tables& t) { return t.plans().list({"", 1}); });
  const std::string real = page->nextCursor;
  ASSERT_FALSE(real.empty());
  for (const std::string& bad :
       {std::string("x"), std::string("////"), real + "=", real + "A", std::string(5000, 'A'),
        real.substr(1), std::string("cGxhbnN8MXw\n")}) {
    auto refused = store().read([&](const Tables& t) { return t.plans().list({bad, 1}); });
    ASSERT_FALSE(refused.ok()) << bad;
    EXPECT_EQ(refused.error().code, Code::kInvalidArgument);
    EXPECT_EQ(refused.error().field, "cursor");
  }
  EXPECT_FALSE(store().read([&](const Tables& t) { return t.accounts().list({real, 1}); }).ok());
  EXPECT_TRUE(store().read([&](const Tables& t) { return t.plans().list({real, 1}); }).ok());
}

TEST_P(StoreTest, NeverShowsMoreThanThePageMaximumNorLessThanOne) {
  seed();
  EXPECT_EQ(store()
                .read([](const Tables& t) {
                  return t.accounts().list({"", 0});
                })
                ->items.size(),
            1U);
  EXPECT_EQ(store()
                .read([](const Tables& t) {
                  return t.accounts().list({"", 4000000000U});
                })
                ->items.size(),
            2U);
}

TEST_P(StoreTest, ARefusedTransactionLeavesNothingAndARehearsalNeither) {
  seed();
  auto refused = write([](Tables& t) -> Result<Ok> {
    TRY(t.accounts().add(account("carol")));
    return Error{Code::kConflict, "no", ""};
  });
  EXPECT_EQ(refused.error().message, "no");
  auto rehearsed = store().rehearse([](Tables& t) -> Result<std::string> {
    TRY(t.accounts().add(account("carol")));
    TRY_ASSIGN(const Account found, t.accounts().find("carol"));
    return found.id;
  });
  ASSERT_TRUE(rehearsed.ok());
  EXPECT_EQ(*rehearsed, "acc_carol");
  auto impossible = store().rehearse([](Tables& t) { return t.accounts().add(account("alice")); });
  EXPECT_EQ(impossible.error().code, Code::kAlreadyExists);
  EXPECT_EQ(store().read([](const Tables& t) { return t.accounts().find("carol"); }).error().code,
            Code::kNotFound);
}

TEST_P(StoreTest, FiftyAtOnceOfOneNameGiveExactlyOneWinner) {
  seed();
  std::atomic<int> winners = 0;
  std::atomic<int> others = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 50; ++i)
    threads.emplace_back([&, i] {
      auto mine = account("carol", i);
      mine.id = "acc_" + std::to_string(i);
      auto added = write([&](Tables& t) { return t.accounts().add(mine); });
      if (added.ok()) ++winners;
      if (!added.ok() && added.error().code == Code::kAlreadyExists) ++others;
    });
  for (auto& thread : threads)
    thread.join();
  EXPECT_EQ(winners, 1);
  EXPECT_EQ(others, 49);
}

TEST_P(StoreTest, AFullPageCostsTheSameInALongList) {
  seed();
  const auto fill = [&](int from, int to) {
    return write([&](Tables& t) -> Result<Ok> {
      for (int i = from; i < to; ++i)
        TRY(t.accounts().add(account("n" + std::to_string(i), 1000 + i)));
      return Ok{};
    });
  };
  const auto bestMicros = [&] {  // of several runs: other load on the machine only adds
    auto best = std::chrono::steady_clock::duration::max();
    for (int run = 0; run < 20; ++run) {
      const auto start = std::chrono::steady_clock::now();
      EXPECT_EQ(store()
                    .read([](const Tables& t) {
                      return t.accounts().list({"", 50});
                    })
                    ->items.size(),
                50U);
      best = std::min(best, std::chrono::steady_clock::now() - start);
    }
    return std::chrono::duration<double, std::micro>(best).count();
  };
  ASSERT_TRUE(fill(0, 100).ok());
  const double before = bestMicros();
  ASSERT_TRUE(fill(100, 20000).ok());
  const double after = bestMicros();
  EXPECT_LT(after, before * 4 + 200) << before << " us, then " << after << " us";
}

}  // namespace
}  // namespace bulkhead::api
