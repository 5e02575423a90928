// Tokens of CloudLinux's pages: who may have them made, what they tell, and when they end.
#include "api/auth/ui_tokens.h"

#include "api/auth/authority.h"
#include "api/auth/secret.h"
#include "tests/support/cpapi_schema.h"
#include "tests/support/cpapi_world.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {
namespace {

using testing::CpapiWorld;

class UiTokensTest : public ::testing::Test {
 protected:
  void SetUp() override { world_.fill(); }

  // Somebody who is logged in.
  Principal session(const std::string& name, const std::string& role) {
    Principal by;
    by.username = name;
    by.role = role;
    by.personId = "adm_" + name;
    if (!world_.people().findAdministrator(name).ok()) {
      Administrator admin;
      admin.id = by.personId;
      admin.name = name;
      EXPECT_TRUE(world_.people().addAdministrator(admin, "hash").ok());
    }
    by.sessionId = "ses_" + name;
    Session row;
    row.id = by.sessionId;
    row.tokenHash = "hash of " + name;
    row.personId = by.personId;
    row.createdAt = row.usedAt = world_.clock().nowMicros();
    row.expiresAt = row.createdAt + Authority::kSessionLifeMicros;
    EXPECT_TRUE(world_.people().addSession(row, Authority::kSessionIdleMicros).ok());
    return by;
  }
  Result<UiToken> issue(const UiWanted& wanted) {
    return world_.tokens().issue(localRoot(), wanted);
  }
  std::string token(const UiWanted& wanted) { return issue(wanted).value().secret; }
  Code refusal(const Principal& by, const UiWanted& wanted) {
    const auto issued = world_.tokens().issue(by, wanted);
    return issued.ok() ? Code::kInternal : issued.error().code;
  }
  bool works(const std::string& secret) { return world_.tokens().identify(secret).ok(); }
  Json page(const std::string& secret) {
    const auto answer = world_.scripts().userInfo(secret);
    EXPECT_EQ(answer.outcome, cpapi::Outcome::kOk);
    EXPECT_EQ(testing::schemaFault("ui_user_info", answer.document), "") << answer.document;
    return Json::parse(answer.document);
  }
  static constexpr std::int64_t kHour = 3600;

  CpapiWorld world_;
};

TEST_F(UiTokensTest, TellWhoAnAccountIs) {
  const auto token = issue({"alice", "", "", ""});
  ASSERT_TRUE(token.ok());
  EXPECT_TRUE(isHexToken(token->secret));
  EXPECT_EQ(page(token->secret), Json::parse(R"({"userName":"alice","userId":1001,"userType":"user",
                            "baseUri":"/lvemanager/","assetsUri":"/lvemanager-assets",
                            "lang":"en","userDomain":"alice.example"})"));
}
TEST_F(UiTokensTest, TellTheDomainThatWasChosen) {
  EXPECT_EQ(page(token({"alice", "", "", "blog.alice.example"}))["userDomain"],
            "blog.alice.example");
  const std::string gone = token({"alice", "", "", "static.alice.example"});
  ASSERT_TRUE(
      world_.write([](Tables& t) { return t.domains().remove("dom_static.alice.example"); }));
  EXPECT_EQ(page(gone)["userDomain"], "alice.example");
  EXPECT_EQ(page(token({"zoe", "", "", ""}))["userDomain"], "");
  EXPECT_EQ(refusal(localRoot(), {"alice", "", "", "bob.example"}), Code::kNotFound);
}
TEST_F(UiTokensTest, TellResellersAndAdministratorsApart) {
  const Json rob = page(token({"", "rob", "", ""}));
  EXPECT_EQ(rob["userType"], "reseller");
  EXPECT_TRUE(rob["userId"].is_null());
  Administrator second;
  second.id = "adm_admin2";
  second.name = "admin2";
  second.locale = "Ru_ru";
  second.unixUser = "opsadm";
  ASSERT_TRUE(world_.people().addAdministrator(second, "hash").ok());
  const Json admin = page(token({"", "", "admin2", ""}));
  EXPECT_EQ(admin["userType"], "admin");
  EXPECT_EQ(admin["lang"], "ru");
  EXPECT_EQ(admin["userId"], 1050);
  const Json main = page(token({"", "", "root", ""}));
  EXPECT_EQ(main["userId"], 0);
}
TEST_F(UiTokensTest, NameExactlyOnePerson) {
  for (const UiWanted& wanted :
       {UiWanted{"", "", "", ""}, UiWanted{"alice", "rob", "", ""},
        UiWanted{"alice", "", "root", ""}, UiWanted{"", "rob", "", "a.example"}})
    EXPECT_EQ(refusal(localRoot(), wanted), Code::kInvalidArgument);
  for (const UiWanted& wanted : {UiWanted{"nosuch", "", "", ""}, UiWanted{"", "nosuch", "", ""},
                                 UiWanted{"", "", "nosuch", ""}})
    EXPECT_EQ(refusal(localRoot(), wanted), Code::kNotFound);
}
TEST_F(UiTokensTest, AreForOneselfAndOnesOwn) {
  const Principal main = session("boss", "main");
  const Principal second = session("admin2", "admin");
  EXPECT_TRUE(world_.tokens().issue(main, {"bob", "", "", ""}).ok());
  EXPECT_TRUE(world_.tokens().issue(second, {"carol", "", "", ""}).ok());
  for (const UiWanted& wanted : {UiWanted{"alice", "", "", ""}, UiWanted{"bob", "", "", ""},
                                 UiWanted{"", "rita", "", ""}, UiWanted{"", "", "root", ""}})
    EXPECT_EQ(refusal(second, wanted), Code::kPermissionDenied);
}
TEST_F(UiTokensTest, EndWithoutUseAndInTheEnd) {
  const std::string idle = token({"alice", "", "", ""});
  world_.clock().advance(2 * kHour - 1);
  EXPECT_TRUE(works(idle));
  world_.clock().advance(2 * kHour);
  EXPECT_FALSE(works(idle));
  const std::string used = token({"alice", "", "", ""});
  for (int i = 0; i < 11; ++i) {
    world_.clock().advance(kHour);
    EXPECT_TRUE(works(used)) << i;
  }
  world_.clock().advance(kHour);
  EXPECT_FALSE(works(used));
}
TEST_F(UiTokensTest, EndWithTheSessionThatHadThemMade) {
  const Principal main = session("boss", "main");
  const std::string one = world_.tokens().issue(main, {"alice", "", "", ""}).value().secret;
  const std::string other = token({"alice", "", "", ""});
  ASSERT_TRUE(world_.people().endSession("ses_boss").ok());
  EXPECT_FALSE(works(one));
  EXPECT_TRUE(works(other));
}
TEST_F(UiTokensTest, EndWhenTheSessionIsOver) {
  constexpr std::int64_t kIdle = Authority::kSessionIdleMicros / Authority::kSecond;
  const std::string idle =
      world_.tokens().issue(session("boss", "main"), {"alice", "", "", ""}).value().secret;
  world_.clock().advance(kIdle);
  EXPECT_FALSE(works(idle));
  ASSERT_TRUE(world_.people().endSession("ses_boss").ok());
  // Working in the pages counts as using the session.
  const std::string used =
      world_.tokens().issue(session("boss", "main"), {"alice", "", "", ""}).value().secret;
  for (int i = 0; i < 3; ++i) {
    world_.clock().advance(kIdle - 1);
    EXPECT_TRUE(works(used)) << i;
  }
}
TEST_F(UiTokensTest, EndWithASessionThatMadeRoomForOthers) {
  Principal first = session("boss", "main");
  const std::string secret = world_.tokens().issue(first, {"alice", "", "", ""}).value().secret;
  for (int i = 0; i < AdminStore::kSessionsPerPersonMax; ++i) {
    world_.clock().advance(1);
    Session next;
    next.id = "ses_" + std::to_string(i);
    next.tokenHash = next.id;
    next.personId = first.personId;
    next.createdAt = next.usedAt = world_.clock().nowMicros();
    next.expiresAt = next.createdAt + Authority::kSessionLifeMicros;
    ASSERT_TRUE(world_.people().addSession(next, Authority::kSessionIdleMicros).ok());
  }
  EXPECT_FALSE(works(secret));
}
TEST_F(UiTokensTest, EndWithTheAdministrator) {
  Administrator second;
  second.id = "adm_admin2";
  second.name = "admin2";
  ASSERT_TRUE(world_.people().addAdministrator(second, "hash").ok());
  const Principal by = session("admin2", "admin");
  const std::string own = world_.tokens().issue(by, {"", "", "admin2", ""}).value().secret;
  const std::string made = world_.tokens().issue(by, {"carol", "", "", ""}).value().secret;
  ASSERT_TRUE(world_.people().removeAdministrator("adm_admin2").ok());
  EXPECT_FALSE(works(own));
  EXPECT_FALSE(works(made));
}
TEST_F(UiTokensTest, EndWhileTheAccountIsNotActive) {
  const std::string secret = token({"alice", "", "", ""});
  ASSERT_TRUE(world_.write(
      [](Tables& t) { return t.accounts().setState("acc_alice", AccountState::kSuspended); }));
  EXPECT_FALSE(works(secret));
  EXPECT_EQ(refusal(localRoot(), {"alice", "", "", ""}), Code::kConflict);
  EXPECT_EQ(world_.scripts().userInfo(secret).document, "");
}
TEST_F(UiTokensTest, EndWithTheAccountEvenWhenAnotherOneGetsItsName) {
  const std::string secret = token({"zoe", "", "", ""});
  ASSERT_TRUE(world_.write([](Tables& t) -> Result<Ok> {
    TRY(t.accounts().remove("acc_zoe"));
    auto second = CpapiWorld::account("zoe", 1061, "basic", "");
    second.id = "acc_zoe2";
    return t.accounts().add(second);
  }));
  EXPECT_FALSE(works(secret));
}
TEST_F(UiTokensTest, AreNothingElse) {
  for (const std::string& text :
       {std::string(), std::string("x"), std::string(64, '0'), std::string(64, 'A'),
        std::string(10'000, 'a'), token({"alice", "", "", ""}) + "0"}) {
    const auto found = world_.tokens().identify(text);
    ASSERT_FALSE(found.ok());
    EXPECT_EQ(found.error().code, Code::kUnauthenticated);
    EXPECT_NE(world_.scripts().userInfo(text).outcome, cpapi::Outcome::kOk);
  }
}
TEST_F(UiTokensTest, AreLimitedForEachPerson) {
  const std::string first = token({"alice", "", "", ""});
  for (int i = 0; i < AdminStore::kUiTokensPerSubjectMax; ++i) {
    world_.clock().advance(1);
    EXPECT_TRUE(works(token({"alice", "", "", ""})));
  }
  EXPECT_FALSE(works(first));
}

}  // namespace
}  // namespace bulkhead::api
