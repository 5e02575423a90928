#include <gtest/gtest.h>

#include "agent/ops/all_ops.h"
#include "tests/support/account_scene.h"
#include "tests/support/op_call.h"

namespace bulkhead::agent {
namespace {

using testing::AccountScene;
using Call = testing::OpCall<rpc::AccountRef, rpc::Quota>;

TEST(QuotaGet, TellsUseAndLimits) {
  AccountScene scene;
  const auto uid = scene.alice.identity.uid;
  ASSERT_TRUE(scene.host.setProject("/home/alice", uid).ok());
  ASSERT_TRUE(scene.host.setProjectQuota("/home/alice", uid, 4096, 10).ok());
  scene.host.useDisk(uid, 2048, 3);
  Call call;
  call.params().setUsername("alice");
  ASSERT_TRUE(call.perform(quotaGet(), scene.host).ok());
  EXPECT_EQ(call.reply().getDiskBytes(), 4096U);
  EXPECT_EQ(call.reply().getInodes(), 10U);
  EXPECT_EQ(call.reply().getUsedBytes(), 2048U);
  EXPECT_EQ(call.reply().getUsedInodes(), 3U);
  EXPECT_EQ(call.reply().getProject(), uid);
}

TEST(QuotaGet, SaysUnsupportedWhereThereAreNoProjectQuotas) {
  AccountScene scene;
  scene.host.setFileSystem({"ext4", "/dev/vda1", "/home", {"rw"}, 0, 0});
  Call call;
  call.params().setUsername("alice");
  EXPECT_EQ(call.perform(quotaGet(), scene.host).error().code, Code::kUnsupported);
}

TEST(QuotaGet, RefusesAnUnknownAccountAndAHomeOutsideOfItsProject) {
  AccountScene scene;
  Call call;
  call.params().setUsername("alice");
  EXPECT_EQ(call.perform(quotaGet(), scene.host).error().code, Code::kConflict);
  call.params().setUsername("bob");
  EXPECT_EQ(call.perform(quotaGet(), scene.host).error().code, Code::kNotFound);
}

}  // namespace
}  // namespace bulkhead::agent
