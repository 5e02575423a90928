#include "cli/cloudlinux_switch.h"

#include <gtest/gtest.h>

#include "common/core/json.h"

#include <nlohmann/json.hpp>

namespace bulkhead::cli {
namespace {

IntegrationReport sound() {
  IntegrationReport report;
  report.enabled = true;
  report.release = "CloudLinux release 9.4";
  report.files = {{"/opt/cpvendor/etc/integration.ini", "current"}};
  report.hooks = {"post_modify_user.py"};
  report.checks = {{"fs.symlinkown_gid", "good", "33", ""}};
  return report;
}

TEST(CloudlinuxSwitch, ShowsFilesHooksChecksAndWhatIsNext) {
  auto report = sound();
  report.checks.push_back({"fs.proc_super_gid", "attention", "0", "set it"});
  report.next = {"cagefsctl --remount-all"};
  EXPECT_EQ(renderIntegration(report),
            "integration: on\nhost: CloudLinux release 9.4\nfiles:\n"
            "  current   /opt/cpvendor/etc/integration.ini\nhook scripts:\n  post_modify_user.py\n"
            "checks:\n  good      fs.symlinkown_gid (33)\n"
            "  attention fs.proc_super_gid (0): set it\nnext:\n  cagefsctl --remount-all\n");
}

TEST(CloudlinuxSwitch, SaysOnAnotherHostThatItIsOff) {
  EXPECT_EQ(renderIntegration({}), "integration: off\nhost: not CloudLinux\n");
  EXPECT_EQ(exitCodeOf({}), ExitCode::kOk);
}

TEST(CloudlinuxSwitch, PrintsJsonForPrograms) {
  const auto json = parseJson(integrationJson(sound()));
  ASSERT_TRUE(json.ok());
  EXPECT_TRUE((*json)["enabled"].get<bool>());
  EXPECT_EQ((*json)["files"][0]["state"], "current");
  EXPECT_EQ((*json)["checks"][0]["found"], "33");
}

TEST(CloudlinuxSwitch, FindsSomethingOnlyWhileTheIntegrationIsOn) {
  auto report = sound();
  EXPECT_EQ(exitCodeOf(report), ExitCode::kOk);
  report.checks[0].state = "attention";
  EXPECT_EQ(exitCodeOf(report), ExitCode::kFindings);
  report.enabled = false;
  EXPECT_EQ(exitCodeOf(report), ExitCode::kOk);
  report = sound();
  report.files[0].state = "edited";
  EXPECT_EQ(exitCodeOf(report), ExitCode::kFindings);
}

}  // namespace
}  // namespace bulkhead::cli
