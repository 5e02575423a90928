#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "agent/policy/policy.h"
#include "tests/support/temp_dir.h"

namespace bulkhead::agent {
namespace {

const std::set<std::string> kOperations = {"account.create", "account.get"};
constexpr const char* kShipped = R"({"version":1,"operations":{
  "account.create":{"peers":["api","admin"],"perMinute":100,"perAccountPerMinute":10,"breakGlass":true},
  "account.get":{"peers":["api"],"perMinute":100}}})";

class LoadPolicy : public ::testing::Test {
 protected:
  LoadPolicy() {
    files_ = {directory_.path() + "/operations.json", directory_.path() + "/policy.d", ::geteuid()};
    std::filesystem::create_directory(files_.overrides);
    put(files_.shipped, kShipped);
  }
  void put(const std::string& path, const std::string& text, mode_t mode = 0644) {
    std::ofstream(path) << text;
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
  }
  void tighten(const std::string& name, const std::string& operations, mode_t mode = 0644) {
    put(files_.overrides + "/" + name, "{\"version\":1,\"operations\":" + operations + "}", mode);
  }
  Result<PolicyRules> load() { return loadPolicy(files_, kOperations); }
  std::string refusal() {
    const auto rules = load();
    return rules.ok() ? "accepted" : rules.error().message;
  }
  bulkhead::testing::TempDir directory_;
  PolicyFiles files_;
};

TEST_F(LoadPolicy, ReadsTheShippedFile) {
  const auto rules = load();
  ASSERT_TRUE(rules.ok()) << rules.error().message;
  const auto& rule = rules->at("account.create");
  EXPECT_EQ(rule.peers, (std::set<Peer>{Peer::kApi, Peer::kAdmin}));
  EXPECT_EQ(rule.perMinute, 100U);
  EXPECT_EQ(rule.perAccountPerMinute, 10U);
  EXPECT_EQ(rules->at("account.get").perAccountPerMinute, std::nullopt);
  EXPECT_TRUE(rule.breakGlass);
  EXPECT_FALSE(rules->at("account.get").breakGlass);
}

TEST_F(LoadPolicy, RefusesBreakGlassThatIsNoWordAndAnOverrideThatGivesIt) {
  tighten("10.json", R"({"account.get":{"breakGlass":true}})");
  EXPECT_NE(refusal(), "accepted");
  std::filesystem::remove(files_.overrides + "/10.json");
  put(files_.shipped,
      R"({"version":1,"operations":{"account.get":{"peers":[],"perMinute":1,"breakGlass":1}}})");
  EXPECT_EQ(refusal(), "policy operations.json:account.get: \"breakGlass\" must be true or false");
}

TEST_F(LoadPolicy, RefusesAMissingFileAMissingRuleAndARuleForNothing) {
  std::filesystem::remove(files_.shipped);
  EXPECT_EQ(refusal(), "policy " + files_.shipped + ": cannot be read");
  put(files_.shipped, R"({"version":1,"operations":{"account.get":{"peers":[],"perMinute":1}}})");
  EXPECT_EQ(refusal(), "policy operations.json: has no rule for operation \"account.create\"");
  put(files_.shipped, R"({"version":1,"operations":{"account.eat":{"peers":[],"perMinute":1}}})");
  EXPECT_EQ(refusal(), "policy operations.json:account.eat: there is no such operation");
}

TEST_F(LoadPolicy, RefusesWhatItDoesNotUnderstand) {
  for (const char* text :
       {"", "[]", "{}", "{\"version\":2,\"operations\":{}}", "{\"version\":1}",
        "{\"version\":1,\"operations\":[]}", "{\"version\":1,\"operations\":{},\"more\":1}",
        R"({"version":1,"operations":{"account.get":{"peers":"api","perMinute":1}}})",
        R"({"version":1,"operations":{"account.get":{"peers":["root"],"perMinute":1}}})",
        R"({"version":1,"operations":{"account.get":{"peers":["api"]}}})",
        R"({"version":1,"operations":{"account.get":{"peers":["api"],"perMinute":-1}}})",
        R"({"version":1,"operations":{"account.get":{"peers":["api"],"perMinute":"9"}}})",
        R"({"version":1,"operations":{"account.get":{"peers":["api"],"perMinute":1,"also":1}}})",
        R"({"version":1,"operations":{"account.get":1}})"}) {
    put(files_.shipped, text);
    EXPECT_FALSE(load().ok()) << text;
  }
}

TEST_F(LoadPolicy, RefusesFilesThatOthersMayWriteOrOwn) {
  for (const mode_t mode : {0664U, 0646U, 0755U, 04644U}) {
    put(files_.shipped, kShipped, mode);
    EXPECT_EQ(refusal(), "policy " + files_.shipped + ": must have mode 0644 or stricter");
  }
  put(files_.shipped, kShipped, 0600);
  EXPECT_EQ(refusal(), "accepted");
  files_.owner += 1;
  EXPECT_NE(refusal().find("must be owned by uid"), std::string::npos);
}

TEST_F(LoadPolicy, RefusesALinkInPlaceOfAFile) {
  std::filesystem::rename(files_.shipped, files_.shipped + ".real");
  std::filesystem::create_symlink(files_.shipped + ".real", files_.shipped);
  EXPECT_EQ(refusal(), "policy " + files_.shipped + ": cannot be read");
}

TEST_F(LoadPolicy, AcceptsFilesThatTightenAndRemembersThem) {
  tighten("10-a.json", R"({"account.create":{"peers":["api"],"perMinute":50}})");
  tighten("20-b.json",
          R"({"account.create":{"perMinute":70,"perAccountPerMinute":1,"denyAccounts":["carol"]},
                           "account.get":{"perAccountPerMinute":5}})",
          0600);
  tighten("ignored.txt", "not JSON");
  const auto rules = load();
  ASSERT_TRUE(rules.ok()) << rules.error().message;
  const auto& rule = rules->at("account.create");
  EXPECT_EQ(rule.peers, std::set<Peer>{Peer::kApi});
  EXPECT_EQ(rule.peersFrom, "policy.d/10-a.json");
  EXPECT_EQ(rule.perMinute, 50U) << "the strictest wins";
  EXPECT_EQ(rule.perMinuteFrom, "policy.d/10-a.json");
  EXPECT_EQ(rule.perAccountPerMinute, 1U);
  EXPECT_EQ(rule.deniedAccounts.at("carol"), "policy.d/20-b.json");
  EXPECT_EQ(rules->at("account.get").perAccountPerMinute, 5U);
}

TEST_F(LoadPolicy, RefusesFilesThatLoosenAndNamesFileAndRule) {
  tighten("10.json", R"({"account.get":{"peers":["api","admin"]}})");
  EXPECT_EQ(refusal(),
            "policy policy.d/10.json:account.get: \"peers\" would allow a peer that the shipped "
            "policy does not");
  tighten("10.json", R"({"account.get":{"perMinute":101}})");
  EXPECT_EQ(refusal(),
            "policy policy.d/10.json:account.get: \"perMinute\" is above the shipped limit");
  tighten("10.json", R"({"account.create":{"perAccountPerMinute":11}})");
  EXPECT_EQ(
      refusal(),
      "policy policy.d/10.json:account.create: \"perAccountPerMinute\" is above the shipped limit");
}

TEST_F(LoadPolicy, ALaterFileCannotTakeBackWhatAnEarlierOneTook) {
  tighten("10.json", R"({"account.create":{"peers":[]}})");
  tighten("20.json", R"({"account.create":{"peers":["api","admin"]}})");
  const auto rules = load();
  ASSERT_TRUE(rules.ok());
  EXPECT_TRUE(rules->at("account.create").peers.empty());
}

TEST_F(LoadPolicy, RefusesBrokenOverrides) {
  for (const char* operations :
       {"[]", R"({"account.eat":{}})", R"({"account.get":{"allow":true}})",
        R"({"account.get":{"denyAccounts":["../x"]}})", R"({"account.get":{"denyAccounts":"x"}})",
        R"({"account.get":{"perMinute":1)"}) {
    tighten("10.json", operations);
    EXPECT_FALSE(load().ok()) << operations;
  }
  tighten("10.json", "{}", 0666);
  EXPECT_NE(refusal().find("mode 0644"), std::string::npos);
  tighten("10.json", "{}");
  ASSERT_EQ(::chmod(files_.overrides.c_str(), 0777), 0);
  EXPECT_NE(refusal().find("writable"), std::string::npos);
}

TEST_F(LoadPolicy, WorksWithoutAnOverridesDirectory) {
  std::filesystem::remove(files_.overrides);
  EXPECT_TRUE(load().ok());
}

}  // namespace
}  // namespace bulkhead::agent
