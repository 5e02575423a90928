#include "common/core/json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace bulkhead {
namespace {

using namespace std::string_view_literals;

TEST(ParseJson, ReadsAnObjectAndKeepsTheOrderOfItsKeys) {
  auto value = parseJson(R"({"b":1,"a":[true,null,"x"]})");
  ASSERT_TRUE(value.ok());
  EXPECT_EQ(printJson(*value), R"({"b":1,"a":[true,null,"x"]})");
}

TEST(ParseJson, RefusesDuplicateKeysAtAnyDepth) {
  for (const auto text :
       {R"({"a":1,"a":2})"sv, R"({"x":{"a":1,"b":2,"a":3}})"sv, R"([{"a":1,"a":1}])"sv}) {
    auto value = parseJson(text);
    ASSERT_FALSE(value.ok()) << text;
    EXPECT_EQ(value.error().message, "JSON: duplicate key");
  }
  EXPECT_TRUE(parseJson(R"({"a":{"a":1},"b":{"a":2}})").ok());
}

TEST(ParseJson, RefusesNestingBeyondTheLimitWithoutUsingTheStack) {
  const std::string deep(400000, '[');
  auto value = parseJson(deep);
  ASSERT_FALSE(value.ok());
  EXPECT_EQ(value.error().code, Code::kLimitExceeded);
}

TEST(ParseJson, RefusesWhatIsNotOneCleanDocument) {
  for (const auto text : {""sv, "{"sv, "{} x"sv, "NaN"sv, "{\"a\":\"\xff\"}"sv,
                          "{\"a\":\"\\u0000\"}"sv, "{\"a\\u0000\":1}"sv, "// x\n{}"sv, "{'a':1}"sv})
    EXPECT_FALSE(parseJson(text).ok()) << text;
}

TEST(ParseJson, RefusesTooManyBytesAndTooManyValues) {
  JsonLimits limits;
  limits.bytes = 10;
  EXPECT_EQ(parseJson(R"({"a":"aaaaaaaaaa"})", limits).error().code, Code::kLimitExceeded);
  std::string many = "[0";
  for (int i = 0; i < 30000; ++i)
    many += ",0";
  EXPECT_EQ(parseJson(many + "]").error().code, Code::kLimitExceeded);
}

TEST(PrintJson, NeverPutsAControlOrNonAsciiByteOut) {
  Json value = {{"k", std::string("a\n\x1b[31m\x7f\xe2\x80\xa8\xff")}};
  for (char c : printJson(value)) {
    EXPECT_GE(c, 0x20);
    EXPECT_LT(c, 0x7f);
  }
}

}  // namespace
}  // namespace bulkhead
