#include "common/types/username.h"

#include <gtest/gtest.h>

namespace bulkhead {
namespace {

using namespace std::string_view_literals;

TEST(Username, AcceptsWhatASystemUserMayBeCalled) {
  for (const auto name : {"a"sv, "alice"sv, "a1_b-c"sv, "abcdefghijklmnopqrstuvwxyz012345"sv}) {
    const auto parsed = Username::parse(name);
    ASSERT_TRUE(parsed.ok()) << name;
    EXPECT_EQ(parsed->text(), name);
  }
}

TEST(Username, RefusesEverythingThatAnotherParserCouldReadDifferently) {
  for (const auto name :
       {""sv, "Alice"sv, "-rf"sv, "1a"sv, "_a"sv, "a/b"sv, ".."sv, "a\0b"sv, "a\n"sv, "a b"sv,
        "a:b"sv, "a-"sv, "\xc3\xa9t\xc3\xa9"sv, "abcdefghijklmnopqrstuvwxyz0123456"sv}) {
    const auto parsed = Username::parse(name);
    ASSERT_FALSE(parsed.ok()) << name;
    EXPECT_EQ(parsed.error().code, Code::kInvalidArgument);
    EXPECT_EQ(parsed.error().field, "username");
  }
}

TEST(Username, RefusesNamesOfTheSystem) {
  for (const auto name : {"root"sv, "www-data"sv, "systemd-network"sv, "bulkhead-api"sv, "docker"sv,
                          "uucp"sv, "video"sv})
    EXPECT_FALSE(Username::parse(name).ok()) << name;
}

}  // namespace
}  // namespace bulkhead
