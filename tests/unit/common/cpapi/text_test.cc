#include "common/cpapi/text.h"

#include <string>

#include <gtest/gtest.h>

#include "common/core/json.h"

#include <nlohmann/json.hpp>

namespace bulkhead::cpapi {
namespace {

std::string asJson(std::string_view text) {
  std::string out;
  putString(out, text);
  return out;
}

TEST(CpapiText, PrintsWhatReadsBackTheSame) {
  for (const std::string_view text :
       {"", "plain", "a \"quoted\" \\ text", "line\nfeed\ttab\x01\x1f\x7f", "Gói Pro & <x> \"q\"",
        "</script>", "\xf0\x9f\x9a\xa2 ship", "/home/alice"})
    EXPECT_EQ(Json::parse(asJson(text)).get<std::string>(), text) << asJson(text);
}
TEST(CpapiText, KeepsReadableTextReadable) {
  EXPECT_EQ(asJson("Gói Pro & <x>"), "\"Gói Pro & <x>\"");
  EXPECT_EQ(asJson("a/b"), "\"a/b\"");
}
TEST(CpapiText, LeavesNoControlCharacterInTheText) {
  std::string all;
  for (char c = 0; c < 0x20; ++c)
    all += c;
  all += '\x7f';
  for (const char c : asJson(all))
    EXPECT_TRUE(c >= 0x20 && c != 0x7f) << static_cast<int>(c);
}
TEST(CpapiText, ReplacesEachByteThatIsNotUtf8) {
  EXPECT_EQ(asJson("a\xff"
                   "b"),
            "\"a\xef\xbf\xbd"
            "b\"");
  EXPECT_EQ(asJson("\xc3"), "\"\xef\xbf\xbd\"");                  // cut off
  EXPECT_EQ(asJson("\xc0\xaf"), "\"\xef\xbf\xbd\xef\xbf\xbd\"");  // overlong
  EXPECT_EQ(asJson("\xed\xa0\x80").size(), 2U + 9U);              // a surrogate
  EXPECT_EQ(asJson("\xf4\x90\x80\x80").size(), 2U + 12U);         // beyond the last character
  EXPECT_TRUE(isUtf8(asJson("\xfe\xff\x80 mixed \xf0\x9f\x9a")));
}
TEST(CpapiText, RefusalsAreWholeDocuments) {
  std::string out;
  putRefusal(out, {Outcome::kBadRequest, "unknown argument", "--x=\"\n\xff"});
  const Json document = Json::parse(out);
  EXPECT_EQ(document["metadata"]["result"], "BadRequest");
  EXPECT_EQ(document["metadata"]["message"], "unknown argument: --x=\"\n\ufffd");
  EXPECT_TRUE(document["data"].is_null());
}
TEST(CpapiText, RefusalsRepeatOnlyTheBeginningOfLongInput) {
  std::string out;
  putRefusal(out, {Outcome::kBadRequest, "unknown argument", std::string(100'000, 'x')});
  EXPECT_LT(out.size(), 300U);
  // Not in the middle of a character.
  EXPECT_EQ(echoOf(std::string(kEchoBytesMax - 1, 'x') + "é"), std::string(kEchoBytesMax - 1, 'x'));
}
TEST(CpapiText, OfAFixedSizeRemembersThatSomethingDidNotFit) {
  FixedText<8> text;
  put(text, "12345");
  put(text, "6789");
  EXPECT_TRUE(text.overflowed());
  EXPECT_EQ(text.view(), "12345");
}
TEST(CpapiOutcome, HasTheWordAndTheStatusOfTheInterface) {
  EXPECT_EQ(outcomeName(Outcome::kOk), "ok");
  EXPECT_EQ(outcomeName(Outcome::kInternal), "InternalAPIError");
  EXPECT_EQ(outcomeName(Outcome::kDenied), "PermissionDenied");
  EXPECT_EQ(outcomeName(Outcome::kBadRequest), "BadRequest");
  EXPECT_EQ(outcomeName(Outcome::kNotFound), "NotFound");
  EXPECT_EQ(exitStatus(Outcome::kOk), 0);
  EXPECT_EQ(exitStatus(Outcome::kNotFound), 4);
}

}  // namespace
}  // namespace bulkhead::cpapi
