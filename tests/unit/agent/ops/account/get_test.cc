#include <gtest/gtest.h>

#include "agent/ops/all_ops.h"
#include "tests/support/account_scene.h"
#include "tests/support/op_call.h"
#include "tests/support/poison.h"

namespace bulkhead::agent {
namespace {

using testing::AccountScene;
using Call = testing::OpCall<rpc::AccountRef, rpc::Account>;

TEST(AccountGet, TellsWhatTheRegistryHas) {
  AccountScene scene;
  Call call;
  call.params().setUsername("alice");
  ASSERT_TRUE(call.perform(accountGet(), scene.host).ok());
  EXPECT_EQ(std::string(call.reply().getUsername().cStr()), "alice");
  EXPECT_EQ(call.reply().getUid(), scene.alice.identity.uid);
  EXPECT_EQ(call.reply().getSubUidFirst(), scene.alice.identity.subUidFirst);
  EXPECT_EQ(call.reply().getState(), rpc::Account::State::ACTIVE);
  EXPECT_EQ(scene.host.mutations(), 0U);
}

TEST(AccountGet, TellsEachState) {
  AccountScene scene;
  const std::map<AccountState, rpc::Account::State> states = {
      {AccountState::kCreating, rpc::Account::State::CREATING},
      {AccountState::kSuspended, rpc::Account::State::SUSPENDED},
      {AccountState::kDeleting, rpc::Account::State::DELETING}};
  for (const auto& [state, shown] : states) {
    scene.alice.state = state;
    ASSERT_TRUE(Registry(scene.host).put(scene.alice).ok());
    Call call;
    call.params().setUsername("alice");
    ASSERT_TRUE(call.perform(accountGet(), scene.host).ok());
    EXPECT_EQ(call.reply().getState(), shown);
  }
}

TEST(AccountGet, RefusesAnUnknownAccountAndNamesThatAreNone) {
  AccountScene scene;
  Call call;
  call.params().setUsername("bob");
  EXPECT_EQ(call.perform(accountGet(), scene.host).error().code, Code::kNotFound);
  for (const auto& name : testing::poison()) {
    call.params().setUsername(testing::wire(name));
    EXPECT_EQ(call.perform(accountGet(), scene.host).error().code, Code::kInvalidArgument) << name;
  }
}

}  // namespace
}  // namespace bulkhead::agent
