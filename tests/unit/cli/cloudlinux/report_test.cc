#include "cli/cloudlinux/report.h"

#include <gtest/gtest.h>

#include "tests/unit/cli/cloudlinux/fake_panel.h"

namespace bulkhead::cli::cloudlinux {
namespace {

std::vector<CheckResult> threeResults() {
  CheckResult fine;
  fine.number = 1;
  fine.check = {.name = "a thing is right", .section = "5.4", .script = "users"};
  fine.calls = 3;
  fine.medianMs = 2.25;
  CheckResult wrong = fine;
  wrong.number = 2;
  wrong.check.name = "a thing is wrong";
  wrong.outcome = Outcome::kFinding;
  wrong.arguments = {"--owner=x"};
  wrong.findings = {{Severity::kStated, "printed \x1b[2J"}, {Severity::kReading, "exit 0"}};
  CheckResult skipped;
  skipped.number = 3;
  skipped.check = {.name = "a rule", .section = "3", .rule = [](const World&) {
                     return std::vector<std::string>{};
                   }};
  skipped.outcome = Outcome::kSkipped;
  skipped.skippedBecause = "no answer to php";
  return {fine, wrong, skipped};
}

TEST(Report, ShowsNumberCheckCallerResultAndTime) {
  const FakeHost host;
  World world(host, "/x.ini");
  const auto text = renderReport(world, threeResults(), {});
  EXPECT_NE(text.find("   1  a thing is right"), std::string::npos) << text;
  EXPECT_NE(text.find("root           ok             2.2\n"), std::string::npos) << text;
  EXPECT_NE(text.find("        users --owner=x\n        stated, section 5.4: printed ?[2J\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("        our reading, section 5.4: exit 0\n"), std::string::npos);
  EXPECT_NE(text.find("        no answer to php\n"), std::string::npos);
  EXPECT_NE(text.find("3 checks, 6 calls: 1 ok, 1 against what is stated, 0 against our reading "
                      "only, 1 skipped\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST(Report, IsJsonForMachines) {
  const FakeHost host;
  World world(host, "/x.ini");
  const auto json = reportJson(world, threeResults());
  EXPECT_EQ(json.at("ok"), false);
  EXPECT_EQ(json.at("summary").at("stated_findings"), 1);
  EXPECT_EQ(json.at("checks").at(1).at("arguments"), Json::array({"--owner=x"}));
  EXPECT_EQ(json.at("checks").at(1).at("findings").at(1).at("severity"), "reading");
  EXPECT_EQ(json.at("checks").at(2).at("skipped_because"), "no answer to php");
  EXPECT_FALSE(json.at("checks").at(2).contains("median_ms"));
}

}  // namespace
}  // namespace bulkhead::cli::cloudlinux
