#include "cli/store_migrate.h"

#include <gtest/gtest.h>

namespace bulkhead::cli {
namespace {

class StoreMigrate : public ::testing::Test {
 protected:
  ExitCode run(const std::string& from, const std::string& to) {
    StoreMigrateOptions options;
    options.from = from;
    options.to = to;
    return runStoreMigrate(options, {[this] { return root_; }, [this] { return runs_; },
                                     [this](const std::string& program, const auto& arguments) {
                                       became_ = {program};
                                       became_.insert(became_.end(), arguments.begin(),
                                                      arguments.end());
                                       return Result<Ok>(Ok{});
                                     }});
  }
  bool root_ = true;
  bool runs_ = false;
  std::vector<std::string> became_;
};

TEST_F(StoreMigrate, HandsTheTwoPlacesToTheServersProgram) {
  EXPECT_EQ(run("sqlite", "/etc/bulkhead/database.json"), ExitCode::kOk);
  EXPECT_EQ(became_, (std::vector<std::string>{"/usr/libexec/bulkhead/bulkhead-api", "--state",
                                               "/var/lib/bulkhead-api", "--copy-from", "sqlite",
                                               "--copy-to", "/etc/bulkhead/database.json"}));
}
TEST_F(StoreMigrate, RefusesWhileThePanelRuns) {
  runs_ = true;
  EXPECT_EQ(run("sqlite", "/d.json"), ExitCode::kConflict);
  EXPECT_TRUE(became_.empty());
}
TEST_F(StoreMigrate, IsRoots) {
  root_ = false;
  EXPECT_EQ(run("sqlite", "/d.json"), ExitCode::kDenied);
  EXPECT_TRUE(became_.empty());
}
TEST_F(StoreMigrate, RefusesWhatIsNoTwoPlaces) {
  for (const auto& [from, to] : {std::pair("sqlite", "sqlite"), std::pair("", "/d.json"),
                                 std::pair("d.json", "sqlite"), std::pair("/d.json", "/d.json")})
    EXPECT_NE(run(from, to), ExitCode::kOk);
  EXPECT_TRUE(became_.empty());
}

}  // namespace
}  // namespace bulkhead::cli
