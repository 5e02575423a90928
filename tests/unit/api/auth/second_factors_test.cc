// Second factors: enrolling, each code once, waiting after wrong ones, and what a proof opens.
#include "api/auth/second_factors.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>

#include "api/auth/authority.h"
#include "api/auth/totp.h"
#include "tests/support/manual_clock.h"
#include "tests/support/store_kinds.h"
#include "tests/support/temp_dir.h"

namespace bulkhead::api {
namespace {

const std::string kPassword = "correct horse battery";
const std::string kHere = "192.0.2.1";

// What an app does with the secret that it was given.
std::string seedOf(const std::string& base32) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string seed;
  unsigned buffer = 0;
  unsigned bits = 0;
  for (const char c : base32) {
    buffer = (buffer << 5U) | static_cast<unsigned>(kAlphabet.find(c));
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    seed += static_cast<char>((buffer >> bits) & 255U);
  }
  return seed;
}

class SecondFactorsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    restart();
    const auto code = authority_->newBootstrapCode();
    ASSERT_TRUE(std::holds_alternative<Person>(
        authority_->bootstrap(code->secret, "alice", kPassword, "local")));
    Administrator bob;
    bob.id = "adm_bob";
    bob.name = "bobby";
    bob.createdAt = clock_.nowMicros();
    ASSERT_TRUE(store_->addAdministrator(bob, hashes_.hash(kPassword).value()).ok());
  }
  void restart() {
    authority_.reset();
    store_ = AdminStore::open(dir_.path() + "/admins.db").value();
    authority_ = std::make_unique<Authority>(*store_, panel_.store(), hashes_, key_, clock_);
  }
  Guarded<Login> login(const std::string& code = "", const std::string& password = kPassword) {
    return authority_->login("bobby", password, kHere, code);
  }
  Principal enter(const std::string& code = "") {
    return authority_->authenticate(std::get<Login>(login(code)).token).value();
  }
  // bobby has a factor from now on; the codes up to now are used up.
  Principal enrolled() {
    const Principal bobby = enter();
    seed_ = seedOf(factors().enrol(bobby).value().secret);
    backup_ = std::get<std::vector<std::string>>(factors().confirm(bobby, code(), "r"));
    clock_.advance(60);
    return bobby;
  }
  std::string code(std::int64_t away = 0) {
    return totpCode(seed_, totpStep(clock_.nowMicros()) + away);
  }
  std::string wrongCode() {
    for (int guess = 0;; ++guess) {
      const std::string text = std::to_string(100000 + guess);
      if (text != code(-1) && text != code() && text != code(1)) return text;
    }
  }
  SecondFactors& factors() { return authority_->factors(); }
  template <typename T>
  static Code refusal(const Guarded<T>& guarded) {
    return std::holds_alternative<Error>(guarded) ? std::get<Error>(guarded).code : Code::kInternal;
  }
  static bool in(const Guarded<Login>& login) { return std::holds_alternative<Login>(login); }
  static bool asksCode(const Guarded<Login>& login) {
    return std::holds_alternative<CodeWanted>(login);
  }
  static int waits(const Guarded<Login>& login) {
    return std::holds_alternative<Throttled>(login) ? std::get<Throttled>(login).retryAfterSeconds
                                                    : 0;
  }

  test::ManualClock clock_;
  bulkhead::testing::SqliteUnderTest panel_;
  bulkhead::testing::TempDir dir_;
  HashPool hashes_{HashCost{1, 8192}};
  FactorKey key_ = FactorKey::load(dir_.path()).value();
  std::unique_ptr<AdminStore> store_;
  std::unique_ptr<Authority> authority_;
  std::string seed_;
  std::vector<std::string> backup_;
};

TEST_F(SecondFactorsTest, AskNothingBeforeTheyAreConfirmed) {
  const Principal bobby = enter();
  const auto first = factors().enrol(bobby);
  ASSERT_TRUE(first.ok());
  EXPECT_TRUE(in(login()));
  EXPECT_FALSE(factors().state(bobby)->enabled);
  // Another seed replaces one that nobody confirmed.
  const auto second = factors().enrol(bobby);
  ASSERT_TRUE(second.ok());
  seed_ = seedOf(first->secret);
  EXPECT_EQ(refusal(factors().confirm(bobby, code(), "r")), Code::kPermissionDenied);
  seed_ = seedOf(second->secret);
  EXPECT_TRUE(
      std::holds_alternative<std::vector<std::string>>(factors().confirm(bobby, code(), "r")));
  EXPECT_TRUE(asksCode(login()));
}
TEST_F(SecondFactorsTest, EndTheSessionsThatCameInWithout) {
  const std::string other = std::get<Login>(login()).token;
  const Principal bobby = enrolled();
  EXPECT_FALSE(authority_->authenticate(other).ok());
  EXPECT_TRUE(factors().state(bobby)->enabled);
  EXPECT_EQ(factors().state(bobby)->backupCodesLeft, 10);
  EXPECT_EQ(factors().enrol(bobby).error().code, Code::kConflict);
  EXPECT_EQ(refusal(factors().confirm(bobby, code(), "r")), Code::kConflict);
}
TEST_F(SecondFactorsTest, LetNobodyInWithoutACodeNorByAWrongOne) {
  (void)enrolled();
  EXPECT_TRUE(asksCode(login()));
  const auto wrong = login(wrongCode());
  const auto unknown = login(code(), "not the password");
  EXPECT_EQ(std::get<Error>(wrong).message, std::get<Error>(unknown).message);
  EXPECT_EQ(refusal(wrong), Code::kUnauthenticated);
  EXPECT_TRUE(in(login(code())));
  EXPECT_TRUE(in(authority_->login("alice", kPassword, kHere)));  // she has none
}
TEST_F(SecondFactorsTest, SayNothingOfThemselvesToAWrongPassword) {
  (void)enrolled();
  for (const std::string& name :
       {std::string("bobby"), std::string("alice"), std::string("none1")}) {
    const auto refused = authority_->login(name, "not the password", "192.0.2.7");
    EXPECT_EQ(refusal(refused), Code::kUnauthenticated);
  }
}
TEST_F(SecondFactorsTest, TakeACodeOnceAlsoAcrossARestart) {
  (void)enrolled();
  const std::string used = code();
  EXPECT_TRUE(in(login(used)));
  EXPECT_FALSE(in(login(used)));
  restart();
  EXPECT_FALSE(in(login(used)));
  EXPECT_TRUE(in(login(code(1))));
  EXPECT_FALSE(in(login(code(0))));  // older than one that was used
}
TEST_F(SecondFactorsTest, TakeACodeOnceFromManyAtTheSameMoment) {
  (void)enrolled();
  const std::string used = code();
  std::atomic<int> came{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      if (in(authority_->login("bobby", kPassword, "192.0.2." + std::to_string(10 + i), used)))
        ++came;
    });
  for (auto& thread : threads)
    thread.join();
  EXPECT_EQ(came, 1);
}
TEST_F(SecondFactorsTest, MakeWhoGuessesWaitEverLonger) {
  (void)enrolled();
  const auto guess = [&](int i) {  // from everywhere, as the login limits let him
    return authority_->login("bobby", kPassword, "198.51.100." + std::to_string(i), wrongCode());
  };
  for (int i = 0; i < SecondFactors::kTriesAtOnce; ++i)
    EXPECT_EQ(refusal(guess(i)), Code::kUnauthenticated);
  EXPECT_EQ(waits(guess(9)), 30);
  EXPECT_EQ(waits(login(code())), 30);  // also for the right one: else it would be told
  restart();
  EXPECT_EQ(waits(login(code())), 30);
  clock_.advance(30);
  EXPECT_EQ(refusal(guess(10)), Code::kUnauthenticated);
  EXPECT_EQ(waits(login(code())), 60);
  for (int i = 11; i < 20; ++i) {
    clock_.advance(15 * 60);
    EXPECT_EQ(refusal(guess(i)), Code::kUnauthenticated);
  }
  EXPECT_EQ(waits(login(code())), 15 * 60);
  clock_.advance(15 * 60);
  EXPECT_TRUE(in(login(code())));
  clock_.advance(60);
  EXPECT_EQ(refusal(guess(20)), Code::kUnauthenticated);  // forgotten by the right one
}
TEST_F(SecondFactorsTest, ACodeThatIsSentTwiceIsNoGuess) {
  (void)enrolled();
  const std::string used = code();
  ASSERT_TRUE(in(login(used)));
  for (int i = 0; i < SecondFactors::kTriesAtOnce + 1; ++i)
    EXPECT_EQ(refusal(authority_->login("bobby", kPassword, "192.0.2." + std::to_string(i), used)),
              Code::kUnauthenticated);
  clock_.advance(30);
  EXPECT_TRUE(in(login(code())));
}
TEST_F(SecondFactorsTest, AClockThatWasAheadHoldsNobodyUpForLonger) {
  (void)enrolled();
  clock_.advance(30LL * 24 * 3600);
  ASSERT_TRUE(in(login(code())));
  for (int i = 0; i < SecondFactors::kTriesAtOnce; ++i)
    (void)authority_->login("bobby", kPassword, "198.51.100." + std::to_string(i), wrongCode());
  clock_.advance(-30LL * 24 * 3600);
  EXPECT_LE(waits(login(code())), SecondFactors::kLongestWaitSeconds);
  clock_.advance(SecondFactors::kLongestWaitSeconds);
  EXPECT_TRUE(in(login(code())));
}
TEST_F(SecondFactorsTest, TakeEachBackupCodeOnceAlsoWhileOthersGuess) {
  (void)enrolled();
  for (int i = 0; i < SecondFactors::kTriesAtOnce; ++i)
    (void)authority_->login("bobby", kPassword, "198.51.100." + std::to_string(i), wrongCode());
  EXPECT_GT(waits(login(code())), 0);
  EXPECT_TRUE(in(login(backup_[3])));
  EXPECT_FALSE(in(login(backup_[3])));
  std::string typed = backup_[4];
  for (char& c : typed)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  EXPECT_TRUE(in(login(typed)));
  EXPECT_EQ(factors().state(enter(backup_[5]))->backupCodesLeft, 7);
  EXPECT_FALSE(in(authority_->login("alice", kPassword + "x", kHere, backup_[6])));
}
TEST_F(SecondFactorsTest, HaveBackupCodesOf120BitsThatCanBeRenewed) {
  const Principal bobby = enrolled();
  ASSERT_EQ(backup_.size(), 10U);
  EXPECT_EQ(backup_[0].size(), 26U);  // 24 letters of 5 bits, two hyphens
  const auto fresh = factors().renewBackupCodes(bobby, "r");
  ASSERT_TRUE(fresh.ok());
  EXPECT_FALSE(in(login(backup_[0])));
  EXPECT_TRUE(in(login((*fresh)[0])));
}
TEST_F(SecondFactorsTest, AreAskedAlsoAfterALinkWhoeverMadeIt) {
  (void)enrolled();
  const auto link = authority_->newLoginLink(localRoot(), "bobby");
  EXPECT_TRUE(asksCode(authority_->loginByLink(link->secret, kHere)));
  EXPECT_EQ(refusal(authority_->loginByLink(link->secret, kHere, wrongCode())),
            Code::kUnauthenticated);
  const auto entered = authority_->loginByLink(link->secret, kHere, code());
  ASSERT_TRUE(in(entered));
  EXPECT_FALSE(authority_->authenticate(std::get<Login>(entered).token)->proved);
  EXPECT_FALSE(in(authority_->loginByLink(link->secret, kHere, backup_[0])));
}
TEST_F(SecondFactorsTest, AreNotPassedByAPasswordReset) {
  (void)enrolled();
  const auto reset = authority_->credentials().newReset(localRoot(), "bobby", "r");
  ASSERT_TRUE(std::holds_alternative<Ok>(
      authority_->credentials().redeemReset(reset->secret, "walnut tractor violin", kHere, "r")));
  EXPECT_TRUE(asksCode(login("", "walnut tractor violin")));
  EXPECT_TRUE(in(login(code(), "walnut tractor violin")));
}
TEST_F(SecondFactorsTest, AreAskedForAnotherPassword) {
  const Principal bobby = enrolled();
  const auto change = [&](const std::string& given) {
    return authority_->credentials().changePassword(
        bobby, {kPassword, "walnut tractor violin", given}, kHere, "r");
  };
  EXPECT_TRUE(std::holds_alternative<CodeWanted>(change("")));
  EXPECT_EQ(std::get<Error>(change(wrongCode())).field, "code");
  EXPECT_TRUE(std::holds_alternative<PasswordChanged>(change(code())));
}
TEST_F(SecondFactorsTest, AreTakenAwayByTheMainAdministratorOrRootOnly) {
  const Principal bobby = enrolled();
  const Principal alice =
      authority_->authenticate(std::get<Login>(authority_->login("alice", kPassword, kHere)).token)
          .value();
  EXPECT_EQ(factors().remove(bobby, "alice", "r").error().code, Code::kPermissionDenied);
  EXPECT_EQ(factors().remove(bobby, "bobby", "r").error().code, Code::kPermissionDenied);
  EXPECT_EQ(factors().remove(alice, "alice", "r").error().code, Code::kPermissionDenied);
  EXPECT_EQ(factors().remove(localRoot(), "alice", "r").error().code, Code::kConflict);
  EXPECT_TRUE(factors().remove(alice, "bobby", "r").ok());
  EXPECT_TRUE(in(login()));
  EXPECT_EQ(factors().disable(bobby, "r").error().code, Code::kConflict);
  EXPECT_EQ(factors().enrol(localRoot()).error().code, Code::kConflict);
}
TEST_F(SecondFactorsTest, KeepNobodyInWhoseSeedCannotBeRead) {
  (void)enrolled();
  std::filesystem::remove(dir_.path() + "/" + FactorKey::kFileName);
  key_ = FactorKey::load(dir_.path()).value();
  EXPECT_EQ(refusal(login(code())), Code::kInternal);
  EXPECT_TRUE(asksCode(login()));
  EXPECT_TRUE(factors().remove(localRoot(), "bobby", "r").ok());
  EXPECT_TRUE(in(login()));
}
TEST_F(SecondFactorsTest, LeaveNoSeedAndNoCodeInTheDatabase) {
  (void)enrolled();
  std::string disk;
  for (const auto& file : std::filesystem::directory_iterator(dir_.path())) {
    std::ifstream in(file.path(), std::ios::binary);
    std::stringstream bytes;
    bytes << in.rdbuf();
    disk += bytes.str();
  }
  EXPECT_NE(disk.find("second_factors"), std::string::npos);  // it looked at the right files
  for (const std::string& secret : {seed_, base32Of(seed_), backup_[0], backup_[9]})
    EXPECT_EQ(disk.find(secret), std::string::npos);
}

TEST_F(SecondFactorsTest, LetNobodyInWhoWasAskedBeforeTheyWereConfirmed) {
  const std::int64_t asked = clock_.nowMicros();
  clock_.advance(1);
  (void)enrolled();
  const auto bobby = store_->findByName("bobby").value();
  const auto late = [&](std::int64_t since) {
    const std::int64_t now = clock_.nowMicros();
    return store_->addSession({"ses_late", "hash", bobby->id, "", now, now, now + 1000}, 1000,
                              bobby->passwordHash, since);
  };
  EXPECT_EQ(late(asked).error().code, Code::kUnauthenticated);
  EXPECT_TRUE(late(clock_.nowMicros()).ok());
}
TEST_F(SecondFactorsTest, ThatWaitForTheirConfirmationEndWithThePassword) {
  const Principal bobby = enter();
  seed_ = seedOf(factors().enrol(bobby)->secret);
  const auto changed = authority_->credentials().changePassword(
      bobby, {kPassword, "walnut tractor violin", ""}, kHere, "r");
  ASSERT_TRUE(std::holds_alternative<PasswordChanged>(changed));
  EXPECT_EQ(refusal(factors().confirm(bobby, code(), "r")), Code::kConflict);
}

TEST_F(SecondFactorsTest, AProofEndsWhatWasMadeWithTheTokenOfBefore) {
  const Principal bobby = enter();
  const auto link = authority_->newLoginLink(bobby, "");
  ASSERT_TRUE(link.ok());
  ASSERT_TRUE(in(authority_->credentials().prove(bobby, kPassword, "", kHere, "r")));
  EXPECT_EQ(refusal(authority_->loginByLink(link->secret, kHere, "")), Code::kUnauthenticated);
}
TEST_F(SecondFactorsTest, ASessionThatIsOverMakesNoWayIn) {
  const Principal bobby = enter();
  ASSERT_TRUE(authority_->logout(bobby).ok());
  EXPECT_EQ(authority_->newLoginLink(bobby, "").error().code, Code::kUnauthenticated);
}
TEST_F(SecondFactorsTest, AnAdministratorHasTheLastTenLinks) {
  const Principal bobby = enter();
  const auto first = authority_->newLoginLink(bobby, "");
  for (std::int64_t i = 0; i < AdminStore::kLinksPerPersonMax; ++i) {
    clock_.advance(1);
    ASSERT_TRUE(authority_->newLoginLink(bobby, "").ok());
  }
  EXPECT_EQ(refusal(authority_->loginByLink(first->secret, kHere, "")), Code::kUnauthenticated);
}
TEST_F(SecondFactorsTest, AProofIsWorthFiveMinutesAndMovesTheSession) {
  const std::string before = std::get<Login>(login()).token;
  Principal bobby = authority_->authenticate(before).value();
  EXPECT_TRUE(bobby.proved);  // the login was one
  clock_.advance(5 * 60);
  bobby = authority_->authenticate(before).value();
  EXPECT_FALSE(bobby.proved);
  Credentials& credentials = authority_->credentials();
  EXPECT_EQ(refusal(credentials.prove(bobby, "not the password", "", kHere, "r")),
            Code::kPermissionDenied);
  EXPECT_FALSE(authority_->authenticate(before)->proved);
  const auto proved = credentials.prove(bobby, kPassword, "", kHere, "r");
  ASSERT_TRUE(in(proved));
  EXPECT_FALSE(authority_->authenticate(before).ok());
  const std::string after = std::get<Login>(proved).token;
  EXPECT_TRUE(authority_->authenticate(after)->proved);
  EXPECT_EQ(authority_->authenticate(after)->sessionId, bobby.sessionId);
  clock_.advance(5 * 60);
  EXPECT_FALSE(authority_->authenticate(after)->proved);
}
TEST_F(SecondFactorsTest, AProofNeedsTheCodeToo) {
  const Principal bobby = enrolled();
  Credentials& credentials = authority_->credentials();
  EXPECT_TRUE(
      std::holds_alternative<CodeWanted>(credentials.prove(bobby, kPassword, "", kHere, "r")));
  EXPECT_EQ(refusal(credentials.prove(bobby, kPassword, wrongCode(), kHere, "r")),
            Code::kPermissionDenied);
  EXPECT_TRUE(in(credentials.prove(bobby, kPassword, code(), kHere, "r")));
}
TEST_F(SecondFactorsTest, AProofMakesNoSessionLonger) {
  const auto entered = login();
  const std::int64_t end = std::get<Login>(entered).expiresAt;
  clock_.advance(600);
  const Principal bobby = authority_->authenticate(std::get<Login>(entered).token).value();
  const auto proved = authority_->credentials().prove(bobby, kPassword, "", kHere, "r");
  EXPECT_EQ(std::get<Login>(proved).expiresAt, end);
}
TEST_F(SecondFactorsTest, GuessesAtAProofAreLimitedOfTheSession) {
  const Principal bobby = enter();
  for (int i = 0; i < 5; ++i)
    (void)authority_->credentials().prove(bobby, "guess guess guess", "", kHere, "r");
  EXPECT_GT(waits(authority_->credentials().prove(bobby, kPassword, "", kHere, "r")), 0);
}
TEST_F(SecondFactorsTest, RootProvesItselfByBeingThere) {
  EXPECT_TRUE(localRoot().proved);
  EXPECT_EQ(refusal(authority_->credentials().prove(localRoot(), kPassword, "", kHere, "r")),
            Code::kConflict);
}

}  // namespace
}  // namespace bulkhead::api
