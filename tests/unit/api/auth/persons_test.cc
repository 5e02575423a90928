// Resellers and users of accounts log in as administrators do, and what becomes of them in the
// panel's database holds for the next request.
#include "api/auth/persons.h"

#include <filesystem>

#include "api/auth/secret.h"
#include "api/auth/totp.h"
#include "tests/support/login_scene.h"

namespace bulkhead::api {
namespace {

class PersonsTest : public testing::LoginScene {
 protected:
  Error refusal(const std::string& name, const std::string& password = "not the password") {
    const auto refused = logIn(name, password);
    return std::holds_alternative<Error>(refused) ? std::get<Error>(refused)
                                                  : Error{Code::kInternal, "let in", ""};
  }
};

TEST_F(PersonsTest, LetsAResellerInWithItsOwnReach) {
  const Principal rita = who(sessionOf("rita"));
  EXPECT_EQ(rita.actor, "reseller:rita");
  EXPECT_EQ(rita.role, "reseller");
  EXPECT_EQ(rita.reach.kind, Reach::Kind::kReseller);
  EXPECT_EQ(rita.reach.id, rita_);
  EXPECT_FALSE(rita.scopes.allows("admins:read"));
  EXPECT_FALSE(rita.scopes.allows("plans:write"));
}
TEST_F(PersonsTest, LetsTheUserOfAnAccountInWithItsOwnReach) {
  const Principal carol = who(sessionOf("carol"));
  EXPECT_EQ(carol.actor, "user:carol");
  EXPECT_EQ(carol.role, "user");
  EXPECT_EQ(carol.reach.kind, Reach::Kind::kAccount);
  EXPECT_EQ(carol.reach.id, carol_);
  EXPECT_FALSE(carol.scopes.allows("accounts:write"));
}
TEST_F(PersonsTest, AnswersTheSameWhateverKindOfPersonItIsAndWhyeverNot) {
  addAccount("dora");  // no password
  addAccount("erin");
  setPassword("acc_erin");
  setState("acc_erin", AccountState::kSuspended);
  const Error unknown = refusal("mallory");
  EXPECT_EQ(unknown.code, Code::kUnauthenticated);
  for (const auto& error :
       {refusal("alice"), refusal("rita"), refusal("carol"), refusal("dora", kPassword),
        refusal("dora", ""), refusal("erin", kPassword), refusal(carol_, kPassword),
        refusal(rita_, kPassword)}) {
    EXPECT_EQ(error.code, unknown.code);
    EXPECT_EQ(error.message, unknown.message);
    EXPECT_EQ(error.field, unknown.field);
  }
}
TEST_F(PersonsTest, TakesANameForAnAdministratorsFirstThenForAResellersThenForAnAccounts) {
  addAccount("alice");
  setPassword("acc_alice");
  addAccount("rita");
  setPassword("acc_rita");
  EXPECT_EQ(who(sessionOf("alice")).role, "main");
  EXPECT_EQ(who(sessionOf("rita")).role, "reseller");
}
TEST_F(PersonsTest, NeverFallsBackToTheNextPersonOfAName) {
  addAccount("rita");
  ASSERT_TRUE(logins_->addLogin("acc_rita", hashes_.hash("another long password").value()).ok());
  EXPECT_EQ(sessionOf("rita", "another long password"), "");
}
TEST_F(PersonsTest, FollowsARename) {
  const std::string token = sessionOf("rita");
  ASSERT_TRUE(panel_.store()
                  .write([&](Tables& tables) -> Result<Ok> {
                    TRY_ASSIGN(Reseller reseller, tables.resellers().find(rita_));
                    reseller.name = "margarita";
                    return tables.resellers().change(reseller);
                  })
                  .ok());
  EXPECT_EQ(who(token).actor, "reseller:margarita");
  EXPECT_EQ(sessionOf("rita"), "");
  EXPECT_NE(sessionOf("margarita"), "");
}
TEST_F(PersonsTest, EndsSessionsAndTokensWithTheSuspensionOfAnAccount) {
  const std::string session = sessionOf("carol");
  const std::string token = apiTokenOf(session);
  ASSERT_TRUE(holds(token));
  for (const AccountState state :
       {AccountState::kSuspended, AccountState::kDeleting, AccountState::kFailed}) {
    setState(carol_, state);
    EXPECT_FALSE(holds(session));
    EXPECT_FALSE(holds(token));
    EXPECT_EQ(sessionOf("carol"), "");
  }
}
TEST_F(PersonsTest, LetsNothingOfAnOldAccountInByANewOneOfItsName) {
  const std::string session = sessionOf("carol");
  const std::string token = apiTokenOf(session);
  ASSERT_TRUE(
      panel_.store().write([&](Tables& tables) { return tables.accounts().remove(carol_); }).ok());
  addAccount("carol", "", "acc_another");
  EXPECT_FALSE(holds(session));
  EXPECT_FALSE(holds(token));
  EXPECT_EQ(sessionOf("carol"), "");
  ASSERT_TRUE(authority_->persons().forgetTheGone().ok());
  EXPECT_FALSE(logins_->findPersonById(carol_).value());
  EXPECT_TRUE(logins_->findPersonById(rita_).value());
}
TEST_F(PersonsTest, LetsNothingOfARemovedResellerInByANewOneOfItsName) {
  addReseller("rolf");
  setPassword("rsl_rolf");
  const std::string session = sessionOf("rolf");
  const std::string token = apiTokenOf(session);
  ASSERT_TRUE(panel_.store()
                  .write([](Tables& tables) { return tables.resellers().remove("rsl_rolf"); })
                  .ok());
  EXPECT_FALSE(holds(session));
  EXPECT_FALSE(holds(token));
  EXPECT_EQ(sessionOf("rolf"), "");
}
TEST_F(PersonsTest, KeepsADisabledResellerOutAndWhatItHadIsOverWhenItIsEnabled) {
  const std::string session = sessionOf("rita");
  const std::string token = apiTokenOf(session);
  auto& credentials = authority_->credentials();
  ASSERT_TRUE(credentials.setStateBelow(localRoot(), rita_, PersonState::kDisabled, "r").ok());
  EXPECT_FALSE(holds(session));
  EXPECT_EQ(sessionOf("rita"), "");
  EXPECT_TRUE(logins_->isDisabled(rita_).value());
  ASSERT_TRUE(credentials.setStateBelow(localRoot(), rita_, PersonState::kActive, "r").ok());
  EXPECT_FALSE(holds(session));
  EXPECT_FALSE(holds(token));
  EXPECT_NE(sessionOf("rita"), "");
}
TEST_F(PersonsTest, KeepsAResellerOutWhoHasNoPasswordYet) {
  addReseller("rolf");
  auto& credentials = authority_->credentials();
  ASSERT_TRUE(credentials.setStateBelow(localRoot(), "rsl_rolf", PersonState::kDisabled, "r").ok());
  const auto reset = credentials.newResetBelow(localRoot(), "rsl_rolf", "r");
  EXPECT_EQ(reset.error().code, Code::kConflict);
}
TEST_F(PersonsTest, DisablesNoUserAndNoAdministratorAsAReseller) {
  auto& credentials = authority_->credentials();
  const std::string main = logins_->findMain().value()->id;
  for (const auto& id : {carol_, main, std::string("rsl_nobody")})
    EXPECT_EQ(credentials.setStateBelow(localRoot(), id, PersonState::kDisabled, "r").error().code,
              Code::kNotFound);
}
TEST_F(PersonsTest, GivesAFirstPasswordByACode) {
  addAccount("dora");
  const auto code = authority_->credentials().newResetBelow(localRoot(), "acc_dora", "r");
  ASSERT_TRUE(code.ok());
  EXPECT_EQ(code->username, "dora");
  EXPECT_TRUE(std::holds_alternative<Ok>(
      authority_->credentials().redeemReset(code->secret, kPassword, kHere, "r")));
  EXPECT_NE(sessionOf("dora"), "");
  EXPECT_TRUE(std::holds_alternative<Error>(
      authority_->credentials().redeemReset(code->secret, kPassword, kHere, "r")));
}
TEST_F(PersonsTest, TakesNoCodeOfAnAccountThatWasSuspendedMeanwhile) {
  const auto code = authority_->credentials().newResetBelow(localRoot(), carol_, "r");
  setState(carol_, AccountState::kSuspended);
  const auto redeemed =
      authority_->credentials().redeemReset(code->secret, "another long password", kHere, "r");
  EXPECT_EQ(std::get<Error>(redeemed).code, Code::kUnauthenticated);
  EXPECT_EQ(authority_->credentials().newResetBelow(localRoot(), carol_, "r").error().code,
            Code::kConflict);
}
TEST_F(PersonsTest, IssuesNoCodeForAnAdministratorNorForOneself) {
  const Principal rita = who(sessionOf("rita"));
  auto& credentials = authority_->credentials();
  for (const auto& id : {logins_->findMain().value()->id, rita_, std::string("acc_nobody")})
    EXPECT_EQ(credentials.newResetBelow(rita, id, "r").error().code, Code::kNotFound);
}
TEST_F(PersonsTest, ChangesAUsersOwnPasswordAndEndsWhatWasOpen) {
  const std::string session = sessionOf("carol");
  const std::string token = apiTokenOf(session);
  const auto changed = authority_->credentials().changePassword(
      who(session), {kPassword, "another long password"}, kHere, "r");
  ASSERT_TRUE(std::holds_alternative<PasswordChanged>(changed));
  EXPECT_FALSE(holds(session));
  EXPECT_FALSE(holds(token));
  EXPECT_TRUE(holds(std::get<PasswordChanged>(changed).login.token));
  EXPECT_EQ(sessionOf("carol"), "");
  EXPECT_NE(sessionOf("carol", "another long password"), "");
}
TEST_F(PersonsTest, AsksAUserForTheSecondFactorToo) {
  const std::string session = sessionOf("carol");
  const auto enrolled = authority_->factors().enrol(who(session));
  ASSERT_TRUE(enrolled.ok());
  EXPECT_NE(enrolled->uri.find("carol"), std::string::npos);
  EXPECT_FALSE(authority_->factors().state(who(session))->enabled);
  EXPECT_EQ(authority_->factors().removeBelow(localRoot(), "acc_nobody", "r").error().code,
            Code::kConflict);
  EXPECT_EQ(authority_->factors().removeBelow(who(session), carol_, "r").error().code,
            Code::kPermissionDenied);
  EXPECT_TRUE(authority_->factors().removeBelow(localRoot(), carol_, "r").ok());
}
TEST_F(PersonsTest, CountsGuessesAtAUserAsAtAnAdministrator) {
  int guesses = 0;
  while (std::holds_alternative<Error>(authority_->login("carol", "not the password", kHere)))
    ASSERT_LT(++guesses, 10);
  EXPECT_EQ(guesses, 5);
}
TEST_F(PersonsTest, ShowsAdministratorsNobodyElse) {
  for (const auto& key : {rita_, carol_, std::string("rita"), std::string("carol")}) {
    EXPECT_EQ(logins_->findAdministrator(key).error().code, Code::kNotFound);
    EXPECT_EQ(logins_->removeAdministrator(key).error().code, Code::kNotFound);
    EXPECT_EQ(authority_->credentials().newReset(localRoot(), key, "r").error().code,
              Code::kNotFound);
    EXPECT_EQ(authority_->credentials()
                  .setState(localRoot(), key, PersonState::kDisabled, "r")
                  .error()
                  .code,
              Code::kNotFound);
  }
  EXPECT_EQ(logins_->administrators({})->items.size(), 1U);
  EXPECT_TRUE(holds(sessionOf("carol")));
}
TEST_F(PersonsTest, RemovesNoAdministratorAsALogin) {
  const std::string main = logins_->findMain().value()->id;
  ASSERT_TRUE(logins_->removeLogin(main).ok());
  ASSERT_TRUE(logins_->addLogin(main, "x").ok());
  EXPECT_NE(sessionOf("alice"), "");
}
TEST_F(PersonsTest, GivesAUsersTokenNoScopeThatTheRoleLacks) {
  NewApiToken wanted;
  wanted.name = "front end";
  wanted.scopes = {"accounts:write"};
  wanted.lifeSeconds = ApiTokens::kLifeDefaultSeconds;
  EXPECT_EQ(authority_->tokens().create(who(sessionOf("carol")), wanted, "r").error().code,
            Code::kPermissionDenied);
  wanted.scopes = {"accounts:read"};
  wanted.owner = "alice";
  EXPECT_EQ(authority_->tokens().create(who(sessionOf("carol")), wanted, "r").error().code,
            Code::kPermissionDenied);
}
TEST_F(PersonsTest, NamesTheOwnerOfATokenAndShowsOthersNone) {
  const std::string carol = sessionOf("carol");
  const std::string secret = apiTokenOf(carol);
  const Principal byToken = who(secret);
  EXPECT_TRUE(byToken.actor.starts_with("user:carol/tok_"));
  EXPECT_EQ(byToken.reach.id, carol_);
  EXPECT_EQ(authority_->tokens().self(byToken)->owner, "carol");
  EXPECT_EQ(authority_->tokens().list(who(carol), {})->items.size(), 1U);
  const Principal rita = who(sessionOf("rita"));
  EXPECT_TRUE(authority_->tokens().list(rita, {})->items.empty());
  EXPECT_EQ(authority_->tokens().find(rita, byToken.token->id).error().code, Code::kNotFound);
  EXPECT_EQ(authority_->tokens().revoke(rita, byToken.token->id, "r").error().code,
            Code::kNotFound);
}
TEST_F(PersonsTest, MakesAUsersLoginLinkForHimselfOnly) {
  const Principal carol = who(sessionOf("carol"));
  const auto link = authority_->newLoginLink(carol, "");
  ASSERT_TRUE(link.ok());
  EXPECT_EQ(link->username, "carol");
  EXPECT_EQ(authority_->newLoginLink(carol, "rita").error().code, Code::kPermissionDenied);
  setState(carol_, AccountState::kSuspended);
  EXPECT_TRUE(std::holds_alternative<Error>(authority_->loginByLink(link->secret, kHere)));
}

}  // namespace
}  // namespace bulkhead::api
