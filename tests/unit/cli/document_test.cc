#include "cli/document.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace bulkhead::cli {
namespace {

std::string documentWith(const std::string& operation) {
  return R"({"paths":{"/api/v1/things/{thing}":{"patch":)" + operation +
         R"(}},"components":{"parameters":{"IfMatch":{"name":"If-Match","in":"header"}},)"
         R"("schemas":{"Change":{"type":"object","required":["size"],"properties":{)"
         R"("size":{"type":"integer"},"note":{"type":["string","null"],"description":"A note."},)"
         R"("key":{"type":"string","writeOnly":true}}}}}})";
}

const Field& fieldOf(const Command& command, const std::string& name) {
  const auto found = std::find_if(command.fields.begin(), command.fields.end(),
                                  [&name](const Field& field) { return field.name == name; });
  return found == command.fields.end() ? command.fields.at(command.fields.size()) : *found;
}

TEST(CommandsOf, MakesACommandOfAnOperationWithWords) {
  const auto commands = commandsOf(documentWith(
      R"({"summary":"Changes it.","x-risk":"mutate","x-job":true,"x-replay":"reply",)"
      R"("x-cli":{"words":"thing update","positional":["thing"],"columns":["id"]},"parameters":[)"
      R"({"name":"thing","in":"path","required":true,"schema":{"type":"string"}},)"
      R"({"name":"dry_run","in":"query","schema":{"type":"boolean"}},)"
      R"({"$ref":"#/components/parameters/IfMatch"}],"requestBody":{"content":)"
      R"({"application/json":{"schema":{"$ref":"#/components/schemas/Change"}}}}})"));
  ASSERT_TRUE(commands.ok());
  ASSERT_EQ(commands->size(), 1U);
  const Command& command = commands->front();
  EXPECT_EQ(command.words, (std::vector<std::string>{"thing", "update"}));
  EXPECT_EQ(command.method, "PATCH");
  EXPECT_TRUE(command.job && command.dryRun && command.conditional && command.keyed);
  EXPECT_FALSE(command.destructive || command.list || command.recent);
  EXPECT_EQ(fieldOf(command, "thing").place, FieldPlace::kPath);
  EXPECT_EQ(fieldOf(command, "size").type, FieldType::kInteger);
  EXPECT_TRUE(fieldOf(command, "size").required);
  EXPECT_TRUE(fieldOf(command, "note").nullable);
  EXPECT_TRUE(fieldOf(command, "key").secret);
  EXPECT_EQ(command.fields.size(), 4U);
}

TEST(CommandsOf, LeavesOperationsWithoutWordsAway) {
  const auto commands = commandsOf(documentWith(R"({"summary":"Changes it."})"));
  ASSERT_TRUE(commands.ok());
  EXPECT_TRUE(commands->empty());
}

TEST(CommandsOf, RefusesADamagedDocument) {
  for (const std::string text : {"", "{}", "[]"})
    EXPECT_EQ(commandsOf(text).ok(), false) << text;
  EXPECT_FALSE(commandsOf(documentWith(R"({"x-cli":{"words":3}})")).ok());
  EXPECT_FALSE(
      commandsOf(documentWith(R"({"x-cli":{"words":"a b"},"parameters":[{"$ref":"#/nowhere"}]})"))
          .ok());
}

TEST(BuiltInDocument, UsesTheSameVerbsEverywhere) {
  const auto commands = commandsOf(builtInDocument());
  ASSERT_TRUE(commands.ok());
  for (const auto& command : *commands) {
    for (const std::string odd : {"change", "add", "remove", "show", "set", "edit"})
      EXPECT_NE(command.words.back(), odd) << command.words.front();
  }
}

// A switch has no --no- form: left out is false. A change whose switch can be taken back needs one.
TEST(BuiltInDocument, HasNoSwitchThatAChangeCouldTakeBack) {
  const auto commands = commandsOf(builtInDocument());
  ASSERT_TRUE(commands.ok());
  for (const auto& command : *commands)
    for (const auto& field : command.fields)
      if (command.method == "PATCH" && field.type == FieldType::kBoolean) {
        EXPECT_EQ(field.name, "primary") << command.words.front();
      }
}

TEST(BuiltInDocument, SpeaksOfNoHeaderInItsHelp) {
  const auto commands = commandsOf(builtInDocument());
  ASSERT_TRUE(commands.ok());
  for (const auto& command : *commands)
    for (const std::string header : {"If-Match", "Prefer"})
      EXPECT_EQ(command.summary.find(header), std::string::npos) << command.summary;
}

}  // namespace
}  // namespace bulkhead::cli
