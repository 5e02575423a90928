#include <gtest/gtest.h>

#include "agent/ops/all_ops.h"
#include "agent/registry/lockdown.h"
#include "tests/support/fake_host.h"
#include "tests/support/op_call.h"

namespace bulkhead::agent {
namespace {

using Lock = testing::OpCall<rpc::Nothing, rpc::Lockdown>;

TEST(LockdownOn, BeginsOnceAndStaysAsItBegan) {
  testing::FakeHost host;
  Lock on;
  ASSERT_TRUE(on.perform(lockdownOn(), host).ok());
  EXPECT_TRUE(on.reply().getOn());
  const auto began = on.reply().getSince();
  EXPECT_GT(began, 0);
  EXPECT_EQ(host.node(kLockdownFile)->info.mode, 0600U);
  host.pause(std::chrono::seconds(5));
  Lock again;
  ASSERT_TRUE(again.perform(lockdownOn(), host).ok());
  EXPECT_EQ(again.reply().getSince(), began);
}

}  // namespace
}  // namespace bulkhead::agent
