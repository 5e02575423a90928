// The parts of authentication: passwords, secrets, rates, the queue of hashes.
#include <atomic>
#include <filesystem>
#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "api/auth/api_token_text.h"
#include "api/auth/hash_pool.h"
#include "api/auth/password.h"
#include "api/auth/rate_limit.h"
#include "api/auth/secret.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

namespace bulkhead::api {
namespace {

TEST(Password, CountsCharactersAndCutsNothing) {
  EXPECT_TRUE(Password::parse("ahcpekgmxnbz", "bob").ok());
  EXPECT_FALSE(Password::parse("ahcpekgmxnb", "bob").ok());
  EXPECT_TRUE(Password::parse("äöüßéèêëñçåø", "bob").ok());
  std::string longest;
  for (int i = 0; i < 128; ++i)
    longest += static_cast<char>('a' + i * 7 % 26);
  EXPECT_EQ(Password::parse(longest, "bob")->text(), longest);
  EXPECT_FALSE(Password::parse(longest + "x", "bob").ok());
}
TEST(Password, RefusesOneThatIsNone) {
  EXPECT_FALSE(Password::parse("aaaaaaaaaaaaaaaa", "bob").ok());
  EXPECT_FALSE(Password::parse("my name is ALICE!", "alice").ok());
}

TEST(Secret, NeverRepeats) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(seen.insert(newToken(kSessionPrefix)).second);
    EXPECT_TRUE(seen.insert(newCode()).second);
  }
}
TEST(Secret, KnowsItsOwnShape) {
  const std::string token = newToken(kSessionPrefix);
  EXPECT_EQ(token.size(), 47U);
  EXPECT_TRUE(isToken(token, kSessionPrefix));
  EXPECT_FALSE(isToken(token, kLinkPrefix));
  EXPECT_FALSE(isToken(token + "a", kSessionPrefix));
  EXPECT_FALSE(isToken("bhs_" + std::string(42, 'a') + "\n", kSessionPrefix));
}
TEST(Secret, HashesAsSha256) {
  EXPECT_EQ(hashSecret("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
TEST(Secret, ReadsCodesAsPeopleTypeThem) { EXPECT_EQ(normalCode("ab-o l-I0"), "AB0110"); }

TEST(ApiTokenText, HasAPrefixRandomCharactersAndAChecksum) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string token = newApiToken();
    EXPECT_EQ(token.size(), 58U);
    EXPECT_TRUE(token.starts_with("bhk_live_"));
    EXPECT_TRUE(isApiToken(token));
    EXPECT_TRUE(seen.insert(token).second);
  }
}
TEST(ApiTokenText, KnowsEveryChangedCharacter) {
  const std::string token = newApiToken();
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'x' ? 'y' : 'x';
    EXPECT_FALSE(isApiToken(changed)) << i;
  }
  for (const std::string& wrong :
       {std::string(), token + "0", token.substr(0, token.size() - 1), " " + token.substr(1),
        "bhk_test_" + token.substr(9), std::string("bhk_live_"), std::string(58, '0')})
    EXPECT_FALSE(isApiToken(wrong)) << wrong;
}
TEST(ApiTokenText, HasTheChecksumThatScannersCanCompute) {
  EXPECT_EQ(crc32Of("123456789"), 0xcbf43926U);
  EXPECT_EQ(crc32Of(""), 0U);
  // CRC-32 of 43 zeros in base 62, by another implementation.
  EXPECT_TRUE(isApiToken("bhk_live_" + std::string(43, '0') + "2CZclj"));
}

TEST(RateLimit, GivesSeveralTriesBackInOneStep) {
  test::ManualClock clock;
  RateLimit limit(Rate{4, 1, 2}, clock);
  for (int i = 0; i < 4; ++i)
    EXPECT_FALSE(limit.take("a").has_value());
  EXPECT_EQ(limit.take("a"), 1);
  clock.advance(1);
  EXPECT_FALSE(limit.take("a").has_value());
  EXPECT_FALSE(limit.take("a").has_value());
  EXPECT_TRUE(limit.take("a").has_value());
}
TEST(RateLimit, GivesTriesBackWithTime) {
  test::ManualClock clock;
  RateLimit limit(Rate{2, 10}, clock);
  EXPECT_FALSE(limit.take("a").has_value());
  EXPECT_FALSE(limit.take("a").has_value());
  EXPECT_EQ(limit.take("a"), 10);
  EXPECT_FALSE(limit.take("b").has_value());
  clock.advance(9);
  EXPECT_EQ(limit.take("a"), 1);
  clock.advance(1);
  EXPECT_FALSE(limit.take("a").has_value());
}
TEST(RateLimit, IsNotPushedBackByThoseTurnedAway) {
  test::ManualClock clock;
  RateLimit limit(Rate{1, 10}, clock);
  EXPECT_FALSE(limit.take("a").has_value());
  for (int i = 0; i < 9; ++i) {
    clock.advance(1);
    EXPECT_TRUE(limit.take("a").has_value());
  }
  clock.advance(1);
  EXPECT_FALSE(limit.take("a").has_value());
}
TEST(RateLimit, SurvivesAClockThatIsSetBack) {
  test::ManualClock clock;
  RateLimit limit(Rate{1, 10}, clock);
  EXPECT_FALSE(limit.take("a").has_value());
  clock.advance(-3600);
  EXPECT_EQ(limit.take("a"), 10);
  clock.advance(10);
  EXPECT_FALSE(limit.take("a").has_value());
}
TEST(RateLimit, BoundsItsMemory) {
  test::ManualClock clock;
  RateLimit limit(Rate{1, 10}, clock);
  for (std::size_t i = 0; i < RateLimit::kKeysMax + 100; ++i)
    EXPECT_FALSE(limit.take("name" + std::to_string(i)).has_value());
  EXPECT_LE(limit.keys(), RateLimit::kKeysMax);
}
TEST(RateLimit, CountsAnIpv6NetworkAsOneAddress) {
  EXPECT_EQ(addressKey("2001:db8::1"), addressKey("2001:db8:0:0:ffff::2"));
  EXPECT_NE(addressKey("2001:db8::1"), addressKey("2001:db8:0:1::1"));
  EXPECT_EQ(addressKey("::ffff:192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(addressKey("unknown"), "unknown");
}

TEST(HashPool, HashesAndVerifies) {
  HashPool pool(HashCost{1, 8192});
  const auto hash = pool.hash("secret secret");
  ASSERT_TRUE(hash.ok());
  EXPECT_EQ(hash->rfind("$argon2id$", 0), 0U);
  EXPECT_TRUE(pool.verify(*hash, "secret secret").value());
  EXPECT_FALSE(pool.verify(*hash, "secret secreT").value());
  EXPECT_FALSE(pool.verify("", "secret secret").value());
}
TEST(HashPool, MixesAPepperInThatNoDatabaseHolds) {
  const testing::TempDir here, elsewhere;
  HashPool plain(HashCost{1, 8192});
  HashPool peppered(HashCost{1, 8192}, Pepper::load(here.path()).value());
  HashPool other(HashCost{1, 8192}, Pepper::load(elsewhere.path()).value());
  const auto hash = peppered.hash("secret secret").value();
  EXPECT_EQ(hash.rfind("hmac-sha256$argon2id$", 0), 0U);
  EXPECT_TRUE(peppered.verify(hash, "secret secret").value());
  EXPECT_FALSE(peppered.verify(hash, "secret secreT").value());
  EXPECT_FALSE(plain.verify(hash, "secret secret").value());
  EXPECT_FALSE(other.verify(hash, "secret secret").value());
  EXPECT_FALSE(plain.verify(hash.substr(hash.find('$')), "secret secret").value());
}
TEST(HashPool, TakesHashesOfBeforeThereWasAPepperAndWantsThemNew) {
  const testing::TempDir here;
  HashPool plain(HashCost{1, 8192});
  HashPool peppered(HashCost{1, 8192}, Pepper::load(here.path()).value());
  const auto old = plain.hash("secret secret").value();
  EXPECT_TRUE(peppered.verify(old, "secret secret").value());
  EXPECT_TRUE(peppered.isOutdated(old));
  EXPECT_FALSE(peppered.isOutdated(peppered.hash("secret secret").value()));
  EXPECT_FALSE(plain.isOutdated(old));
}
TEST(Pepper, IsMadeOnceAndRefusedWhenOthersCanReadIt) {
  const testing::TempDir here;
  const auto first = Pepper::load(here.path()).value();
  EXPECT_TRUE(first.isNew());
  const auto again = Pepper::load(here.path()).value();
  EXPECT_FALSE(again.isNew());
  EXPECT_EQ(first.mixed("x"), again.mixed("x"));
  EXPECT_NE(first.mixed("x"), first.mixed("y"));
  std::filesystem::permissions(here.path() + "/" + Pepper::kFileName,
                               std::filesystem::perms::group_read,
                               std::filesystem::perm_options::add);
  EXPECT_EQ(Pepper::load(here.path()).error().code, Code::kPermissionDenied);
}
TEST(HashPool, SendsAwayWhoComesWhenTheQueueIsFull) {
  HashPool pool(HashCost{2, 64U << 20U}, {}, 1, 1);
  std::atomic<int> busy{0};
  std::atomic<int> done{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i)
    threads.emplace_back([&] {
      const auto hash = pool.hash("secret secret");
      if (hash.ok())
        ++done;
      else if (hash.error().code == Code::kBusy)
        ++busy;
    });
  for (auto& thread : threads)
    thread.join();
  EXPECT_GE(busy, 1);
  EXPECT_GE(done, 2);
  EXPECT_EQ(busy + done, 6);
}
TEST(HashPool, KnowsTheParametersOfTheStandard) {
  EXPECT_GE(HashCost{}.memoryBytes, 46U * 1024 * 1024);
  EXPECT_GE(HashCost{}.passes, 1U);
}

}  // namespace
}  // namespace bulkhead::api
