#include <gtest/gtest.h>

#include "agent/ops/all_ops.h"
#include "tests/support/account_scene.h"
#include "tests/support/op_call.h"

namespace bulkhead::agent {
namespace {

using testing::AccountScene;
using Call = testing::OpCall<rpc::AccountRef, rpc::Account>;

Result<Proof> unsuspendIn(AccountScene& scene, const std::string& name = "alice") {
  Call call;
  call.params().setUsername(name);
  return call.perform(accountUnsuspend(), scene.host);
}

TEST(AccountUnsuspend, MakesTheAccountActive) {
  AccountScene scene;
  scene.alice.state = AccountState::kSuspended;
  ASSERT_TRUE(Registry(scene.host).put(scene.alice).ok());
  ASSERT_TRUE(unsuspendIn(scene).ok());
  EXPECT_TRUE(Registry(scene.host).findActive(*Username::parse("alice")).ok());
}

TEST(AccountUnsuspend, AnActiveAccountStaysAsItIs) {
  AccountScene scene;
  ASSERT_TRUE(unsuspendIn(scene).ok());
  EXPECT_EQ(scene.host.mutations(), 0U);
}

TEST(AccountUnsuspend, RefusesWhatIsNotAStandingAccount) {
  AccountScene scene;
  EXPECT_EQ(unsuspendIn(scene, "bob").error().code, Code::kNotFound);
  EXPECT_EQ(unsuspendIn(scene, "-x").error().code, Code::kInvalidArgument);
  for (const auto state : {AccountState::kCreating, AccountState::kDeleting}) {
    scene.alice.state = state;
    ASSERT_TRUE(Registry(scene.host).put(scene.alice).ok());
    EXPECT_EQ(unsuspendIn(scene).error().code, Code::kConflict);
  }
}

}  // namespace
}  // namespace bulkhead::agent
