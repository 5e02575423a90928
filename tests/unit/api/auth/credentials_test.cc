// Changing, resetting and losing a password; being disabled. What must be over is tried, not looked
// up.
#include "api/auth/credentials.h"

#include <gtest/gtest.h>

#include "api/auth/authority.h"
#include "api/auth/secret.h"
#include "tests/support/manual_clock.h"
#include "tests/support/store_kinds.h"
#include "tests/support/temp_dir.h"

namespace bulkhead::api {
namespace {

const std::string kOld = "correct horse battery";
const std::string kNew = "walnut tractor violin";
const std::string kHere = "192.0.2.1";

class CredentialsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    store_ = AdminStore::open(dir_.path() + "/admins.db").value();
    authority_ = std::make_unique<Authority>(*store_, panel_.store(), hashes_, key_, clock_);
    const auto code = authority_->newBootstrapCode();
    ASSERT_TRUE(std::holds_alternative<Person>(
        authority_->bootstrap(code->secret, "alice", kOld, "local")));
    Administrator bob;
    bob.id = "adm_bob";
    bob.name = "bobby";
    bob.createdAt = clock_.nowMicros();
    ASSERT_TRUE(store_->addAdministrator(bob, hashes_.hash(kOld).value()).ok());
  }
  std::string logIn(const std::string& name, const std::string& password) {
    auto login = authority_->login(name, password, kHere);
    return std::holds_alternative<Login>(login) ? std::get<Login>(login).token : "";
  }
  Principal principal(const std::string& name) {
    return authority_->authenticate(logIn(name, kOld)).value();
  }
  bool holds(const std::string& token) { return authority_->authenticate(token).ok(); }
  std::string makeToken(const Principal& owner) {
    NewApiToken wanted;
    wanted.name = "front end";
    wanted.scopes = {"self:read"};
    wanted.lifeSeconds = 3600;
    return authority_->tokens().create(owner, wanted, "r").value().secret;
  }
  Guarded<PasswordChanged> change(const Principal& by,
                                  const std::string& current,
                                  const std::string& wanted) {
    return credentials().changePassword(by, {current, wanted}, kHere, "r");
  }
  Credentials& credentials() { return authority_->credentials(); }
  template <typename T>
  static Error refusal(const Guarded<T>& guarded) {
    return std::holds_alternative<Error>(guarded) ? std::get<Error>(guarded)
                                                  : Error{Code::kInternal, "not refused", ""};
  }

  test::ManualClock clock_;
  bulkhead::testing::SqliteUnderTest panel_;
  bulkhead::testing::TempDir dir_;
  HashPool hashes_{HashCost{1, 8192}};
  FactorKey key_ = FactorKey::load(dir_.path()).value();
  std::unique_ptr<AdminStore> store_;
  std::unique_ptr<Authority> authority_;
};

TEST_F(CredentialsTest, AChangedPasswordEndsEverySessionTokenAndLinkOfBefore) {
  const std::string first = logIn("bobby", kOld);
  const std::string asking = logIn("bobby", kOld);
  const Principal bobby = authority_->authenticate(asking).value();
  const std::string token = makeToken(bobby);
  const auto link = authority_->newLoginLink(localRoot(), "bobby");
  const std::string alices = logIn("alice", kOld);
  const auto changed = change(bobby, kOld, kNew);
  ASSERT_TRUE(std::holds_alternative<PasswordChanged>(changed)) << refusal(changed).message;
  EXPECT_EQ(std::get<PasswordChanged>(changed).ended.sessions, 2);
  EXPECT_EQ(std::get<PasswordChanged>(changed).ended.tokens, 1);
  for (const auto& over : {first, asking, token})
    EXPECT_FALSE(holds(over));
  EXPECT_TRUE(std::holds_alternative<Error>(authority_->loginByLink(link->secret, kHere)));
  EXPECT_TRUE(holds(std::get<PasswordChanged>(changed).login.token));
  EXPECT_TRUE(holds(alices));
  EXPECT_EQ(logIn("bobby", kOld), "");
  EXPECT_NE(logIn("bobby", kNew), "");
}
TEST_F(CredentialsTest, AWrongCurrentPasswordChangesNothing) {
  const std::string session = logIn("bobby", kOld);
  const Principal bobby = authority_->authenticate(session).value();
  const Error refused = refusal(change(bobby, "not the password", kNew));
  EXPECT_EQ(refused.code, Code::kPermissionDenied);
  EXPECT_EQ(refused.field, "current_password");
  EXPECT_TRUE(holds(session));
  EXPECT_NE(logIn("bobby", kOld), "");
}
TEST_F(CredentialsTest, GuessesAtTheCurrentPasswordAreLimitedOfTheSessionAlone) {
  const Principal bobby = principal("bobby");
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(refusal(change(bobby, "guess guess guess", kNew)).code, Code::kPermissionDenied);
  EXPECT_TRUE(std::holds_alternative<Throttled>(change(bobby, kOld, kNew)));
  EXPECT_NE(logIn("bobby", kOld), "") << "whoever has a stolen session keeps nobody out";
}
TEST_F(CredentialsTest, StrangersWhoGuessAtLoginsKeepNobodyFromChangingHisPassword) {
  const Principal bobby = principal("bobby");
  for (int i = 0; i < 200; ++i)
    (void)authority_->login("bobby", "guess guess guess", "198.51.100." + std::to_string(i));
  EXPECT_TRUE(std::holds_alternative<PasswordChanged>(change(bobby, kOld, kNew)));
}
TEST_F(CredentialsTest, RefusesANewPasswordThatMayNotBeSet) {
  const Principal bobby = principal("bobby");
  for (const std::string& bad : {std::string("short"), std::string("bobby walks the dog"),
                                 std::string("Password2024!"), std::string(129, 'x'), kOld}) {
    const Error refused = refusal(change(bobby, kOld, bad));
    EXPECT_EQ(refused.code, Code::kInvalidArgument) << bad;
    EXPECT_EQ(refused.field, "new_password");
  }
}
TEST_F(CredentialsTest, RootHasNoPasswordToChange) {
  EXPECT_EQ(refusal(change(localRoot(), kOld, kNew)).code, Code::kConflict);
}
TEST_F(CredentialsTest, OfTwoChangesAtOnceOneWins) {
  const auto admin = store_->findByName("bobby").value();
  Session fresh{"ses_a", "a", admin->id, "", 1, 1, 100};
  ASSERT_TRUE(store_->changePassword(admin->passwordHash, "one", fresh).ok());
  fresh.id = "ses_b";
  fresh.tokenHash = "b";
  EXPECT_EQ(store_->changePassword(admin->passwordHash, "two", fresh).error().code,
            Code::kConflict);
}
TEST_F(CredentialsTest, ALoginByThePasswordOfBeforeComesTooLate) {
  const auto admin = store_->findByName("bobby").value();
  ASSERT_TRUE(store_->renewPasswordHash(admin->id, admin->passwordHash, "another").ok());
  const Session late{"ses_late", "l", admin->id, "", 1, 1, 100};
  EXPECT_EQ(store_->addSession(late, 1, admin->passwordHash).error().code, Code::kUnauthenticated);
  // Nor does its newer hash put the old password back.
  ASSERT_TRUE(store_->renewPasswordHash(admin->id, admin->passwordHash, "of the old one").ok());
  EXPECT_EQ(store_->findByName("bobby").value()->passwordHash, "another");
}

TEST_F(CredentialsTest, AResetSetsThePasswordOnceAndEndsWhatWasThere) {
  const std::string session = logIn("bobby", kOld);
  const std::string token = makeToken(principal("bobby"));
  const auto reset = credentials().newReset(principal("alice"), "bobby", "r");
  ASSERT_TRUE(reset.ok());
  EXPECT_EQ(reset->username, "bobby");
  EXPECT_TRUE(holds(session));  // until it is used
  EXPECT_TRUE(
      std::holds_alternative<Ok>(credentials().redeemReset(reset->secret, kNew, kHere, "r")));
  EXPECT_FALSE(holds(session));
  EXPECT_FALSE(holds(token));
  EXPECT_NE(logIn("bobby", kNew), "");
  EXPECT_EQ(refusal(credentials().redeemReset(reset->secret, kOld, kHere, "r")).code,
            Code::kUnauthenticated);
}
TEST_F(CredentialsTest, AResetIsForOneAdministratorAndAQuarterOfAnHour) {
  const auto reset = credentials().newReset(localRoot(), "bobby", "r");
  clock_.advance(15 * 60);
  EXPECT_EQ(refusal(credentials().redeemReset(reset->secret, kNew, kHere, "r")).code,
            Code::kUnauthenticated);
  EXPECT_NE(logIn("bobby", kOld), "");
}
TEST_F(CredentialsTest, ANewResetEndsTheOneBefore) {
  const auto first = credentials().newReset(localRoot(), "bobby", "r");
  const auto second = credentials().newReset(localRoot(), "bobby", "r");
  EXPECT_EQ(refusal(credentials().redeemReset(first->secret, kNew, kHere, "r")).code,
            Code::kUnauthenticated);
  EXPECT_TRUE(
      std::holds_alternative<Ok>(credentials().redeemReset(second->secret, kNew, kHere, "r")));
}
TEST_F(CredentialsTest, AResetStaysWhenThePasswordIsRefused) {
  const auto reset = credentials().newReset(localRoot(), "bobby", "r");
  for (const char* bad : {"short", "bobby bobby bobb", "Password2024!"})
    EXPECT_EQ(refusal(credentials().redeemReset(reset->secret, bad, kHere, "r")).code,
              Code::kInvalidArgument);
  EXPECT_TRUE(
      std::holds_alternative<Ok>(credentials().redeemReset(reset->secret, kNew, kHere, "r")));
}
TEST_F(CredentialsTest, ResetsAreIssuedByWhoMay) {
  const auto codeFor = [&](const Principal& by, const std::string& name) {
    const auto reset = credentials().newReset(by, name, "r");
    return reset.ok() ? Code::kInternal : reset.error().code;
  };
  EXPECT_EQ(codeFor(principal("bobby"), "alice"), Code::kPermissionDenied);
  EXPECT_EQ(codeFor(principal("bobby"), "bobby"), Code::kPermissionDenied);
  // A stolen session of hers must not do without the current password.
  EXPECT_EQ(codeFor(principal("alice"), "alice"), Code::kPermissionDenied);
  EXPECT_EQ(codeFor(localRoot(), "nobody1"), Code::kNotFound);
  EXPECT_TRUE(credentials().newReset(localRoot(), "alice", "r").ok());
}
TEST_F(CredentialsTest, LimitsGuessesAtResetCodes) {
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(refusal(credentials().redeemReset(newToken(kResetPrefix), kNew, kHere, "r")).code,
              Code::kUnauthenticated);
  EXPECT_TRUE(std::holds_alternative<Throttled>(
      credentials().redeemReset(newToken(kResetPrefix), kNew, kHere, "r")));
}
TEST_F(CredentialsTest, TakesNoOtherSecretForAReset) {
  const auto link = authority_->newLoginLink(localRoot(), "bobby");
  for (const auto& other : {link->secret, logIn("bobby", kOld), std::string("bhr_")})
    EXPECT_EQ(refusal(credentials().redeemReset(other, kNew, kHere, "r")).code,
              Code::kUnauthenticated);
}

TEST_F(CredentialsTest, ADisabledAdministratorLosesEveryWayInAtOnce) {
  const std::string session = logIn("bobby", kOld);
  const std::string token = makeToken(principal("bobby"));
  const auto link = authority_->newLoginLink(localRoot(), "bobby");
  const auto reset = credentials().newReset(localRoot(), "bobby", "r");
  const auto disabled =
      credentials().setState(principal("alice"), "bobby", PersonState::kDisabled, "r");
  ASSERT_TRUE(disabled.ok());
  EXPECT_TRUE(disabled->disabled);
  EXPECT_FALSE(holds(session));
  EXPECT_FALSE(holds(token));
  EXPECT_EQ(logIn("bobby", kOld), "");
  EXPECT_EQ(refusal(credentials().redeemReset(reset->secret, kNew, kHere, "r")).code,
            Code::kUnauthenticated);
  EXPECT_EQ(credentials().newReset(localRoot(), "bobby", "r").error().code, Code::kConflict);
  const auto enabled = credentials().setState(localRoot(), "bobby", PersonState::kActive, "r");
  EXPECT_FALSE(enabled->disabled);
  EXPECT_GT(enabled->revision, disabled->revision);
  // Who is let in again starts anew: what ended stays over.
  EXPECT_FALSE(holds(session));
  EXPECT_FALSE(holds(token));
  EXPECT_TRUE(std::holds_alternative<Error>(authority_->loginByLink(link->secret, kHere)));
  EXPECT_NE(logIn("bobby", kOld), "");
}
TEST_F(CredentialsTest, TheMainAdministratorCannotBeDisabled) {
  EXPECT_EQ(credentials().setState(localRoot(), "alice", PersonState::kDisabled, "r").error().code,
            Code::kConflict);
  EXPECT_EQ(
      credentials().setState(localRoot(), "nobody1", PersonState::kDisabled, "r").error().code,
      Code::kNotFound);
  EXPECT_NE(logIn("alice", kOld), "");
}

}  // namespace
}  // namespace bulkhead::api
