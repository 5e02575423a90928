// Every script's document: it fits its schema and says what the panel knows.
#include "api/cpapi/scripts.h"

#include <algorithm>

#include "tests/support/cpapi_scripts_scene.h"

namespace bulkhead::api {
namespace {

using cpapi::Outcome;
using cpapi::Script;
using testing::CpapiWorld;

class CpapiScriptsTest : public CpapiScriptsScene {};

// ---- panel_info

TEST_F(CpapiScriptsTest, PanelInfoIsTheSameForEverybody) {
  const auto forRoot = ask(Script::kPanelInfo).document;
  for (const uid_t caller : {CpapiWorld::kAlice, CpapiWorld::kStranger, uid_t{980}})
    EXPECT_EQ(ask(Script::kPanelInfo, {}, caller).document, forRoot);
  const Json panel = Json::parse(forRoot)["data"];
  EXPECT_EQ(panel.size(), 4U);
  EXPECT_NE(panel["user_login_url"].get<std::string>().find("{domain}"), std::string::npos);
  EXPECT_FALSE(panel.contains("user_login_url_template"));
  EXPECT_EQ(panel["supported_cl_features"].size(), 12U);
}

// ---- users

TEST_F(CpapiScriptsTest, UsersAreTheCompleteAccountsById) {
  std::vector<int> ids;
  for (const auto& row : data(Script::kUsers)) {
    EXPECT_EQ(row.size(), 7U);
    ids.push_back(row["id"]);
  }
  EXPECT_EQ(ids, (std::vector<int>{1001, 1002, 1003, 1004, 1005, 1006, 1050}));
}
TEST_F(CpapiScriptsTest, UsersHaveNullForWhatIsNotTold) {
  const Json bob = data(Script::kUsers, {"--username=bob"})[0];
  EXPECT_TRUE(bob["email"].is_null());
  EXPECT_TRUE(bob["locale_code"].is_null());
  EXPECT_EQ(bob["owner"], "rita");
  EXPECT_EQ(bob["domain"], "bob.example");
  EXPECT_EQ(bob["package"], Json::parse(R"({"name":"rita_Basic","owner":"rita"})"));
}
TEST_F(CpapiScriptsTest, UsersWithoutADomainHaveAnEmptyOne) {
  EXPECT_EQ(data(Script::kUsers, {"--username=zoe"})[0]["domain"], "");
}
TEST_F(CpapiScriptsTest, UsersThatAreSuspendedStayListed) {
  EXPECT_EQ(data(Script::kUsers, {"--username=dave"})[0]["package"]["name"], "Gói Pro & <x> \"q\"");
}
TEST_F(CpapiScriptsTest, UntilItIsPurgedADeletedUserIsListedAsASuspendedOne) {
  const Json before = data(Script::kUsers, {"--username=carol"});
  const Json domains = data(Script::kDomains, {"--owner=carol"});
  ASSERT_TRUE(world_.write([](Tables& t) -> Result<Ok> {
    TRY(t.accounts().beginDelete("acc_carol"));
    return t.accounts().endDelete("acc_carol", 5, 6);
  }));
  EXPECT_EQ(data(Script::kUsers, {"--username=carol"}), before);
  EXPECT_EQ(data(Script::kDomains, {"--owner=carol"}), domains);
}
TEST_F(CpapiScriptsTest, UsersGoByOwner) {
  EXPECT_EQ(users({"--owner=root"}), (Names{"alice", "dave", "opsadm", "zoe"}));
  EXPECT_EQ(users({"--owner", "admin2"}), (Names{"carol"}));
  EXPECT_EQ(users({"--owner=rita"}), (Names{"bob", "rita"}));
  EXPECT_EQ(users({"--owner=billing"}), Names{});
  EXPECT_EQ(users({"-orob"}), Names{});
  for (const auto nobody :
       {"--owner=alice", "--owner=nosuch", "--owner=ROOT", "--owner= root", "--owner=' OR 1=1 --"})
    expect(Outcome::kNotFound, Script::kUsers, {nobody});
}
TEST_F(CpapiScriptsTest, UsersGoByPackage) {
  EXPECT_EQ(users({"--package-name=rita_Basic", "--package-owner=rita"}), (Names{"bob", "rita"}));
  EXPECT_EQ(users({"--package-name=Gói Pro & <x> \"q\"", "--package-owner=admin2"}),
            (Names{"dave"}));
  EXPECT_EQ(users({"--package-name=Empty", "--package-owner=root"}), Names{});
  expect(Outcome::kNotFound, Script::kUsers, {"--package-name=Nope", "--package-owner=root"});
  expect(Outcome::kNotFound, Script::kUsers, {"--package-name=Basic", "--package-owner=rita"});
  expect(Outcome::kNotFound, Script::kUsers, {"--package-name=basic", "--package-owner=root"});
}
TEST_F(CpapiScriptsTest, UsersGoByNameAndId) {
  EXPECT_EQ(users({"--username=alice"}), (Names{"alice"}));
  EXPECT_EQ(users({"--unix-id=1003"}), (Names{"carol"}));
  for (const auto nobody :
       {"--username=root", "--username=nosuch", "--username=half", "--unix-id=0", "--unix-id=1007",
        "--unix-id=1999", "--unix-id=4294967295"})
    expect(Outcome::kNotFound, Script::kUsers, {nobody});
}
TEST_F(CpapiScriptsTest, UsersHaveTheFieldsThatAreAskedFor) {
  EXPECT_EQ(data(Script::kUsers, {"--fields=id,email", "--username=alice"}),
            Json::parse(R"([{"id":1001,"email":"alice@alice.example"}])"));
  EXPECT_EQ(data(Script::kUsers, {"--fields=email,id"}),
            data(Script::kUsers, {"--fields=id,email"}));
  EXPECT_EQ(
      data(Script::kUsers, {"--package-name=rita_Basic", "--package-owner=rita", "--fields=id"}),
      Json::parse(R"([{"id":1002},{"id":1005}])"));
}

// ---- packages, resellers, admins

TEST_F(CpapiScriptsTest, PackagesArePairs) {
  EXPECT_EQ(data(Script::kPackages).size(), 4U);
  EXPECT_EQ(data(Script::kPackages, {"--owner=root"}),
            Json::parse(R"([{"name":"Basic","owner":"root"},{"name":"Empty","owner":"root"}])"));
  EXPECT_EQ(data(Script::kPackages, {"-o", "rita"}).size(), 1U);
  EXPECT_EQ(data(Script::kPackages, {"--owner=rob"}), Json::array());
  expect(Outcome::kNotFound, Script::kPackages, {"--owner=nosuch"});
}
TEST_F(CpapiScriptsTest, ResellersHaveIdsOfTheirOwn) {
  const Json all = data(Script::kResellers);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0], Json::parse(R"({"name":"rita","locale_code":"EN_us",
                                    "email":"rita@r.example","id":1000000001})"));
  EXPECT_TRUE(all[1]["email"].is_null());
  EXPECT_EQ(data(Script::kResellers, {"--id=1000000002"})[0]["name"], "rob");
  EXPECT_EQ(data(Script::kResellers, {"-n", "rob"}).size(), 1U);
  for (const auto nobody : {"--name=admin2", "--name=alice", "--id=4294967295", "--id=0",
                            "--id=1000000000", "--id=1005", "--id=999999999"})
    expect(Outcome::kNotFound, Script::kResellers, {nobody});
}
TEST_F(CpapiScriptsTest, AdminsHaveOneMainAmongThem) {
  const Json all = data(Script::kAdmins);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(
      std::count_if(all.begin(), all.end(), [](const Json& a) { return a["is_main"] == true; }), 1);
  EXPECT_EQ(data(Script::kAdmins, {"-mtrue"})[0]["name"], "root");
  EXPECT_EQ(data(Script::kAdmins, {"--is-main=FALSE"}).size(), 2U);
  const Json billing = data(Script::kAdmins, {"--name=billing"})[0];
  EXPECT_TRUE(billing["unix_user"].is_null() && billing["email"].is_null() &&
              billing["locale_code"].is_null());
  expect(Outcome::kNotFound, Script::kAdmins, {"--name=rita"});
}
TEST_F(CpapiScriptsTest, AdminsMayShareAUnixUser) {
  world_.admins.add("admin3", false, std::nullopt, std::nullopt, "opsadm");
  EXPECT_EQ(data(Script::kAdmins).size(), 4U);
}

// ---- db_info and php

TEST_F(CpapiScriptsTest, DatabasesAreNullWithoutAServer) {
  EXPECT_TRUE(data(Script::kDbInfo)["mysql"].is_null());
}
TEST_F(CpapiScriptsTest, DatabasesAreMappedToUsers) {
  const std::string file = world_.directory() + "/" + kMysqlAccessFile;
  std::ofstream(file) << R"({"login":"watch","password":"p\"w","host":"localhost","port":3306})";
  ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
  const Json mysql = data(Script::kDbInfo)["mysql"];
  EXPECT_EQ(mysql["access"]["password"], "p\"w");
  EXPECT_EQ(mysql["mapping"],
            Json::parse(R"({"alice":["alice_shop","alice_wp"],"bob":["bob_u1"]})"));
}
TEST_F(CpapiScriptsTest, DatabasesAreNotTakenFromAFileThatIsWrong) {
  const std::string file = world_.directory() + "/" + kMysqlAccessFile;
  const std::string good = R"({"login":"w","password":"p","host":"h","port":3306})";
  std::ofstream(file) << good;
  ASSERT_EQ(::chmod(file.c_str(), 0644), 0);
  expect(Outcome::kInternal, Script::kDbInfo);
  ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
  for (const char* text :
       {"", "[]", R"({"login":"w"})", R"({"login":"","password":"p","host":"h","port":1})",
        R"({"login":"w","password":"p","host":"h","port":0})",
        R"({"login":"w","password":"p","host":"h","port":65536})",
        R"({"login":"w","password":"p","host":"h","port":"3306"})"}) {
    std::ofstream(file, std::ios::trunc) << text;
    expect(Outcome::kInternal, Script::kDbInfo);
  }
}
TEST_F(CpapiScriptsTest, PhpListsWhatTheHostHas) {
  const Json all = data(Script::kPhp);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0]["identifier"], "alt-php74");
  EXPECT_EQ(all[0].size(), 6U);
  world_.php().clear();
  data(Script::kPhp);
  EXPECT_EQ(world_.phpFetches, 1) << "asked again within a minute";
}

// ---- domains

TEST_F(CpapiScriptsTest, DomainsAreAllForRoot) {
  const Json all = data(Script::kDomains);
  EXPECT_EQ(all.size(), 9U);
  for (const auto& [name, entry] : all.items())
    EXPECT_EQ(entry.size(), 3U) << name;
  EXPECT_EQ(all["alice.example"]["document_root"], "/home/alice/sites/alice.example/public");
}
TEST_F(CpapiScriptsTest, DomainsHaveOneMainForEachUserAndItIsTheUsersOwn) {
  const Json all = data(Script::kDomains);
  for (const auto& row : data(Script::kUsers)) {
    int mains = 0;
    for (const auto& [name, entry] : all.items())
      if (entry["owner"] == row["username"] && entry["is_main"] == true) {
        ++mains;
        EXPECT_EQ(row["domain"], name);
      }
    EXPECT_EQ(mains, row["domain"] == "" ? 0 : 1) << row;
  }
}
TEST_F(CpapiScriptsTest, DomainsThatAreAliasesShowTheOthersFiles) {
  const Json all = data(Script::kDomains);
  EXPECT_EQ(all["xn--e1afmkfd.example"]["document_root"], all["alice.example"]["document_root"]);
  EXPECT_EQ(all["xn--e1afmkfd.example"]["is_main"], false);
}
TEST_F(CpapiScriptsTest, DomainsGoByOwner) {
  EXPECT_EQ(names({"--owner=alice"}), kOfAlice);
  EXPECT_EQ(names({"--owner=zoe"}), Names{});
  EXPECT_EQ(names({"--owner=rita"}), (Names{"rita.example"}));
  for (const auto nobody : {"--owner=rob", "--owner=root", "--owner=nosuch", "--owner=half"})
    expect(Outcome::kNotFound, Script::kDomains, {nobody});
}
TEST_F(CpapiScriptsTest, DomainsGoByNameInAnySpelling) {
  EXPECT_EQ(names({"-n", "bob.example"}), (Names{"bob.example"}));
  for (const auto spelling : {"BOB.Example", "bob.example."})
    EXPECT_EQ(names({"--name", spelling}), (Names{"bob.example"})) << spelling;
  for (const auto spelling : {"xn--e1afmkfd.example", "XN--E1AFMKFD.EXAMPLE", "пример.example",
                              "Пример.Example", "пример.example."})
    EXPECT_EQ(names({"--name", spelling}), (Names{"xn--e1afmkfd.example"})) << spelling;
  for (const auto nothing : {"nosuch.example", "soon.example", "half.example", "example", ".",
                             "a b", "*.bob.example", "bob.example..", "10.0.0.1"})
    expect(Outcome::kNotFound, Script::kDomains, {"--name", nothing});
}
TEST_F(CpapiScriptsTest, DomainsWithPhpAreTheSameDomains) {
  const Json plain = data(Script::kDomains);
  const Json with = data(Script::kDomains, {"--with-php"});
  const Json php = data(Script::kPhp);
  ASSERT_EQ(with.size(), plain.size());
  for (const auto& [name, entry] : with.items()) {
    EXPECT_TRUE(plain.contains(name));
    EXPECT_TRUE(std::any_of(php.begin(), php.end(), [&e = entry](const Json& version) {
      return version["identifier"] == e["php"]["php_version_id"];
    })) << name;
  }
  EXPECT_EQ(with["blog.alice.example"]["php"]["version"], "74");
  EXPECT_EQ(with["static.alice.example"]["php"]["is_native"], true);
  EXPECT_EQ(with["xn--e1afmkfd.example"]["php"], with["alice.example"]["php"]);
  EXPECT_EQ(names({"--with-php", "--name=alice.example"}), (Names{"alice.example"}));
  EXPECT_EQ(names({"--with-php"}, CpapiWorld::kAlice), kOfAlice);
}
TEST_F(CpapiScriptsTest, DomainsWithPhpNeedAPhp) {
  world_.php().clear();
  expect(Outcome::kInternal, Script::kDomains, {"--with-php"});
  EXPECT_EQ(names({"--with-php"}, CpapiWorld::kStranger), Names{});
}
TEST_F(CpapiScriptsTest, DomainsAreRefusedBeforePhpIsAskedFor) {
  world_.phpIsAway = true;
  for (const auto word : {"--owner=bob", "--name=bob.example", "--owner=nosuch"})
    expect(Outcome::kDenied, Script::kDomains, {"--with-php", word}, CpapiWorld::kAlice);
  expect(Outcome::kNotFound, Script::kDomains, {"--with-php", "--owner=nosuch"});
  expect(Outcome::kNotFound, Script::kDomains, {"--with-php", "--name=nosuch.example"});
  EXPECT_EQ(world_.phpFetches, 0) << "a refusal needs no PHP";
  expect(Outcome::kInternal, Script::kDomains, {"--with-php", "--owner=alice"}, CpapiWorld::kAlice);
}

// ---- states

TEST_F(CpapiScriptsTest, AreTheSameTwice) {
  for (const Script script : cpapi::kScripts)
    EXPECT_EQ(ask(script).document, ask(script).document);
}
TEST_F(CpapiScriptsTest, ShowWhatWasChangedAtOnce) {
  EXPECT_EQ(users({}).size(), 7U);
  ASSERT_TRUE(world_.write(
      [](Tables& t) { return t.accounts().add(CpapiWorld::account("new", 1060, "basic", "")); }));
  EXPECT_EQ(users({}).size(), 8U);
  EXPECT_EQ(names({}).size(), 9U);
  ASSERT_TRUE(world_.write(
      [](Tables& t) { return t.domains().add(CpapiWorld::domain("new.example", "new", true)); }));
  EXPECT_EQ(names({}).size(), 10U);
  world_.admins.all.front().name = "chief";
  EXPECT_TRUE(users({"--owner=chief"}).contains("alice"));
  EXPECT_EQ(data(Script::kUsers)[0]["owner"], "chief");
}
TEST_F(CpapiScriptsTest, ShowAnAccountUntilItIsGone) {
  ASSERT_TRUE(world_.write(
      [](Tables& t) { return t.accounts().setState("acc_alice", AccountState::kDeleting); }));
  EXPECT_TRUE(users({}).contains("alice"));
  ASSERT_TRUE(world_.write(
      [](Tables& t) { return t.accounts().setState("acc_alice", AccountState::kFailed); }));
  EXPECT_TRUE(users({}).contains("alice"));
  // One that was never complete is not shown, whatever became of it.
  ASSERT_TRUE(world_.write(
      [](Tables& t) { return t.accounts().setState("acc_half", AccountState::kFailed); }));
  EXPECT_FALSE(users({}).contains("half"));
}
TEST_F(CpapiScriptsTest, SurviveStrangeTexts) {
  ASSERT_TRUE(world_.write([](Tables& t) {
    auto account = t.accounts().find("alice").value();
    account.email = "a\"\\\x01\xf0\x9f\x9a\xa2\xff@alice.example";
    return t.accounts().change(account);
  }));
  const Json alice = data(Script::kUsers, {"--username=alice"})[0];
  EXPECT_EQ(alice["email"], "a\"\\\x01\xf0\x9f\x9a\xa2\xef\xbf\xbd@alice.example");
}
TEST_F(CpapiScriptsTest, SayWhenThereIsNoData) {
  world_.admins.broken = true;
  for (const Script script : cpapi::kScripts)
    expect(script == Script::kPanelInfo ? Outcome::kOk : Outcome::kInternal, script);
  expect(Outcome::kInternal, Script::kDomains, {}, CpapiWorld::kAlice);
  // Who may not ask is told so all the same, and nothing proves an administrator now.
  expect(Outcome::kDenied, Script::kUsers, {}, CpapiWorld::kAlice);
  expect(Outcome::kDenied, Script::kUsers, {}, CpapiWorld::kOpsadm);
}

TEST(CpapiScriptsOfAnEmptyPanel, AnswerWithEmptyLists) {
  CpapiWorld world;
  const auto ask = [&world](Script script) {
    const auto answer = world.scripts().run(script, {}, CpapiWorld::kRoot);
    EXPECT_EQ(answer.outcome, Outcome::kOk);
    return Json::parse(answer.shared ? *answer.shared : answer.document)["data"];
  };
  for (const Script script : {Script::kUsers, Script::kPackages, Script::kResellers})
    EXPECT_EQ(ask(script), Json::array());
  EXPECT_EQ(ask(Script::kDomains), Json::object());
  EXPECT_EQ(ask(Script::kAdmins).size(), 3U);
}

}  // namespace
}  // namespace bulkhead::api
