// Who may come in: success once for each way, and every refusal.
#include "api/auth/authority.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>

#include "api/auth/secret.h"
#include "tests/support/manual_clock.h"
#include "tests/support/store_kinds.h"
#include "tests/support/temp_dir.h"

namespace bulkhead::api {
namespace {

const std::string kPassword = "correct horse battery";
const HashCost kCheap{1, 8192};  // tests are about the rules, not about the cost

class AuthorityTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto store = AdminStore::open(directory_ + "/admins.db");
    ASSERT_TRUE(store.ok()) << store.error().message;
    store_ = std::move(store).value();
    authority_ = std::make_unique<Authority>(*store_, panel_.store(), hashes_, key_, clock_);
  }
  void TearDown() override {
    authority_.reset();
    store_.reset();
  }
  void makeAlice() {
    const auto code = authority_->newBootstrapCode();
    ASSERT_TRUE(code.ok());
    const auto made = authority_->bootstrap(code->secret, "alice", kPassword, "local");
    ASSERT_TRUE(std::holds_alternative<Person>(made));
  }
  std::string loginToken(const std::string& address = "192.0.2.1") {
    auto login = authority_->login("alice", kPassword, address);
    EXPECT_TRUE(std::holds_alternative<Login>(login));
    return std::holds_alternative<Login>(login) ? std::get<Login>(login).token : "";
  }
  Code codeOf(const std::string& token) {
    const auto principal = authority_->authenticate(token);
    return principal.ok() ? Code::kInternal : principal.error().code;
  }

  test::ManualClock clock_;
  bulkhead::testing::SqliteUnderTest panel_;
  bulkhead::testing::TempDir dir_;
  const std::string directory_ = dir_.path();
  HashPool hashes_{kCheap};
  FactorKey key_ = FactorKey::load(dir_.path()).value();
  std::unique_ptr<AdminStore> store_;
  std::unique_ptr<Authority> authority_;
};

TEST_F(AuthorityTest, LetsTheMainAdministratorIn) {
  makeAlice();
  const auto principal = authority_->authenticate(loginToken());
  ASSERT_TRUE(principal.ok());
  EXPECT_EQ(principal->actor, "admin:alice");
  EXPECT_TRUE(principal->scopes.allows("accounts:write"));
  EXPECT_FALSE(principal->scopes.allows("bootstrap:write"));
}

TEST_F(AuthorityTest, AnswersTheSameForAnUnknownNameAndAWrongPassword) {
  makeAlice();
  const auto wrong = std::get<Error>(authority_->login("alice", "not the password", "192.0.2.1"));
  const auto unknown =
      std::get<Error>(authority_->login("mallory", "not the password", "192.0.2.1"));
  EXPECT_EQ(wrong.code, Code::kUnauthenticated);
  EXPECT_EQ(wrong.code, unknown.code);
  EXPECT_EQ(wrong.message, unknown.message);
  EXPECT_EQ(wrong.field, unknown.field);
}
TEST_F(AuthorityTest, RefusesADisabledAdministratorInTheSameWords) {
  makeAlice();
  const std::string token = loginToken();
  const auto wrong = std::get<Error>(authority_->login("alice", "not the password", "192.0.2.1"));
  ASSERT_TRUE(
      store_->setState(store_->findByName("alice").value()->id, PersonState::kDisabled).ok());
  const auto disabled = std::get<Error>(authority_->login("alice", kPassword, "192.0.2.1"));
  EXPECT_EQ(disabled.message, wrong.message);
  EXPECT_EQ(codeOf(token), Code::kUnauthenticated);
}
TEST_F(AuthorityTest, RefusesNamesThatCannotBeNames) {
  for (const char* name : {"", "A", "a'--", "alice\n"})
    EXPECT_EQ(std::get<Error>(authority_->login(name, kPassword, "192.0.2.1")).code,
              Code::kUnauthenticated);
}

TEST_F(AuthorityTest, EndsASessionThatIsIdle) {
  makeAlice();
  const std::string token = loginToken();
  clock_.advance(Authority::kSessionIdleMicros / Authority::kSecond + 1);
  EXPECT_EQ(codeOf(token), Code::kUnauthenticated);
}
TEST_F(AuthorityTest, KeepsASessionThatIsUsedUntilItsDayIsOver) {
  makeAlice();
  const std::string token = loginToken();
  const std::int64_t step = Authority::kSessionIdleMicros / Authority::kSecond - 1;
  for (std::int64_t at = step; at < Authority::kSessionLifeMicros / Authority::kSecond;
       at += step) {
    clock_.advance(step);
    ASSERT_TRUE(authority_->authenticate(token).ok()) << at;
  }
  clock_.advance(step);
  EXPECT_EQ(codeOf(token), Code::kUnauthenticated);
}
TEST_F(AuthorityTest, EndsASessionAtLogout) {
  makeAlice();
  const std::string token = loginToken();
  const auto principal = authority_->authenticate(token);
  ASSERT_TRUE(authority_->logout(*principal).ok());
  EXPECT_EQ(codeOf(token), Code::kUnauthenticated);
}
TEST_F(AuthorityTest, HasNothingToEndForRoot) {
  EXPECT_EQ(authority_->logout(localRoot()).error().code, Code::kConflict);
}
// What is kept of a session must not outlive a change: each of these was known a moment before.
TEST_F(AuthorityTest, EndsKnownSessionsWithTheirAdministratorsState) {
  makeAlice();
  const std::string token = loginToken();
  for (int round = 0; round < 2; ++round)
    ASSERT_TRUE(authority_->authenticate(token).ok());
  ASSERT_TRUE(
      store_->setState(store_->findByName("alice").value()->id, PersonState::kDisabled).ok());
  EXPECT_EQ(codeOf(token), Code::kUnauthenticated);
}
TEST_F(AuthorityTest, EndsKnownSessionsOfARemovedAdministrator) {
  Administrator bob;
  bob.id = "adm_bob";
  bob.name = "bob";
  bob.createdAt = clock_.nowMicros();
  ASSERT_TRUE(store_->addAdministrator(bob, "hash").ok());
  const std::string token = newToken(kSessionPrefix);
  const std::int64_t now = clock_.nowMicros();
  ASSERT_TRUE(store_
                  ->addSession(Session{"ses_bob", hashSecret(token), bob.id, "", now, now,
                                       now + Authority::kSessionLifeMicros},
                               Authority::kSessionIdleMicros)
                  .ok());
  for (int round = 0; round < 2; ++round)
    ASSERT_TRUE(authority_->authenticate(token).ok());
  ASSERT_TRUE(store_->removeAdministrator(bob.id).ok());
  EXPECT_EQ(codeOf(token), Code::kUnauthenticated);
}
TEST_F(AuthorityTest, EndsAKnownSessionWhenItsTimeIsOver) {
  makeAlice();
  const std::string token = loginToken();
  ASSERT_TRUE(authority_->authenticate(token).ok());
  clock_.advance(Authority::kSessionIdleMicros / Authority::kSecond + 1);
  EXPECT_EQ(codeOf(token), Code::kUnauthenticated);
}
TEST_F(AuthorityTest, EndsTheOldestOfTooManySessions) {
  makeAlice();
  const std::string first = loginToken();
  std::string last;
  for (int i = 0; i < AdminStore::kSessionsPerPersonMax; ++i) {
    clock_.advance(1);
    last = loginToken();
  }
  EXPECT_EQ(codeOf(first), Code::kUnauthenticated);
  EXPECT_TRUE(authority_->authenticate(last).ok());
}
TEST_F(AuthorityTest, RefusesTokensThatAreNotOurs) {
  for (const std::string& token :
       {std::string(), std::string("bhs_"), std::string("bhs_") + std::string(43, 'a'),
        std::string("bhl_") + std::string(43, 'a'), std::string(4096, 'a')})
    EXPECT_EQ(codeOf(token), Code::kUnauthenticated);
}
TEST_F(AuthorityTest, NarrowsASessionToItsOwnScopes) {
  makeAlice();
  const std::string token = newToken(kSessionPrefix);
  const std::int64_t now = clock_.nowMicros();
  ASSERT_TRUE(
      store_
          ->addSession(
              Session{"ses_x", hashSecret(token), store_->findByName("alice").value()->id,
                      "plans:read bootstrap:write", now, now, now + Authority::kSessionLifeMicros},
              Authority::kSessionIdleMicros)
          .ok());
  const auto principal = authority_->authenticate(token);
  ASSERT_TRUE(principal.ok());
  EXPECT_EQ(principal->scopes.words(), "plans:read");  // never more than the role has
}

TEST_F(AuthorityTest, LimitsGuessesAtOneName) {
  makeAlice();
  for (int i = 0; i < 5; ++i)
    EXPECT_TRUE(std::holds_alternative<Error>(
        authority_->login("alice", "guess guess guess", "198.51.100.1")));
  const auto sixth = authority_->login("alice", kPassword, "198.51.100.1");
  ASSERT_TRUE(std::holds_alternative<Throttled>(sixth));
  EXPECT_EQ(std::get<Throttled>(sixth).retryAfterSeconds, 12);
  clock_.advance(12);
  EXPECT_TRUE(std::holds_alternative<Login>(authority_->login("alice", kPassword, "198.51.100.1")));
}
TEST_F(AuthorityTest, AStrangerCannotKeepAnOwnerOut) {
  makeAlice();
  for (int i = 0; i < 100; ++i) {
    (void)authority_->login("alice", "guess guess guess", "192.0.2.66");
    if (i % 10 == 0) clock_.advance(3);
  }
  EXPECT_TRUE(std::holds_alternative<Login>(authority_->login("alice", kPassword, "198.51.100.1")));
}
TEST_F(AuthorityTest, LimitsGuessesAtOneNameFromEverywhere) {
  makeAlice();
  for (const char* name : {"alice", "mallory"}) {  // known or not
    for (int i = 0; i < 20; ++i)
      EXPECT_TRUE(std::holds_alternative<Error>(
          authority_->login(name, "guess guess guess", "192.0.2." + std::to_string(i))));
    EXPECT_TRUE(
        std::holds_alternative<Throttled>(authority_->login(name, kPassword, "198.51.100.9")));
  }
}
TEST_F(AuthorityTest, ManyStrangersCannotKeepAnOwnerOutOfWhereHeLoggedIn) {
  makeAlice();
  (void)loginToken("198.51.100.1");
  const auto guess = [this] {
    for (int i = 0; i < 40; ++i)
      (void)authority_->login("alice", "guess guess guess", "192.0.2." + std::to_string(i));
  };
  guess();
  EXPECT_TRUE(std::holds_alternative<Throttled>(authority_->login("alice", kPassword, "10.1.1.1")));
  EXPECT_NE(loginToken("198.51.100.1"), "");
  // Also there he guesses no faster than the rate says.
  for (int i = 0; i < 5; ++i)
    (void)authority_->login("alice", "guess guess guess", "198.51.100.1");
  EXPECT_TRUE(
      std::holds_alternative<Throttled>(authority_->login("alice", kPassword, "198.51.100.1")));
  clock_.advance(Authority::kKnownPlaceMicros / Authority::kSecond);
  guess();
  EXPECT_TRUE(
      std::holds_alternative<Throttled>(authority_->login("alice", kPassword, "198.51.100.1")));
}
TEST_F(AuthorityTest, AWrongPasswordMakesNoPlaceKnown) {
  makeAlice();
  for (int i = 0; i < 40; ++i)
    (void)authority_->login("alice", "guess guess guess", "192.0.2." + std::to_string(i));
  EXPECT_TRUE(
      std::holds_alternative<Throttled>(authority_->login("alice", kPassword, "192.0.2.1")));
}
TEST_F(AuthorityTest, WhoIsTurnedAwayHasUsedUpNothing) {
  makeAlice();
  for (int i = 0; i < 20; ++i)
    (void)authority_->login("alice", "guess guess guess", "192.0.2." + std::to_string(i));
  for (int i = 0; i < 25; ++i)
    EXPECT_TRUE(
        std::holds_alternative<Throttled>(authority_->login("alice", kPassword, "198.51.100.1")));
  clock_.advance(3);  // one try of the name
  EXPECT_NE(loginToken("198.51.100.1"), "");
}
TEST_F(AuthorityTest, LimitsGuessesFromOneAddress) {
  for (int i = 0; i < 20; ++i)
    EXPECT_TRUE(std::holds_alternative<Error>(
        authority_->login("name" + std::to_string(i), "x", "192.0.2.1")));
  EXPECT_TRUE(std::holds_alternative<Throttled>(authority_->login("fresh", "x", "192.0.2.1")));
  EXPECT_TRUE(std::holds_alternative<Error>(authority_->login("fresh", "x", "192.0.2.2")));
}
TEST_F(AuthorityTest, DoesNotCountSuccesses) {
  makeAlice();
  for (int i = 0; i < 30; ++i)
    EXPECT_NE(loginToken(), "");
}

TEST_F(AuthorityTest, CreatesTheMainAdministratorOnce) {
  const auto code = authority_->newBootstrapCode();
  ASSERT_TRUE(code.ok());
  EXPECT_TRUE(
      std::holds_alternative<Person>(authority_->bootstrap(code->secret, "alice", kPassword, "a")));
  EXPECT_EQ(std::get<Error>(authority_->bootstrap(code->secret, "bobby", kPassword, "a")).code,
            Code::kUnauthenticated);
  EXPECT_EQ(authority_->newBootstrapCode().error().code, Code::kConflict);
}
TEST_F(AuthorityTest, TakesACodeAsPeopleTypeIt) {
  const auto code = authority_->newBootstrapCode();
  std::string typed = code->secret;
  for (char& c : typed)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  typed.erase(std::remove(typed.begin(), typed.end(), '-'), typed.end());
  EXPECT_TRUE(
      std::holds_alternative<Person>(authority_->bootstrap(typed, "alice", kPassword, "a")));
}
TEST_F(AuthorityTest, RefusesACodeThatIsOver) {
  const auto code = authority_->newBootstrapCode();
  clock_.advance(15 * 60);
  EXPECT_EQ(std::get<Error>(authority_->bootstrap(code->secret, "alice", kPassword, "a")).code,
            Code::kUnauthenticated);
}
TEST_F(AuthorityTest, RefusesACodeThatWasReplaced) {
  const auto first = authority_->newBootstrapCode();
  const auto second = authority_->newBootstrapCode();
  EXPECT_EQ(std::get<Error>(authority_->bootstrap(first->secret, "alice", kPassword, "a")).code,
            Code::kUnauthenticated);
  EXPECT_TRUE(std::holds_alternative<Person>(
      authority_->bootstrap(second->secret, "alice", kPassword, "a")));
}
TEST_F(AuthorityTest, KeepsTheCodeWhenThePasswordIsRefused) {
  const auto code = authority_->newBootstrapCode();
  EXPECT_EQ(std::get<Error>(authority_->bootstrap(code->secret, "alice", "short", "a")).field,
            "password");
  EXPECT_EQ(std::get<Error>(authority_->bootstrap(code->secret, "Alice", kPassword, "a")).field,
            "username");
  EXPECT_TRUE(
      std::holds_alternative<Person>(authority_->bootstrap(code->secret, "alice", kPassword, "a")));
}
TEST_F(AuthorityTest, LetsOnlyOneOfTwoHastyAdministratorsBeTheFirst) {
  const auto code = authority_->newBootstrapCode();
  std::atomic<int> created{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      if (std::holds_alternative<Person>(
              authority_->bootstrap(code->secret, "admin" + std::to_string(i), kPassword, "a")))
        ++created;
    });
  for (auto& thread : threads)
    thread.join();
  EXPECT_EQ(created, 1);
}
TEST_F(AuthorityTest, LimitsGuessesAtTheCode) {
  for (int i = 0; i < 20; ++i)
    EXPECT_TRUE(std::holds_alternative<Error>(
        authority_->bootstrap("wrong", "alice", kPassword, "192.0.2.1")));
  EXPECT_TRUE(std::holds_alternative<Throttled>(
      authority_->bootstrap("wrong", "alice", kPassword, "192.0.2.1")));
}

TEST_F(AuthorityTest, LogsInByALinkOnce) {
  makeAlice();
  const auto link = authority_->newLoginLink(localRoot(), "");
  ASSERT_TRUE(link.ok());
  EXPECT_EQ(link->username, "alice");
  const auto login = authority_->loginByLink(link->secret, "a");
  ASSERT_TRUE(std::holds_alternative<Login>(login));
  EXPECT_TRUE(authority_->authenticate(std::get<Login>(login).token).ok());
  EXPECT_EQ(std::get<Error>(authority_->loginByLink(link->secret, "a")).code,
            Code::kUnauthenticated);
}
TEST_F(AuthorityTest, RefusesALinkThatIsOver) {
  makeAlice();
  const auto link = authority_->newLoginLink(localRoot(), "alice");
  clock_.advance(60);
  EXPECT_EQ(std::get<Error>(authority_->loginByLink(link->secret, "a")).code,
            Code::kUnauthenticated);
}
TEST_F(AuthorityTest, RefusesALinkOfADisabledAdministrator) {
  makeAlice();
  const auto link = authority_->newLoginLink(localRoot(), "alice");
  ASSERT_TRUE(store_->setState(store_->findMain().value()->id, PersonState::kDisabled).ok());
  EXPECT_EQ(std::get<Error>(authority_->loginByLink(link->secret, "a")).code,
            Code::kUnauthenticated);
}
TEST_F(AuthorityTest, IssuesLinksForOneselfOnly) {
  makeAlice();
  const auto alice = authority_->authenticate(loginToken());
  EXPECT_TRUE(authority_->newLoginLink(*alice, "").ok());
  EXPECT_EQ(authority_->newLoginLink(*alice, "bobby").error().code, Code::kPermissionDenied);
  EXPECT_EQ(authority_->newLoginLink(localRoot(), "bobby").error().code, Code::kNotFound);
}
TEST_F(AuthorityTest, TakesNoSessionTokenForALink) {
  makeAlice();
  EXPECT_EQ(std::get<Error>(authority_->loginByLink(loginToken(), "a")).code,
            Code::kUnauthenticated);
}

TEST_F(AuthorityTest, KeepsNoSecretInTheDatabase) {
  const auto code = authority_->newBootstrapCode();
  ASSERT_TRUE(
      std::holds_alternative<Person>(authority_->bootstrap(code->secret, "alice", kPassword, "a")));
  const std::string token = loginToken();
  const auto link = authority_->newLoginLink(localRoot(), "");
  for (const auto& file : std::filesystem::directory_iterator(directory_)) {
    std::ifstream in(file.path(), std::ios::binary);
    std::stringstream bytes;
    bytes << in.rdbuf();
    for (const std::string& secret :
         {kPassword, token, link->secret, code->secret, normalCode(code->secret)})
      EXPECT_EQ(bytes.str().find(secret), std::string::npos) << file.path();
  }
}

TEST_F(AuthorityTest, RenewsAHashOfYesterdaysParameters) {
  makeAlice();
  const std::string before = store_->findMain().value()->passwordHash;
  HashPool stronger(HashCost{2, 16384});
  Authority tomorrow(*store_, panel_.store(), stronger, key_, clock_);
  ASSERT_TRUE(std::holds_alternative<Login>(tomorrow.login("alice", kPassword, "a")));
  EXPECT_NE(store_->findMain().value()->passwordHash, before);
  EXPECT_TRUE(std::holds_alternative<Login>(tomorrow.login("alice", kPassword, "a")));
}

}  // namespace
}  // namespace bulkhead::api
