#include <gtest/gtest.h>

#include "agent/ops/all_ops.h"
#include "tests/support/account_scene.h"
#include "tests/support/op_call.h"
#include "tests/support/poison.h"

namespace bulkhead::agent {
namespace {

using testing::AccountScene;
using Call = testing::OpCall<rpc::AccountRef, rpc::Nothing>;

Result<Proof> removeFor(AccountScene& scene, const std::string& name) {
  Call call;
  call.params().setUsername(testing::wire(name));
  return call.perform(engineRemove(), scene.host);
}

void ensureFor(AccountScene& scene) {
  testing::OpCall<rpc::AccountRef, rpc::Engine> call;
  call.params().setUsername("alice");
  ASSERT_TRUE(call.perform(engineEnsure(), scene.host).ok());
  scene.engine.images["bulkhead/web:1"] = testing::FakeEngine::id("image");
  scene.engine.containers["web"] = {testing::FakeEngine::id("web"), "web",
                                    *parseJson(R"({"Labels":{}})"), true};
}

TEST(EngineRemove, LeavesNoContainerImageUnitMountOrContext) {
  AccountScene scene;
  const auto before = scene.host.paths();
  ensureFor(scene);
  const auto proof = removeFor(scene, "alice");
  ASSERT_TRUE(proof.ok()) << proof.error().message;
  EXPECT_TRUE(scene.engine.containers.empty());
  EXPECT_TRUE(scene.engine.images.empty());
  EXPECT_FALSE(scene.systemd.isActive("bulkhead-engine@20000.service"));
  EXPECT_FALSE(scene.systemd.enabled.contains("bulkhead-engine@20000.service"));
  EXPECT_FALSE(scene.systemd.isActive("run-bulkhead\\x2dsites-20000.mount"));
  for (const auto& path : scene.host.paths())
    EXPECT_TRUE(std::find(before.begin(), before.end(), path) != before.end() ||
                path.ends_with("/contexts") || path.ends_with("/contexts/meta"))
        << path;
}

TEST(EngineRemove, SucceedsWhenThereIsNoEngine) {
  AccountScene scene;
  EXPECT_TRUE(removeFor(scene, "alice").ok());
  EXPECT_TRUE(scene.host.engineRequests().empty());
}

TEST(EngineRemove, StartsAStoppedEngineToReachWhatItHolds) {
  AccountScene scene;
  ensureFor(scene);
  scene.engine.up = false;
  scene.systemd.active.clear();
  ASSERT_TRUE(removeFor(scene, "alice").ok());
  EXPECT_TRUE(scene.engine.containers.empty());
}

TEST(EngineRemove, SaysThatDataStaysWhenTheEngineDoesNotStart) {
  AccountScene scene;
  ensureFor(scene);
  scene.engine.up = false;
  scene.systemd.active.clear();
  scene.systemd.failing.insert("bulkhead-engine@20000.service");
  const auto proof = removeFor(scene, "alice");
  ASSERT_TRUE(proof.ok()) << proof.error().message;
  EXPECT_EQ(proof->back().check, "engine data");
  EXPECT_FALSE(scene.systemd.enabled.contains("bulkhead-engine@20000.service"));
}

TEST(EngineRemove, RefusesAnIdThatIsNoId) {
  AccountScene scene;
  ensureFor(scene);
  scene.engine.instead["GET /v1.41/containers/json"] = {200, R"([{"Id":"../../images/x?y"}])"};
  EXPECT_EQ(removeFor(scene, "alice").error().code, Code::kUnavailable);
  for (const auto& [who, request] : scene.host.engineRequests())
    EXPECT_EQ(request.path.find(".."), std::string::npos);
}

TEST(EngineRemove, FailsWhenTheEngineKeepsAContainer) {
  AccountScene scene;
  ensureFor(scene);
  scene.engine.instead["DELETE /v1.41/containers/"] = {204, ""};
  EXPECT_EQ(removeFor(scene, "alice").error().code, Code::kInternal);
}

TEST(EngineRemove, RefusesPoisonAndUnknownAccounts) {
  AccountScene scene;
  for (const auto& text : testing::poison())
    EXPECT_EQ(removeFor(scene, text).error().code, Code::kInvalidArgument) << text;
  EXPECT_EQ(removeFor(scene, "bob").error().code, Code::kNotFound);
  EXPECT_EQ(scene.host.mutations(), 0U);
}

TEST(EngineRemove, EndsAbsentAfterACrashAtEveryStep) {
  for (std::size_t step = 0; step < 40; ++step) {
    AccountScene scene;
    ensureFor(scene);
    scene.host.resetFaults();
    scene.host.crashAfter(step);
    bool crashed = false;
    try {
      (void)removeFor(scene, "alice");  // ignoring: the retry counts
    } catch (const testing::FakeCrash&) {
      crashed = true;
    }
    scene.host.resetFaults();
    const auto done = removeFor(scene, "alice");
    ASSERT_TRUE(done.ok()) << step << ": " << done.error().message;
    if (!crashed) return;
  }
  FAIL() << "more steps than expected";
}

}  // namespace
}  // namespace bulkhead::agent
