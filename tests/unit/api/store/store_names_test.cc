// The same suite for every store: renames, aliases, main domains and database users.

#include <gtest/gtest.h>

#include "tests/support/store_fixture.h"

namespace bulkhead::api {
namespace {

class StoreNamesTest : public StoreFixture {};
INSTANTIATE_TEST_SUITE_P(Stores,
                         StoreNamesTest,
                         ::testing::ValuesIn(testing::storeKinds()),
                         [](const auto& kind) { return kind.param.name; });

// ---- renames of accounts

TEST_P(StoreNamesTest, KeepsANewNameUntilTheRenameEnds) {
  seed();
  ASSERT_TRUE(write([](Tables& t) { return t.accounts().beginRename("acc_alice", "eva"); }).ok());
  EXPECT_EQ(accountOf("alice")->id, "acc_alice");
  EXPECT_EQ(told([](Tables& t) { return t.accounts().add(account("eva")); }),
            "already_exists username");
  EXPECT_EQ(told([](Tables& t) { return t.accounts().beginRename("acc_bob", "eva"); }),
            "already_exists username");
  EXPECT_EQ(told([](Tables& t) { return t.accounts().beginRename("acc_bob", "alice"); }),
            "already_exists username");
  EXPECT_EQ(told([](Tables& t) { return t.accounts().beginRename("acc_none", "new1"); }),
            "not_found ");
  ASSERT_TRUE(write([](Tables& t) {
                return t.accounts().endRename("acc_alice", Accounts::Rename::kDone);
              }).ok());
  EXPECT_EQ(accountOf("eva")->id, "acc_alice");
  EXPECT_EQ(accountOf("eva")->revision, 2U);
  EXPECT_EQ(accountOf("alice").error().code, Code::kNotFound);
  EXPECT_TRUE(write([](Tables& t) { return t.accounts().add(account("alice2")); }).ok());
}

TEST_P(StoreNamesTest, ADroppedRenameFreesTheName) {
  seed();
  ASSERT_TRUE(write([](Tables& t) { return t.accounts().beginRename("acc_alice", "eva"); }).ok());
  ASSERT_TRUE(write([](Tables& t) {
                return t.accounts().endRename("acc_alice", Accounts::Rename::kDropped);
              }).ok());
  EXPECT_EQ(accountOf("alice")->revision, 1U);
  EXPECT_TRUE(write([](Tables& t) { return t.accounts().add(account("eva")); }).ok());
}

// ---- domains

TEST_P(StoreNamesTest, AnAliasNamesItsSiteAndKeepsItFromGoing) {
  seed();
  ASSERT_TRUE(write([](Tables& t) { return t.domains().add(domain("a.example", "alice")); }).ok());
  Domain alias = domain("b.example", "alice", 2);
  alias.kind = DomainKind::kAlias;
  alias.target = "dom_a.example";
  ASSERT_TRUE(write([&](Tables& t) { return t.domains().add(alias); }).ok());
  under_->reopen();
  EXPECT_EQ(domainOf("a.example")->kind, DomainKind::kSite);
  EXPECT_EQ(domainOf("a.example")->target, "");
  EXPECT_EQ(domainOf("b.example")->kind, DomainKind::kAlias);
  EXPECT_EQ(domainOf("b.example")->target, "dom_a.example");
  EXPECT_EQ(domainOf("b.example")->targetName, "a.example");
  EXPECT_EQ(told([](Tables& t) { return t.domains().remove("dom_a.example"); }), "conflict domain");
  alias = domain("c.example", "alice", 3);
  alias.kind = DomainKind::kAlias;
  alias.target = "dom_none";
  EXPECT_EQ(write([&](Tables& t) { return t.domains().add(alias); }).error().code, Code::kNotFound);
}

TEST_P(StoreNamesTest, HasOneMainDomainForEachAccount) {
  seed();
  for (const char* name : {"a.example", "b.example"})
    ASSERT_TRUE(write([&](Tables& t) { return t.domains().add(domain(name, "alice")); }).ok());
  ASSERT_TRUE(write([](Tables& t) { return t.domains().add(domain("c.example", "bob")); }).ok());
  for (const char* name : {"a.example", "b.example", "c.example", "b.example"})
    ASSERT_TRUE(
        write([&](Tables& t) { return t.domains().makePrimary(std::string("dom_") + name); }).ok());
  EXPECT_FALSE(domainOf("a.example")->primary);
  EXPECT_TRUE(domainOf("b.example")->primary);
  EXPECT_TRUE(domainOf("c.example")->primary);
  EXPECT_EQ(told([](Tables& t) { return t.domains().makePrimary("dom_none"); }), "not_found ");
  Domain second = domain("d.example", "alice");
  second.primary = true;
  EXPECT_FALSE(write([&](Tables& t) { return t.domains().add(second); }).ok());
}

TEST_P(StoreNamesTest, RenamesADomainByTheRulesOfANewOne) {
  seed();
  ASSERT_TRUE(write([](Tables& t) { return t.domains().add(domain("a.example", "alice")); }).ok());
  ASSERT_TRUE(write([](Tables& t) { return t.domains().add(domain("b.example", "bob")); }).ok());
  const auto rename = [&](const std::string& to) {
    return told([&](Tables& t) { return t.domains().rename("dom_a.example", to); });
  };
  EXPECT_EQ(rename("b.example"), "conflict domain");
  EXPECT_EQ(rename("x.b.example"), "conflict domain");
  EXPECT_EQ(rename("new.example"), "ok");
  EXPECT_EQ(domainOf("new.example")->id, "dom_a.example");
  EXPECT_EQ(domainOf("new.example")->revision, 2U);
  EXPECT_EQ(domainOf("a.example").error().code, Code::kNotFound);
  EXPECT_EQ(told([](Tables& t) { return t.domains().add(domain("x.new.example", "bob")); }),
            "conflict domain");
  EXPECT_EQ(rename("a.example"), "ok");  // and back
  EXPECT_EQ(told([](Tables& t) { return t.domains().rename("dom_none", "z.example"); }),
            "not_found ");
}

TEST_P(StoreNamesTest, KeepsTheLanguageOfADomain) {
  seed();
  ASSERT_TRUE(write([](Tables& t) { return t.domains().add(domain("a.example", "alice")); }).ok());
  EXPECT_FALSE(domainOf("a.example")->php.has_value());
  ASSERT_TRUE(
      write([](Tables& t) { return t.domains().setPhp("dom_a.example", "alt-php83"); }).ok());
  EXPECT_EQ(domainOf("a.example")->php, "alt-php83");
  EXPECT_EQ(domainOf("a.example")->revision, 2U);
  ASSERT_TRUE(
      write([](Tables& t) { return t.domains().setPhp("dom_a.example", std::nullopt); }).ok());
  EXPECT_FALSE(domainOf("a.example")->php.has_value());
  EXPECT_EQ(told([](Tables& t) { return t.domains().setPhp("dom_none", std::nullopt); }),
            "not_found ");
}

// ---- database users

TEST_P(StoreNamesTest, KeepsEachDatabaseUserOnce) {
  seed();
  const auto add = [&](const std::string& name, const std::string& owner, std::int64_t at) {
    return told([&](Tables& t) { return t.databaseUsers().add({name, "acc_" + owner, at}); });
  };
  EXPECT_EQ(add("alice_wp", "alice", 1), "ok");
  EXPECT_EQ(add("alice_shop", "alice", 1), "ok");
  EXPECT_EQ(add("bob_u1", "bob", 2), "ok");
  EXPECT_EQ(add("bob_u1", "alice", 3), "already_exists name");
  EXPECT_EQ(add("x", "none", 3), "not_found account");
  under_->reopen();
  EXPECT_EQ(
      store().read([](const Tables& t) { return t.databaseUsers().find("bob_u1"); })->accountId,
      "acc_bob");
  auto page = store().read([](const Tables& t) {
    return t.databaseUsers().list("acc_alice", {"", 1});
  });
  ASSERT_EQ(page->items.size(), 1U);
  EXPECT_EQ(page->items[0].name, "alice_shop");
  page = store().read([&](const Tables& t) {
    return t.databaseUsers().list("acc_alice", {page->nextCursor, 1});
  });
  ASSERT_EQ(page->items.size(), 1U);
  EXPECT_EQ(page->items[0].name, "alice_wp");
  EXPECT_EQ(page->nextCursor, "");
  EXPECT_EQ(*store().read([](const Tables& t) { return t.databaseUsers().namesOf("acc_alice"); }),
            (std::vector<std::string>{"alice_shop", "alice_wp"}));
  EXPECT_EQ(told([](Tables& t) { return t.accounts().remove("acc_bob"); }), "conflict ");
  EXPECT_EQ(told([](Tables& t) { return t.databaseUsers().remove("bob_u1"); }), "ok");
  EXPECT_EQ(told([](Tables& t) { return t.databaseUsers().remove("bob_u1"); }), "not_found ");
  EXPECT_EQ(
      store().read([](const Tables& t) { return t.databaseUsers().find("bob_u1"); }).error().code,
      Code::kNotFound);
}

}  // namespace
}  // namespace bulkhead::api
