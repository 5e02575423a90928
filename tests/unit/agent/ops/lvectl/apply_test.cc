#include <gtest/gtest.h>

#include "tests/support/lvectl_scene.h"

namespace bulkhead::agent {
namespace {

using Outcome = rpc::HookResult::Outcome;

struct Scene : testing::LvectlScene<rpc::LvectlApply> {
  Result<Proof> apply(const std::string& username) {
    call.params().setUsername(username);
    return call.perform(lvectlApply(), host);
  }
  std::string lastLine() const { return host.commandLines().back(); }
};

TEST(LvectlApply, AppliesOneAccountByItsUid) {
  Scene scene;
  ASSERT_TRUE(scene.apply("alice").ok());
  EXPECT_TRUE(scene.lastLine().ends_with("-- /usr/sbin/lvectl apply " +
                                         std::to_string(scene.alice.identity.uid)));
  EXPECT_EQ(scene.call.reply().getOutcome(), Outcome::SUCCEEDED);
}

TEST(LvectlApply, AppliesAllWithoutAName) {
  Scene scene;
  ASSERT_TRUE(scene.apply("").ok());
  EXPECT_TRUE(scene.lastLine().ends_with("-- /usr/sbin/lvectl apply all"));
}

TEST(LvectlApply, HasNothingToDoWithoutLvectl) {
  Scene scene;
  ASSERT_TRUE(scene.host.removeFile(cloudlinux::kLvectl).ok());
  ASSERT_TRUE(scene.apply("alice").ok());
  EXPECT_EQ(scene.call.reply().getOutcome(), Outcome::ABSENT);
  EXPECT_TRUE(scene.host.commands().empty());
}

TEST(LvectlApply, AnswersAFailure) {
  Scene scene;
  scene.exitCode = 3;
  const auto proof = scene.apply("alice");
  ASSERT_TRUE(proof.ok());
  EXPECT_EQ(scene.call.reply().getOutcome(), Outcome::FAILED);
  EXPECT_EQ(scene.call.reply().getExitCode(), 3);
  EXPECT_EQ(proof->at(0).check, "lvectl failed");
}

TEST(LvectlApply, RefusesAnAccountThatDoesNotStand) {
  Scene scene;
  EXPECT_EQ(scene.apply("ghost").error().code, Code::kNotFound);
  scene.addAccount("half", AccountState::kCreating);
  EXPECT_EQ(scene.apply("half").error().code, Code::kConflict);
  EXPECT_TRUE(scene.host.commands().empty());
}

TEST(LvectlApply, RefusesAProgramThatOthersCanWrite) {
  Scene scene;
  scene.host.addFile(cloudlinux::kLvectl, "", {0777, 0, 0});
  EXPECT_EQ(scene.apply("alice").error().code, Code::kPermissionDenied);
}

}  // namespace
}  // namespace bulkhead::agent
