// Codes of authenticator apps: the standard's own examples, and each code once.
#include "api/auth/totp.h"

#include <gtest/gtest.h>

namespace bulkhead::api {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
const std::string kSeed = "12345678901234567890";  // of RFC 6238, appendix B
const std::int64_t kNow = 1111111111LL * kSecond;

std::string codeOf(std::int64_t step) { return totpCode(kSeed, step); }

TEST(Totp, MakesTheCodesOfTheStandard) {
  EXPECT_EQ(codeOf(59 / 30), "287082");
  EXPECT_EQ(codeOf(1111111109 / 30), "081804");
  EXPECT_EQ(codeOf(1111111111 / 30), "050471");
  EXPECT_EQ(codeOf(1234567890 / 30), "005924");
  EXPECT_EQ(codeOf(2000000000 / 30), "279037");
  EXPECT_EQ(codeOf(20000000000 / 30), "353130");
}
TEST(Totp, TakesTheStepBeforeAndAfterAndNoOther) {
  const std::int64_t now = totpStep(kNow);
  for (std::int64_t away = -3; away <= 3; ++away) {
    const auto step = matchingStep(kSeed, codeOf(now + away), kNow, 0);
    EXPECT_EQ(step.has_value(), away >= -1 && away <= 1) << away;
  }
}
TEST(Totp, TakesEachStepOnceAndNoneBeforeOneThatWasUsed) {
  const std::int64_t now = totpStep(kNow);
  EXPECT_EQ(matchingStep(kSeed, codeOf(now), kNow, now - 1), now);
  EXPECT_FALSE(matchingStep(kSeed, codeOf(now), kNow, now).has_value());
  EXPECT_FALSE(matchingStep(kSeed, codeOf(now - 1), kNow, now).has_value());
  EXPECT_EQ(matchingStep(kSeed, codeOf(now + 1), kNow, now), now + 1);
}
TEST(Totp, TakesCodesAsPeopleTypeThemAndNothingElse) {
  const std::string code = codeOf(totpStep(kNow));
  EXPECT_TRUE(matchingStep(kSeed, code.substr(0, 3) + " " + code.substr(3), kNow, 0).has_value());
  for (const std::string& bad : {std::string(), std::string("12345"), code + "0", "x" + code,
                                 std::string("-12345"), std::string(1000, '0')})
    EXPECT_FALSE(matchingStep(kSeed, bad, kNow, 0).has_value()) << bad;
}
TEST(Totp, TellsAppsTheSeed) {
  EXPECT_EQ(base32Of(kSeed), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
  EXPECT_EQ(base32Of("ab"), "MFRA");
  EXPECT_EQ(totpUri(kSeed, "alice"),
            "otpauth://totp/Bulkhead:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Bulkhead&"
            "algorithm=SHA1&digits=6&period=30");
}
TEST(Totp, HasSeedsOf160BitsAndNoTwoAlike) {
  EXPECT_EQ(newTotpSeed().size(), 20U);
  EXPECT_NE(newTotpSeed(), newTotpSeed());
}

}  // namespace
}  // namespace bulkhead::api
