#include <gtest/gtest.h>

#include "agent/ops/all_ops.h"
#include "tests/support/account_scene.h"
#include "tests/support/op_call.h"

namespace bulkhead::agent {
namespace {

using testing::AccountScene;
using Call = testing::OpCall<rpc::AccountRef, rpc::Account>;

Result<Proof> suspendIn(AccountScene& scene, const std::string& name = "alice") {
  Call call;
  call.params().setUsername(name);
  return call.perform(accountSuspend(), scene.host);
}

TEST(AccountSuspend, StopsTheEngineAndEveryProcessAndKeepsTheData) {
  AccountScene scene;
  const auto uid = scene.alice.identity.uid;
  scene.systemd.active[engine::unitName(uid)] = "active";
  scene.systemd.enabled.insert(engine::unitName(uid));
  scene.host.addProcess(uid, 100, "sh");
  scene.host.addProcess(scene.alice.identity.subUidFirst + 33, 101, "nginx");
  scene.host.addProcess(33, 102, "nginx");
  const auto proof = suspendIn(scene);
  ASSERT_TRUE(proof.ok()) << proof.error().message;
  EXPECT_FALSE(scene.systemd.isActive(engine::unitName(uid)));
  EXPECT_FALSE(scene.systemd.enabled.contains(engine::unitName(uid)));
  EXPECT_TRUE(scene.host.processesOf(scene.alice.identity)->empty());
  EXPECT_TRUE(scene.host.exists("/home/alice"));
  EXPECT_EQ(Registry(scene.host).find(*Username::parse("alice"))->state, AccountState::kSuspended);
}

TEST(AccountSuspend, TheStateIsWrittenBeforeTheEngineStops) {
  AccountScene scene;
  ASSERT_TRUE(suspendIn(scene).ok());
  const auto& log = scene.host.log();
  const auto state =
      std::find(log.rbegin(), log.rend(), "writeFile /var/lib/bulkhead/agent/accounts/alice");
  const auto stop =
      std::find(log.rbegin(), log.rend(),
                "run systemctl stop -- " + engine::unitName(scene.alice.identity.uid));
  ASSERT_NE(state, log.rend());
  ASSERT_NE(stop, log.rend());
  EXPECT_LT(stop, state);  // reverse iterators: the state lies further back
}

TEST(AccountSuspend, AskingTwiceGivesTheSameAnswer) {
  AccountScene scene;
  ASSERT_TRUE(suspendIn(scene).ok());
  EXPECT_TRUE(suspendIn(scene).ok());
}

TEST(AccountSuspend, ACrashAfterAnyChangeIsCompletedByARetry) {
  AccountScene reference;
  ASSERT_TRUE(suspendIn(reference).ok());
  for (std::size_t n = 0; n < reference.host.mutations(); ++n) {
    AccountScene scene;
    scene.systemd.active[engine::unitName(scene.alice.identity.uid)] = "active";
    scene.host.crashAfter(n);
    EXPECT_THROW((void)suspendIn(scene), testing::FakeCrash) << n;
    scene.host.resetFaults();
    EXPECT_TRUE(suspendIn(scene).ok()) << n;
  }
}

TEST(AccountSuspend, IsNotProvedWhileAProcessLives) {
  AccountScene scene;
  scene.host.addProcess(scene.alice.identity.uid, 100, "stuck");
  scene.host.makeUnkillable(100);
  EXPECT_FALSE(suspendIn(scene).ok());
}

TEST(AccountSuspend, RefusesWhatIsNotAStandingAccount) {
  AccountScene scene;
  EXPECT_EQ(suspendIn(scene, "bob").error().code, Code::kNotFound);
  EXPECT_EQ(suspendIn(scene, "root").error().code, Code::kInvalidArgument);
  for (const auto state : {AccountState::kCreating, AccountState::kDeleting}) {
    scene.alice.state = state;
    ASSERT_TRUE(Registry(scene.host).put(scene.alice).ok());
    EXPECT_EQ(suspendIn(scene).error().code, Code::kConflict);
  }
}

}  // namespace
}  // namespace bulkhead::agent
