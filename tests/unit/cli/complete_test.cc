#include "cli/complete.h"

#include <gtest/gtest.h>

#include "cli/tree.h"

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

Words completions(const Words& words) {
  const Tree tree(commands());
  return cli::completions(tree.root, words);
}

TEST(Completions, OfferNounsThenVerbsThenFlags) {
  EXPECT_EQ(completions({""}), (Words{"account", "audit", "cloudlinux", "doctor", "event", "job",
                                      "lockdown", "setup", "store"}));
  EXPECT_EQ(completions({"account", ""}), (Words{"create", "delete"}));
  EXPECT_EQ(completions({"account", "create", "bob", "--p"}), (Words{"--plan", "--preview-port"}));
  EXPECT_EQ(completions({"account", "create", "--no"}), Words{"--no-wait"});
  EXPECT_EQ(completions({"account", "delete", "bob", "--y"}), (Words{"--yes"}));
  EXPECT_EQ(completions({"audit", "v"}), (Words{"verify"}));
  EXPECT_EQ(completions({"audit", "verify", "--d"}), (Words{"--directory"}));
  EXPECT_EQ(completions({"setup", "--no"}), (Words{"--no-firewall"}));
  EXPECT_EQ(completions({"--host", "a:1", "account", "c"}), (Words{"create"}));
}

TEST(Completions, NeverOfferWhatIsNoFlag) {
  EXPECT_EQ(completions({"account", "create", "--pas"}), Words{});   // by stdin only
  EXPECT_EQ(completions({"account", "create", "--user"}), Words{});  // by its place
}

TEST(Completions, LeaveValuesToTheCaller) {
  EXPECT_EQ(completions({"account", "create", "--plan", ""}), Words{});
  EXPECT_EQ(completions({"account", "create", ""}), Words{});
}

TEST(NounWanted, IsThePositionalThatIsDueOrTheOptionBefore) {
  const Tree tree(*commandsOf(builtInDocument()));
  EXPECT_EQ(nounWanted(tree.root, {"account", "get", ""}), "account");
  EXPECT_EQ(nounWanted(tree.root, {"account", "get", "bob", ""}), "");
  EXPECT_EQ(nounWanted(tree.root, {"--json", "domain", "rename", "--timeout", "5", "a"}), "domain");
  EXPECT_EQ(nounWanted(tree.root, {"account", "create", "bob", "--plan", "s"}), "plan");
  EXPECT_EQ(nounWanted(tree.root, {"account", "create", "bob", "--domain", ""}), "");
  EXPECT_EQ(nounWanted(tree.root, {"job", "watch", ""}), "job");
  EXPECT_EQ(nounWanted(tree.root, {"account", "get", "--"}), "");
  EXPECT_EQ(nounWanted(tree.root, {"account", ""}), "");
}

// What a parse of `words` says.
UsageProblem problemOf(const Words& words) {
  Tree tree(commands());
  Words reversed(words.rbegin(), words.rend());  // as CLI11 takes them
  try {
    tree.root.parse(reversed);
  } catch (const CLI::ParseError& problem) {
    return usageProblem(tree.root, words, problem);
  }
  return {};
}

TEST(UsageProblem, NamesTheWordThatIsWrongAndWhatIsPossible) {
  EXPECT_EQ(problemOf({"acount", "create"}).what,
            "there is no command \"bulkhead acount\"; there is: account, audit, cloudlinux, "
            "doctor, event, job, lockdown, setup, store");
  EXPECT_EQ(problemOf({"--json", "account", "crate"}).what,
            "there is no command \"bulkhead account crate\"; there is: create, delete");
  EXPECT_EQ(problemOf({"account"}).what, "bulkhead account needs one more word: create, delete");
  EXPECT_EQ(problemOf({}).what,
            "bulkhead needs one more word: account, audit, cloudlinux, doctor, event, job, "
            "lockdown, setup, "
            "store");
}

TEST(UsageProblem, NamesTheOptionThatIsWrong) {
  EXPECT_EQ(problemOf({"account", "create", "bob", "--pln", "small"}).what,
            "there is no option --pln here");
  EXPECT_EQ(problemOf({"account", "create", "bob", "--plan"}).what, "--plan needs a value");
  EXPECT_EQ(problemOf({"account", "create", "bob", "eve", "--plan", "small"}).what,
            "\"eve\" is one word too many");
  EXPECT_EQ(problemOf({"account", "create", "bob", "--plan", "small", "--timeout", "0"}).next,
            "bulkhead account create --help");
}

TEST(UsageProblem, IsNoneInACommandWithItsOptions) {
  EXPECT_EQ(problemOf({"account", "create", "bob", "--plan", "small"}).what, "");
  EXPECT_EQ(problemOf({"--host", "audit", "setup"}).what, "");
}

}  // namespace
}  // namespace bulkhead::cli
