#include <gtest/gtest.h>

#include "tests/support/lvectl_scene.h"
#include "tests/support/poison.h"

namespace bulkhead::agent {
namespace {

using Outcome = rpc::HookResult::Outcome;

struct Scene : testing::LvectlScene<rpc::LvectlForget> {
  Result<Proof> forget(const std::string& package) {
    call.params().setPackage(testing::wire(package));
    return call.perform(lvectlForget(), host);
  }
};

TEST(LvectlForget, NamesThePackage) {
  Scene scene;
  ASSERT_TRUE(scene.forget("Basic, large").ok());
  EXPECT_TRUE(scene.host.commandLines().back().ends_with(
      "-- /usr/sbin/lvectl package-delete Basic, large"));
  EXPECT_EQ(scene.call.reply().getOutcome(), Outcome::SUCCEEDED);
}

TEST(LvectlForget, HasNothingToDoWithoutLvectl) {
  Scene scene;
  ASSERT_TRUE(scene.host.removeFile(cloudlinux::kLvectl).ok());
  ASSERT_TRUE(scene.forget("Basic").ok());
  EXPECT_EQ(scene.call.reply().getOutcome(), Outcome::ABSENT);
  EXPECT_TRUE(scene.host.commands().empty());
}

TEST(LvectlForget, AnswersAFailure) {
  Scene scene;
  scene.exitCode = 3;
  const auto proof = scene.forget("Basic");
  ASSERT_TRUE(proof.ok());
  EXPECT_EQ(scene.call.reply().getOutcome(), Outcome::FAILED);
  EXPECT_EQ(proof->at(0).check, "lvectl failed");
  EXPECT_EQ(proof->at(1).detail, "said");
}

TEST(LvectlForget, RefusesWhatIsNoPlansName) {
  Scene scene;
  for (const std::string text : {"", "-a", "--help", " a", "a\nb", "pln_1", "a/b"})
    EXPECT_EQ(scene.forget(text).error().field, "package") << testing::shown(text);
  EXPECT_TRUE(scene.host.commands().empty());
}

}  // namespace
}  // namespace bulkhead::agent
