#include "common/audit/keys.h"

#include <gtest/gtest.h>

#include "common/audit/digest.h"

namespace bulkhead {
namespace {

TEST(AuditSeedText, RoundTripsAndGivesTheSameKeys) {
  const auto seed = AuditSeed::make();
  const auto read = AuditSeed::parse(seed.text());
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->keys().publicKey, seed.keys().publicKey);
  EXPECT_EQ(read->keys().mac.bytes(), seed.keys().mac.bytes());
  EXPECT_NE(AuditSeed::make().text(), seed.text());
}

TEST(AuditSeedText, RefusesATypingErrorAndNeverRepeatsWhatItWasGiven) {
  const std::string text = AuditSeed::make().text();
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string wrong = text;
    wrong[at] = wrong[at] == '0' ? '1' : '0';
    const auto refused = AuditSeed::parse(wrong);
    ASSERT_FALSE(refused.ok()) << at;
    EXPECT_EQ(refused.error().message.find(wrong.substr(8, 16)), std::string::npos);
  }
  for (const auto& wrong : {std::string(), text + "0", text.substr(1), text.substr(0, 40)})
    EXPECT_FALSE(AuditSeed::parse(wrong).ok());
}

TEST(AuditKeySet, EvolvesOneWayAndKeepsItsSigningKey) {
  AuditKeys keys = AuditSeed::make().keys();
  const AuditKeys first = keys;
  keys.evolve();
  EXPECT_EQ(keys.epoch, 1U);
  EXPECT_EQ(keys.mac.bytes(), first.mac.derive("evolve").bytes());
  EXPECT_NE(keys.mac.bytes(), first.mac.bytes());
  EXPECT_EQ(keys.publicKey, first.publicKey);
  const std::string hash(64, 'a');
  EXPECT_NE(keys.macHex(hash), first.macHex(hash));
  EXPECT_TRUE(isDigestText(keys.macHex(hash)));
}

TEST(AuditKeySet, MatchesTheStandardsHmac) {
  // RFC 4231 has no key of 32 bytes; this value was computed with another implementation.
  AuditSecret::Bytes bytes{};
  bytes.fill(0x0b);
  EXPECT_EQ(auditKeysOf(AuditSecret(bytes), AuditSecret(bytes)).macHex(sha256Hex("abc")),
            "1e18c60af672a9a88fc69f853427d3283774b9f9672a5f83833ea5a463a47ccf");
}

TEST(AuditKeySet, SignsWhatNobodyElseCanSign) {
  const AuditKeys keys = AuditSeed::make().keys();
  const std::string signature = keys.sign("statement");
  EXPECT_TRUE(isSignedBy(keys.publicKey, "statement", signature));
  EXPECT_FALSE(isSignedBy(keys.publicKey, "Statement", signature));
  EXPECT_FALSE(isSignedBy(AuditSeed::make().keys().publicKey, "statement", signature));
  EXPECT_FALSE(isSignedBy(keys.publicKey, "statement", ""));
  EXPECT_FALSE(isSignedBy("", "statement", signature));
}

}  // namespace
}  // namespace bulkhead
