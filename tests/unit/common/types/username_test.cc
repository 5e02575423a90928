#include "common/types/username.h"

#include <random>

#include <gtest/gtest.h>

#include "tests/support/poison.h"

namespace bulkhead {
namespace {

bool refuses(std::string_view text) {
  const auto name = Username::parse(text);
  return !name.ok() && name.error().code == Code::kInvalidArgument &&
         name.error().field == "username";
}

TEST(Username, TakesOrdinaryNames) {
  for (const char* name :
       {"a", "alice", "a1", "shop-2", "under_score", "x_", "rooty", "mywww-data"})
    EXPECT_EQ(Username::parse(name).value().text(), name);
  EXPECT_TRUE(Username::parse(std::string(32, 'a')).ok());
}

TEST(Username, RefusesThePoisonOfAllTypes) {
  for (const auto& text : testing::poison())
    EXPECT_TRUE(refuses(text)) << testing::shown(text);
}

TEST(Username, RefusesWhatASystemWouldReadDifferently) {
  for (const char* text : {"Alice", "aLice", "1alice", "123", "_alice", "alice-", "ali.ce",
                           "al\xc3\xad"
                           "ce",
                           "alice$", "+alice"})
    EXPECT_TRUE(refuses(text)) << text;
  EXPECT_TRUE(refuses(std::string(33, 'a')));
}

TEST(Username, RefusesNamesOfServices) {
  for (const char* text : {"root", "www-data", "nobody", "docker", "systemd-network", "bulkhead",
                           "bulkhead-api", "sudo", "admin", "postmaster", "mysql"})
    EXPECT_TRUE(refuses(text)) << text;
}

TEST(Username, ParsingItsOwnTextChangesNothing) {
  std::mt19937 random(7);  // NOLINT(cert-msc51-cpp): the same names in every run
  constexpr std::string_view kLetters = "abz019_-AZ .";
  int accepted = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    const auto count = random() % 6;
    for (std::size_t i = 0; i <= count; ++i)
      text += kLetters[random() % kLetters.size()];
    const auto name = Username::parse(text);
    if (!name.ok()) continue;
    ++accepted;
    ASSERT_EQ(name->text(), text);
    ASSERT_EQ(Username::parse(name->text())->text(), text);
  }
  EXPECT_GT(accepted, 1000);
}

}  // namespace
}  // namespace bulkhead
