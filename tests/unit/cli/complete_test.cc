#include "cli/complete.h"

#include <gtest/gtest.h>

namespace bulkhead::cli {
namespace {

using Words = std::vector<std::string>;

std::vector<Command> commands() {
  Command create;
  create.words = {"account", "create"};
  create.dryRun = true;
  create.fields = {{"plan", FieldType::kString, FieldPlace::kBody, true, false, ""},
                   {"password", FieldType::kString, FieldPlace::kBody, true, true, ""}};
  Command list;
  list.words = {"account", "list"};
  return {create, list};
}

TEST(Completions, OfferNounsThenVerbsThenFlags) {
  EXPECT_EQ(completions(commands(), {""}), (Words{"account", "audit", "job", "setup"}));
  EXPECT_EQ(completions(commands(), {"account", ""}), (Words{"create", "list"}));
  EXPECT_EQ(completions(commands(), {"account", "create", "--"}),
            (Words{"--dry-run", "--help", "--json", "--plan"}));
  EXPECT_EQ(completions(commands(), {"audit", "v"}), (Words{"verify"}));
}

TEST(Completions, NeverOfferAFlagForASecret) {
  EXPECT_EQ(completions(commands(), {"account", "create", "--pa"}), Words{});
}

}  // namespace
}  // namespace bulkhead::cli
