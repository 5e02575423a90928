#include "agent/gate/options.h"

#include <gtest/gtest.h>

namespace bulkhead::agent {
namespace {

TEST(AgentOptions, ServesWithTheDefaultsOfAServer) {
  const auto options = parseOptions({});
  ASSERT_TRUE(options.ok());
  EXPECT_EQ(options->mode, Options::Mode::kServe);
  EXPECT_EQ(options->policy.shipped, "/usr/share/bulkhead/policy/operations.json");
  EXPECT_EQ(options->policy.overrides, "/etc/bulkhead/policy.d");
  EXPECT_EQ(options->auditDirectory, "/var/log/bulkhead/audit");
  EXPECT_EQ(options->apiUser, "bulkhead-api");
  EXPECT_TRUE(options->agentSocket.empty());
}

TEST(AgentOptions, TakesEachOption) {
  const auto options =
      parseOptions({"--agent-socket", "/a", "--admin-socket", "/b", "--policy", "/c",
                    "--policy-overrides", "/d", "--audit", "/e", "--api-user", "f", "--check"});
  ASSERT_TRUE(options.ok());
  EXPECT_EQ(options->agentSocket, "/a");
  EXPECT_EQ(options->adminSocket, "/b");
  EXPECT_EQ(options->policy.shipped, "/c");
  EXPECT_EQ(options->policy.overrides, "/d");
  EXPECT_EQ(options->auditDirectory, "/e");
  EXPECT_EQ(options->apiUser, "f");
  EXPECT_EQ(options->mode, Options::Mode::kCheck);
}

TEST(AgentOptions, RefusesWhatItDoesNotKnow) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--nonsense"}, {"serve"}, {"--audit"}, {"--audit", ""}, {"-h"}})
    EXPECT_FALSE(parseOptions(arguments).ok()) << arguments[0];
}

}  // namespace
}  // namespace bulkhead::agent
