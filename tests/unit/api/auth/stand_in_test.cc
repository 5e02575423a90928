// Standing in for somebody: marked, short, bound to the session of who does it, and of no use for
// what lets people in.
#include "tests/support/login_scene.h"

namespace bulkhead::api {
namespace {

class StandInTest : public testing::LoginScene {
 protected:
  std::string standIn(const std::string& session, const std::string& id) {
    const auto login = authority_->standIn(who(session), id, "req-1");
    EXPECT_TRUE(login.ok()) << (login.ok() ? "" : login.error().message);
    return login.ok() ? login->token : "";
  }
  Code refusal(const Principal& by, const std::string& id) {
    const auto login = authority_->standIn(by, id, "req-1");
    return login.ok() ? Code::kInternal : login.error().code;
  }
};

TEST_F(StandInTest, IsMarkedWithBothPeople) {
  const Principal inside = who(standIn(sessionOf("alice"), carol_));
  EXPECT_EQ(inside.actor, "admin:alice/as:user:carol");
  EXPECT_EQ(inside.standIn, "admin:alice");
  EXPECT_EQ(inside.standInId, logins_->findMain().value()->id);
  EXPECT_EQ(inside.username, "carol");
  EXPECT_EQ(inside.reach.id, carol_);
  EXPECT_FALSE(inside.scopes.allows("accounts:write"));
}
TEST_F(StandInTest, IsNoProof) { EXPECT_FALSE(who(standIn(sessionOf("alice"), carol_)).proved); }
TEST_F(StandInTest, IsForAResellerWithItsOwnUsersOnly) {
  addAccount("dora");
  const std::string rita = sessionOf("rita");
  EXPECT_EQ(who(standIn(rita, carol_)).actor, "reseller:rita/as:user:carol");
  for (const auto& id : {std::string("acc_dora"), rita_, addReseller("rolf"),
                         logins_->findMain().value()->id, std::string("acc_nobody")})
    EXPECT_EQ(refusal(who(rita), id), Code::kNotFound);
}
TEST_F(StandInTest, IsForNoUserAndForNobodyWhoHimselfStandsIn) {
  EXPECT_EQ(refusal(who(sessionOf("carol")), carol_), Code::kNotFound);
  const std::string asRita = standIn(sessionOf("alice"), rita_);
  EXPECT_EQ(refusal(who(asRita), carol_), Code::kPermissionDenied);
}
TEST_F(StandInTest, IsForNoApiTokenAndNotForRoot) {
  const std::string token = apiTokenOf(sessionOf("alice"));
  EXPECT_EQ(refusal(who(token), carol_), Code::kPermissionDenied);
  EXPECT_EQ(refusal(localRoot(), carol_), Code::kConflict);
}
TEST_F(StandInTest, ReachesNoAdministrator) {
  EXPECT_EQ(refusal(who(sessionOf("alice")), logins_->findMain().value()->id), Code::kNotFound);
}
TEST_F(StandInTest, EndsAfterAQuarterOfAnHour) {
  const std::string alice = sessionOf("alice");
  const std::string inside = standIn(alice, carol_);
  for (int i = 0; i < 2; ++i) {
    clock_.advance(7 * 60);
    EXPECT_TRUE(holds(inside));
    EXPECT_TRUE(holds(alice));
  }
  clock_.advance(61);
  EXPECT_FALSE(holds(inside));
  EXPECT_TRUE(holds(alice));
}
TEST_F(StandInTest, EndsWithTheSessionOfWhoStandsIn) {
  const std::string alice = sessionOf("alice");
  const std::string inside = standIn(alice, carol_);
  const std::string other = standIn(sessionOf("alice"), carol_);
  ASSERT_TRUE(authority_->logout(who(alice)).ok());
  EXPECT_FALSE(holds(inside));
  EXPECT_TRUE(holds(other));
}
TEST_F(StandInTest, EndsWhenTheSessionOfWhoStandsInIsLeftAlone) {
  const std::string alice = sessionOf("alice");
  clock_.advance(30);
  const std::string inside = standIn(alice, carol_);
  clock_.advance(14 * 60);
  ASSERT_TRUE(holds(inside));
  clock_.advance(31);  // fifteen minutes since alice's own session was used, less since this one
  EXPECT_FALSE(holds(inside));
}
TEST_F(StandInTest, EndsWithAProofOfWhoStandsIn) {
  const std::string alice = sessionOf("alice");
  const std::string inside = standIn(alice, carol_);
  ASSERT_TRUE(std::holds_alternative<Login>(
      authority_->credentials().prove(who(alice), kPassword, "", kHere, "r")));
  EXPECT_FALSE(holds(inside));
}
TEST_F(StandInTest, EndsWhenTheResellerWhoStandsInIsDisabled) {
  const std::string inside = standIn(sessionOf("rita"), carol_);
  ASSERT_TRUE(authority_->credentials()
                  .setStateBelow(localRoot(), rita_, PersonState::kDisabled, "r")
                  .ok());
  EXPECT_FALSE(holds(inside));
}
TEST_F(StandInTest, EndsWhenTheAccountBecomesSomebodyElses) {
  const std::string inside = standIn(sessionOf("rita"), carol_);
  const std::string own = sessionOf("carol");
  ASSERT_TRUE(panel_.store()
                  .write([&](Tables& tables) -> Result<Ok> {
                    TRY_ASSIGN(Account account, tables.accounts().find(carol_));
                    account.resellerId.clear();
                    account.owner.clear();
                    return tables.accounts().change(account);
                  })
                  .ok());
  EXPECT_FALSE(holds(inside));
  EXPECT_TRUE(holds(own));
}
TEST_F(StandInTest, EndsWithTheSuspensionOfTheAccount) {
  const std::string alice = sessionOf("alice");
  const std::string inside = standIn(alice, carol_);
  setState(carol_, AccountState::kSuspended);
  EXPECT_FALSE(holds(inside));
  EXPECT_EQ(refusal(who(alice), carol_), Code::kConflict);
}
TEST_F(StandInTest, PushesNoSessionOfThePersonOut) {
  const std::string own = sessionOf("carol");
  const std::string alice = sessionOf("alice");
  for (int i = 0; i < 12; ++i) {
    clock_.advance(1);
    (void)standIn(alice, carol_);
  }
  EXPECT_TRUE(holds(own));
}
TEST_F(StandInTest, HelpsSomebodyWhoHasNoPasswordAndGivesHimNone) {
  addAccount("dora");
  EXPECT_EQ(who(standIn(sessionOf("alice"), "acc_dora")).username, "dora");
  EXPECT_EQ(sessionOf("dora", ""), "");
}

}  // namespace
}  // namespace bulkhead::api
