#include "common/audit/digest.h"

#include <gtest/gtest.h>

namespace bulkhead {
namespace {

TEST(Digest, MatchesTheStandardsExample) {
  EXPECT_EQ(sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Digest, ChainsOverTheBytesOfThePreviousOne) {
  EXPECT_EQ(chainHashHex(std::string(64, '0'), "x"), sha256Hex(std::string(32, '\0') + "x"));
  EXPECT_EQ(chainHashHex("ff" + std::string(62, '0'), "x"),
            sha256Hex("\xff" + std::string(31, '\0') + "x"));
}

TEST(Digest, KnowsItsOwnWrittenForm) {
  EXPECT_TRUE(isDigestText(std::string(64, 'a')));
  EXPECT_FALSE(isDigestText(std::string(63, 'a')));
  EXPECT_FALSE(isDigestText(std::string(64, 'A'))) << "one written form only";
  EXPECT_FALSE(isDigestText(std::string(64, 'g')));
}

}  // namespace
}  // namespace bulkhead
