// What everybody tries first, and what nobody does.
#include "api/auth/common_passwords.h"

#include <gtest/gtest.h>

#include "api/auth/password.h"

namespace bulkhead::api {
namespace {

TEST(CommonPasswords, AreKnownWithDigitsAndDisguisesAroundThem) {
  for (const char* text :
       {"password1234", "Password2024!", "P@ssw0rd2024!", "123letmein123", "Administrator1",
        "welcome-admin-99", "ThisIsMyPassword", "iloveyou!!!2023", "CorrectHorseBatteryStaple",
        "bulkhead-panel-1", "changeme12345", "adminadmin99"})
    EXPECT_TRUE(isCommonPassword(text)) << text;
}
TEST(CommonPasswords, AreKnownAsWalksAndRepetitions) {
  for (const char* text :
       {"123456789012", "qwertyuiop123", "1q2w3e4r5t6y", "1qaz2wsx3edc", "abcdefghijklmn",
        "zyxwvutsrqpo", "pa55ing!pa55ing!", "xkcdxkcdxkcd", "112233445566"})
    EXPECT_TRUE(isCommonPassword(text)) << text;
}
TEST(CommonPasswords, AreNotWhatPeopleMakeUp) {
  for (const char* text :
       {"correct horse battery", "walnut-tractor-violin", "Rf7!kPq2#vLm9", "blue admin tractor",
        "\xd0\xbc\xd0\xbe\xd0\xb9 \xd0\xb4\xd0\xbb\xd0\xb8\xd0\xbd\xd0\xbd\xd1\x8b\xd0\xb9",
        "canary canary canary 77"})
    EXPECT_FALSE(isCommonPassword(text)) << text;
}
TEST(CommonPasswords, AreRefusedWithTheFieldNamed) {
  const auto refused = Password::parse("Password2024!", "alice");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().field, "password");
  EXPECT_TRUE(Password::parse("walnut-tractor-violin", "alice").ok());
}

}  // namespace
}  // namespace bulkhead::api
