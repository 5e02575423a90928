#include <gtest/gtest.h>

#include "agent/ops/all_ops.h"
#include "agent/registry/lockdown.h"
#include "tests/support/fake_host.h"
#include "tests/support/op_call.h"

namespace bulkhead::agent {
namespace {

using Lock = testing::OpCall<rpc::Nothing, rpc::Lockdown>;

TEST(LockdownOff, EndsItAndIsFineWithoutOne) {
  testing::FakeHost host;
  Lock on;
  ASSERT_TRUE(on.perform(lockdownOn(), host).ok());
  for (int i = 0; i < 2; ++i) {
    Lock off;
    ASSERT_TRUE(off.perform(lockdownOff(), host).ok());
    EXPECT_FALSE(off.reply().getOn());
    EXPECT_FALSE(lockdownOf(host).has_value());
  }
}

}  // namespace
}  // namespace bulkhead::agent
