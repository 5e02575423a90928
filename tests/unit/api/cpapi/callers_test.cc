// Whoever calls a script: nobody learns of anybody else.

#include <set>

#include "tests/support/cpapi_scripts_scene.h"

namespace bulkhead::api {
namespace {

using testing::CpapiWorld;

class CpapiCallersTest : public CpapiScriptsScene {};

TEST_F(CpapiCallersTest, RefuseUsersWhatIsForAdministrators) {
  for (const uid_t caller :
       {CpapiWorld::kAlice, CpapiWorld::kRita, CpapiWorld::kStranger, uid_t{980}})
    for (const Script script : cpapi::kScripts)
      if (!cpapi::isForEverybody(script)) expect(Outcome::kDenied, script, {}, caller);
  expect(Outcome::kDenied, Script::kUsers, {"--username=alice"}, CpapiWorld::kAlice);
  expect(Outcome::kDenied, Script::kUsers, {"--username=nosuch"}, CpapiWorld::kAlice);
}
TEST_F(CpapiCallersTest, RefuseWrongArgumentsBeforeTheCaller) {
  expect(Outcome::kBadRequest, Script::kUsers, {"--nosuch"}, CpapiWorld::kAlice);
  expect(Outcome::kBadRequest, Script::kDomains, {"--owner=bob", "--owner=bob"},
         CpapiWorld::kAlice);
}
TEST_F(CpapiCallersTest, ShowUsersTheirOwnDomains) {
  EXPECT_EQ(names({}, CpapiWorld::kAlice), kOfAlice);
  EXPECT_EQ(names({"--owner=alice"}, CpapiWorld::kAlice), kOfAlice);
  EXPECT_EQ(names({"--name=blog.alice.example"}, CpapiWorld::kAlice),
            (Names{"blog.alice.example"}));
  EXPECT_EQ(names({"--name=ПРИМЕР.example"}, CpapiWorld::kAlice), (Names{"xn--e1afmkfd.example"}));
  EXPECT_EQ(names({}, CpapiWorld::kZoe), Names{});
  EXPECT_EQ(names({}, CpapiWorld::kStranger), Names{});
  EXPECT_EQ(names({}, uid_t{980}), Names{});
}
TEST_F(CpapiCallersTest, ShowAResellerHisOwnDomainsAndNotHisCustomers) {
  EXPECT_EQ(names({}, CpapiWorld::kRita), (Names{"rita.example"}));
  expect(Outcome::kDenied, Script::kDomains, {"--owner=bob"}, CpapiWorld::kRita);
}
TEST_F(CpapiCallersTest, TellUsersTheSameAboutOthersAndAboutNobody) {
  std::set<std::string> documents;
  for (const Words& words :
       {Words{"--owner=bob"}, Words{"--owner=nosuch"}, Words{"--owner=root"}, Words{"--owner=half"},
        Words{"--name=bob.example"}, Words{"--name=nosuch.example"}, Words{"--name=not a name"},
        Words{"--owner=bob", "--with-php"}, Words{"--name=soon.example"}}) {
    expect(Outcome::kDenied, Script::kDomains, words, CpapiWorld::kAlice);
    documents.insert(ask(Script::kDomains, words, CpapiWorld::kAlice).document);
    documents.insert(ask(Script::kDomains, words, CpapiWorld::kStranger).document);
  }
  EXPECT_EQ(documents.size(), 1U);
}
TEST_F(CpapiCallersTest, ShowAllToAnAdministratorWhoIsProved) {
  EXPECT_EQ(data(Script::kUsers, {}, CpapiWorld::kOpsadm).size(), 7U);
  EXPECT_EQ(names({}, CpapiWorld::kOpsadm).size(), 9U);
}
// Whoever creates accounts below a reseller must not be able to name one after an administrator.
TEST_F(CpapiCallersTest, TakeNoCustomerOfAResellerForAnAdministrator) {
  world_.admins.add("admin3", false, std::nullopt, std::nullopt, "bob");
  expect(Outcome::kDenied, Script::kUsers, {}, CpapiWorld::kBob);
  EXPECT_EQ(names({}, CpapiWorld::kBob), (Names{"bob.example", "shop.bob.example"}));
}
TEST_F(CpapiCallersTest, ShowUsersOfOneIdWhatBelongsToThatId) {
  ASSERT_TRUE(world_.write([](Tables& t) -> Result<Ok> {
    TRY(t.accounts().add(CpapiWorld::account("alice2", CpapiWorld::kAlice, "basic", "")));
    return t.domains().add(CpapiWorld::domain("alice2.example", "alice2", true));
  }));
  Names both = kOfAlice;
  both.insert("alice2.example");
  EXPECT_EQ(names({}, CpapiWorld::kAlice), both);
  EXPECT_EQ(names({"--owner=alice2"}, CpapiWorld::kAlice), (Names{"alice2.example"}));
  EXPECT_EQ(data(Script::kDomains, {}, CpapiWorld::kAlice)["alice2.example"]["owner"], "alice2");
}

}  // namespace
}  // namespace bulkhead::api
