// Every script for every kind of caller, each answer held against its schema.
#pragma once
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "api/cpapi/scripts.h"
#include "tests/support/cpapi_schema.h"
#include "tests/support/cpapi_world.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {

class CpapiScriptsScene : public ::testing::Test {
 protected:
  using CpapiWorld = testing::CpapiWorld;
  using Outcome = cpapi::Outcome;
  using Script = cpapi::Script;
  using Words = std::vector<std::string_view>;

  void SetUp() override { world_.fill(); }

  ScriptAnswer ask(Script script, const Words& words = {}, uid_t caller = CpapiWorld::kRoot) {
    ScriptAnswer answer = world_.scripts().run(script, words, caller);
    if (answer.shared) answer.document = *answer.shared;
    // Whatever happens: one document of the right shape.
    const std::string schema = answer.outcome != Outcome::kOk ? "error" : schemaOf(script, words);
    EXPECT_EQ(testing::schemaFault(schema, answer.document), "") << answer.document;
    const auto result = Json::parse(answer.document)["metadata"]["result"].get<std::string>();
    EXPECT_EQ(result, cpapi::outcomeName(answer.outcome));
    return answer;
  }
  static std::string schemaOf(Script script, const Words& words) {
    std::string name(cpapi::scriptName(script));
    for (const auto word : words) {
      if (word == "--with-php") name += "_with_php";
      if (word.starts_with("--fields")) name += "_fields";
    }
    return name;
  }
  Json data(Script script, const Words& words = {}, uid_t caller = CpapiWorld::kRoot) {
    const auto answer = ask(script, words, caller);
    EXPECT_EQ(answer.outcome, Outcome::kOk) << answer.document;
    return Json::parse(answer.document)["data"];
  }
  void expect(Outcome outcome, Script script, const Words& words = {}, uid_t caller = 0) {
    std::string call(cpapi::scriptName(script));
    for (const auto word : words)
      call += " [" + std::string(word) + "]";
    EXPECT_EQ(ask(script, words, caller).outcome, outcome) << call;
  }
  std::set<std::string> names(const Words& words, uid_t caller = CpapiWorld::kRoot) {
    std::set<std::string> found;
    const Json domains = data(Script::kDomains, words, caller);
    for (const auto& [name, entry] : domains.items())
      found.insert(name);
    return found;
  }
  std::set<std::string> users(const Words& words) {
    std::set<std::string> found;
    for (const auto& row : data(Script::kUsers, words))
      found.insert(row["username"].get<std::string>());
    return found;
  }

  using Names = std::set<std::string>;
  static inline const Names kOfAlice{"alice.example", "blog.alice.example", "static.alice.example",
                                     "xn--e1afmkfd.example"};
  CpapiWorld world_;
};

}  // namespace bulkhead::api
