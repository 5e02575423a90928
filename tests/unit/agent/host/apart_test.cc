// Programs that the agent does not start as its own children.
#include "agent/host/apart.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::agent {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using namespace std::chrono_literals;

std::vector<std::string> settingsOf(Program program) {
  return unitApart({program, {}, "", 20s}, "/usr/sbin/x")->settings;
}

TEST(Apart, IsForWhatNeedsMoreThanTheAgentHas) {
  for (const auto program : {Program::kSystemctl, Program::kSystemdRun, Program::kNginx})
    EXPECT_FALSE(unitApart({program, {}, ""}, "/usr/sbin/x"));
  EXPECT_EQ(unitApart({Program::kUfw, {}, ""}, "/usr/sbin/ufw")->name, "bulkhead-ufw");
  EXPECT_EQ(unitApart({Program::kQuota, {}, ""}, kQuotaProgram)->name, "bulkhead-quota");
}

TEST(Apart, GivesEachProgramItsOwnRightAndNoOther) {
  EXPECT_THAT(settingsOf(Program::kUfw),
              Contains("--property=CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW"));
  EXPECT_THAT(settingsOf(Program::kQuota),
              Contains("--property=CapabilityBoundingSet=CAP_SYS_ADMIN CAP_DAC_READ_SEARCH"));
  for (const auto program : {Program::kUfw, Program::kQuota}) {
    const auto settings = settingsOf(program);
    EXPECT_EQ(std::count_if(settings.begin(), settings.end(),
                            [](const auto& one) {
                              return one.find("CapabilityBoundingSet") != std::string::npos;
                            }),
              1);
    for (const auto* closed :
         {"NoNewPrivileges=yes", "ProtectSystem=strict", "PrivateDevices=yes", "RuntimeMaxSec=20"})
      EXPECT_THAT(settings, Contains(std::string("--property=") + closed));
    EXPECT_THAT(settings, Contains(StartsWith("--property=SystemCallFilter=@system-service")));
  }
}

TEST(Transient, HandsArgumentsOverAsTheyAre) {
  const auto command = transientCommand(
      {"bulkhead-x", {"--property=A=b"}, "/usr/sbin/x", {"--force", "$HOME ${B} %n", "-"}, 5s});
  EXPECT_EQ(command.program, Program::kSystemdRun);
  EXPECT_EQ(command.timeLimit, 5s);
  const auto& all = command.arguments;
  const auto end = std::find(all.begin(), all.end(), "--");
  ASSERT_NE(end, all.end());
  EXPECT_EQ(std::vector<std::string>(end + 1, all.end()),
            (std::vector<std::string>{"/usr/sbin/x", "--force", "$$HOME $${B} %n", "-"}));
  EXPECT_THAT(std::vector<std::string>(all.begin(), end), Contains("--unit=bulkhead-x"));
  EXPECT_THAT(std::vector<std::string>(all.begin(), end), Not(Contains(HasSubstr("$"))));
}

TEST(Transient, KnowsThatAnEarlierRunHasNotEnded) {
  EXPECT_TRUE(isStillRunning(
      {1,
       "Failed to start transient service unit: Unit bulkhead-x.service was already loaded or "
       "has a fragment file.\n"}));
  EXPECT_FALSE(isStillRunning({1, "ERROR: problem running\n"}));
  EXPECT_FALSE(isStillRunning({0, "was already loaded or has a fragment file"}));
}

}  // namespace
}  // namespace bulkhead::agent
