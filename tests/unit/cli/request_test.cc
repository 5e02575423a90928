#include "cli/request.h"

#include <gtest/gtest.h>

namespace bulkhead::cli {
namespace {

Command create() {
  Command command;
  command.words = {"account", "create"};
  command.positional = {"username"};
  command.method = "POST";
  command.path = "/api/v1/accounts";
  command.fields = {{"username", FieldType::kString, FieldPlace::kBody, true, false, ""},
                    {"memory_bytes", FieldType::kInteger, FieldPlace::kBody, false, false, ""},
                    {"cpu_percent", FieldType::kInteger, FieldPlace::kBody, false, false, ""},
                    {"preview_port", FieldType::kBoolean, FieldPlace::kBody, false, false, ""},
                    {"aliases", FieldType::kStringList, FieldPlace::kBody, false, false, ""}};
  return command;
}

TEST(BuildRequest, PutsTypedValuesIntoTheBody) {
  const auto request = buildRequest(create(),
                                    {{"username", "alice"},
                                     {"memory_bytes", "512M"},
                                     {"preview_port", "true"},
                                     {"aliases", "a.test,b.test"}},
                                    false);
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->path, "/api/v1/accounts");
  EXPECT_EQ(
      request->body,
      R"({"username":"alice","memory_bytes":536870912,"preview_port":true,"aliases":["a.test","b.test"]})");
}

TEST(BuildRequest, AsksForADryRunInTheQuery) {
  EXPECT_EQ(buildRequest(create(), {{"username", "alice"}}, true)->path,
            "/api/v1/accounts?dry_run=true");
}

TEST(BuildRequest, EncodesWhatGoesIntoAPath) {
  Command get;
  get.method = "GET";
  get.path = "/api/v1/accounts/{account}";
  get.fields = {{"account", FieldType::kString, FieldPlace::kPath, true, false, ""},
                {"limit", FieldType::kInteger, FieldPlace::kQuery, false, false, ""}};
  EXPECT_EQ(buildRequest(get, {{"account", "../x?y#z"}, {"limit", "5"}}, false)->path,
            "/api/v1/accounts/..%2Fx%3Fy%23z?limit=5");
  EXPECT_EQ(buildRequest(get, {{"account", ""}}, false).error().field, "account");
}

TEST(BuildRequest, RefusesMissingAndMalformedValuesByTheirFlag) {
  EXPECT_EQ(buildRequest(create(), {}, false).error().message, "--username: is required");
  for (const std::string bad : {"x", "-1", "5X", "99999999999T", "1.5G", ""})
    EXPECT_EQ(
        buildRequest(create(), {{"username", "a"}, {"memory_bytes", bad}}, false).error().field,
        "memory_bytes")
        << bad;
  EXPECT_EQ(
      buildRequest(create(), {{"username", "a"}, {"cpu_percent", "50M"}}, false).error().field,
      "cpu_percent");
  EXPECT_EQ(
      buildRequest(create(), {{"username", "a"}, {"preview_port", "maybe"}}, false).error().field,
      "preview_port");
}

TEST(BuildRequest, TakesAValueAwayByAnEmptyOneWhereThatIsPossible) {
  Command change = create();
  change.fields.push_back(
      {"email", FieldType::kString, FieldPlace::kBody, false, false, "", /*nullable=*/true});
  const auto request = buildRequest(change, {{"username", ""}, {"email", ""}}, false);
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->body, R"({"username":"","email":null})");
  EXPECT_EQ(buildRequest(change, {{"username", "null"}, {"email", "null"}}, false)->body,
            R"({"username":"null","email":null})");
}

TEST(ShellWord, QuotesWhatAShellWouldTakeApart) {
  EXPECT_EQ(shellWord("bob.example"), "bob.example");
  EXPECT_EQ(shellWord(""), "''");
  EXPECT_EQ(shellWord("a b;c"), "'a b;c'");
  EXPECT_EQ(shellWord("it's"), "'it'\\''s'");
}

TEST(FlagFor, DropsTheUnitFromTheName) {
  EXPECT_EQ(flagFor(create().fields[1]), "--memory");
  EXPECT_EQ(flagFor(create().fields[2]), "--cpu");
  EXPECT_EQ(flagFor(create().fields[3]), "--preview-port");
}

}  // namespace
}  // namespace bulkhead::cli
