#include "common/core/escape.h"

#include <gtest/gtest.h>

namespace bulkhead {
namespace {

TEST(QuoteAscii, KeepsPrintableAscii) { EXPECT_EQ(quoteAscii("a b~"), "\"a b~\""); }

TEST(QuoteAscii, EscapesQuotesAndBackslashes) {
  EXPECT_EQ(quoteAscii("a\"b\\c"), "\"a\\\"b\\\\c\"");
}

TEST(QuoteAscii, EscapesEverythingThatCouldEndTheLineOrMoveACursor) {
  EXPECT_EQ(quoteAscii(std::string_view("\n\r\x1b\x7f\0", 5)),
            "\"\\u000a\\u000d\\u001b\\u007f\\u0000\"");
}

TEST(QuoteAscii, WritesOtherScriptsAsUtf16Escapes) {
  EXPECT_EQ(quoteAscii("\xc3\xbc\xf0\x9f\x98\x80"), "\"\\u00fc\\ud83d\\ude00\"");
}

TEST(QuoteAscii, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(quoteAscii("\xff"), "\"\\ufffd\"");
  EXPECT_EQ(quoteAscii("\xc0\xaf"), "\"\\ufffd\\ufffd\"") << "overlong slash";
  EXPECT_EQ(quoteAscii("\xed\xa0\x80"), "\"\\ufffd\\ufffd\\ufffd\"") << "lone surrogate";
  EXPECT_EQ(quoteAscii("\xe2\x82"), "\"\\ufffd\\ufffd\"") << "cut short";
}

}  // namespace
}  // namespace bulkhead
