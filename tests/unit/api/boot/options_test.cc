// The command line is read strictly.
#include "api/boot/options.h"

#include <gtest/gtest.h>

namespace bulkhead::api {
namespace {

TEST(Options, HaveTheInstalledDefaults) {
  const auto options = parseOptions({});
  ASSERT_TRUE(options.ok());
  EXPECT_EQ(options->task, Task::kServe);
  EXPECT_EQ(options->agentSocket, "/run/bulkhead/agent.sock");
}
TEST(Options, TakeValues) {
  const auto options = parseOptions({"--socket", "/run/x.sock", "--state", "/tmp/s",
                                     "--gateway-user", "nobody", "--database", "/run/d.json"});
  ASSERT_TRUE(options.ok());
  EXPECT_EQ(options->databaseFile, "/run/d.json");
  EXPECT_EQ(options->socketPath, "/run/x.sock");
  EXPECT_EQ(options->gatewayUser, "nobody");
}
TEST(Options, RefuseWhatTheyDoNotKnow) { EXPECT_FALSE(parseOptions({"--verbose"}).ok()); }
TEST(Options, RefuseAMissingValue) {
  EXPECT_FALSE(parseOptions({"--socket"}).ok());
  EXPECT_FALSE(parseOptions({"--state", ""}).ok());
}
TEST(Options, RefuseRelativePaths) {
  EXPECT_FALSE(parseOptions({"--socket", "x.sock"}).ok());
  EXPECT_FALSE(parseOptions({"--state", "state"}).ok());
  EXPECT_FALSE(parseOptions({"--database", "database.json"}).ok());
}
TEST(Options, CopyBetweenTwoPlaces) {
  const auto options = parseOptions({"--copy-from", "sqlite", "--copy-to", "/d.json"});
  ASSERT_TRUE(options.ok());
  EXPECT_EQ(options->task, Task::kCopyStore);
  EXPECT_FALSE(parseOptions({"--copy-from", "sqlite"}).ok());
  EXPECT_FALSE(parseOptions({"--copy-from", "sqlite", "--copy-to", "sqlite"}).ok());
  EXPECT_FALSE(parseOptions({"--copy-from", "sqlite", "--copy-to", "d.json"}).ok());
}
TEST(Options, HelpNamesEachOption) {
  for (const char* name : {"--socket", "--state", "--database", "--agent-socket", "--gateway-user",
                           "--print-openapi", "--print-routes"})
    EXPECT_NE(helpText().find(name), std::string::npos) << name;
}

}  // namespace
}  // namespace bulkhead::api
