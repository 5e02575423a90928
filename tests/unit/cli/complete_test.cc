#include "cli/complete.h"

#include <gtest/gtest.h>

namespace bulkhead::cli {
namespace {

using Words = std::vector<std::string>;

std::vector<Command> commands() {
  Command create;
  create.words = {"account", "create"};
  create.dryRun = true;
  create.job = true;
  create.positional = {"username"};
  create.fields = {{"username", FieldType::kString, FieldPlace::kBody, true, false, ""},
                   {"plan", FieldType::kString, FieldPlace::kBody, true, false, ""},
                   {"preview_port", FieldType::kBoolean, FieldPlace::kBody, false, false, ""},
                   {"password", FieldType::kString, FieldPlace::kBody, true, true, ""}};
  Command remove;
  remove.words = {"account", "delete"};
  remove.destructive = true;
  return {create, remove};
}

TEST(Completions, OfferNounsThenVerbsThenFlags) {
  EXPECT_EQ(completions(commands(), {""}),
            (Words{"account", "audit", "cloudlinux", "job", "setup"}));
  EXPECT_EQ(completions(commands(), {"account", ""}), (Words{"create", "delete"}));
  EXPECT_EQ(completions(commands(), {"account", "create", "bob", "--p"}),
            (Words{"--plan", "--preview-port"}));
  EXPECT_EQ(completions(commands(), {"account", "create", "--no"}),
            (Words{"--no-preview-port", "--no-wait"}));
  EXPECT_EQ(completions(commands(), {"account", "delete", "bob", "--y"}), (Words{"--yes"}));
  EXPECT_EQ(completions(commands(), {"audit", "v"}), (Words{"verify"}));
  EXPECT_EQ(completions(commands(), {"audit", "verify", "--d"}), (Words{"--directory"}));
  EXPECT_EQ(completions(commands(), {"setup", "--no"}), (Words{"--no-firewall"}));
  EXPECT_EQ(completions(commands(), {"--host", "a:1", "account", "c"}), (Words{"create"}));
}

TEST(Completions, NeverOfferWhatIsNoFlag) {
  EXPECT_EQ(completions(commands(), {"account", "create", "--pas"}), Words{});   // by stdin only
  EXPECT_EQ(completions(commands(), {"account", "create", "--user"}), Words{});  // by its place
}

TEST(Completions, LeaveValuesToTheCaller) {
  EXPECT_EQ(completions(commands(), {"account", "create", "--plan", ""}), Words{});
  EXPECT_EQ(completions(commands(), {"account", "create", ""}), Words{});
}

TEST(WordsProblem, NamesTheWordThatIsWrongAndWhatIsPossible) {
  EXPECT_EQ(
      wordsProblem(commands(), {"acount", "create"}),
      "there is no command \"bulkhead acount\"; there is: account, audit, cloudlinux, job, setup");
  EXPECT_EQ(wordsProblem(commands(), {"--json", "account", "crate"}),
            "there is no command \"bulkhead account crate\"; there is: create, delete");
  EXPECT_EQ(wordsProblem(commands(), {"account"}),
            "bulkhead account needs one more word: create, delete");
  EXPECT_EQ(wordsProblem(commands(), {}),
            "bulkhead needs one more word: account, audit, cloudlinux, job, setup");
}

TEST(WordsProblem, FindsNoneInACommandWithItsOptions) {
  EXPECT_EQ(wordsProblem(commands(), {"account", "create", "bob", "--plan", "small"}), "");
  EXPECT_EQ(wordsProblem(commands(), {"--host", "audit", "setup"}), "");
}

}  // namespace
}  // namespace bulkhead::cli
