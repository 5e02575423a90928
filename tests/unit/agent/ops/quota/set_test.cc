#include <gtest/gtest.h>

#include "agent/ops/all_ops.h"
#include "tests/support/account_scene.h"
#include "tests/support/op_call.h"

namespace bulkhead::agent {
namespace {

using testing::AccountScene;

struct Scene : AccountScene {
  Scene() {
    if (!host.setProject("/home/alice", alice.identity.uid).ok()) throw std::logic_error("scene");
    host.resetFaults();
  }
};

struct Call : testing::OpCall<rpc::QuotaSet, rpc::Quota> {
  Call(std::uint64_t bytes, std::uint64_t inodes) {
    params().setUsername("alice");
    params().setDiskBytes(bytes);
    params().setInodes(inodes);
  }
};

TEST(QuotaSet, SetsAndReadsBackTheLimits) {
  Scene scene;
  Call call(1ULL << 30U, 5000);
  const auto proof = call.perform(quotaSet(), scene.host);
  ASSERT_TRUE(proof.ok()) << proof.error().message;
  EXPECT_EQ(call.reply().getDiskBytes(), 1ULL << 30U);
  EXPECT_EQ(call.reply().getInodes(), 5000U);
  EXPECT_EQ(call.reply().getProject(), scene.alice.identity.uid);
  EXPECT_EQ(proof->front().check, "project quota");
}

TEST(QuotaSet, AnswersWithTheRoundedBytes) {
  Scene scene;
  Call call(1000, 0);
  ASSERT_TRUE(call.perform(quotaSet(), scene.host).ok());
  EXPECT_EQ(call.reply().getDiskBytes(), 1024U);
}

TEST(QuotaSet, ZeroIsUnlimited) {
  Scene scene;
  ASSERT_TRUE(Call(1ULL << 30U, 5000).perform(quotaSet(), scene.host).ok());
  ASSERT_TRUE(Call(0, 0).perform(quotaSet(), scene.host).ok());
  EXPECT_EQ(scene.host.projectQuota("/home/alice", scene.alice.identity.uid)->bytesMax, 0U);
}

TEST(QuotaSet, SaysUnsupportedWhereThereAreNoProjectQuotas) {
  Scene scene;
  scene.host.setFileSystem({"ext4", "/dev/vda1", "/home", {"rw"}, 0, 0});
  EXPECT_EQ(Call(1024, 0).perform(quotaSet(), scene.host).error().code, Code::kUnsupported);
  EXPECT_EQ(scene.host.mutations(), 0U);
}

TEST(QuotaSet, RefusesAHomeOlderThanTheQuotas) {
  AccountScene scene;
  EXPECT_EQ(Call(1024, 0).perform(quotaSet(), scene.host).error().code, Code::kConflict);
  EXPECT_EQ(scene.host.mutations(), 0U);
}

TEST(QuotaSet, RefusesNumbersThatOverflow) {
  Scene scene;
  EXPECT_EQ(Call(~0ULL, 0).perform(quotaSet(), scene.host).error().field, "disk_bytes");
  EXPECT_EQ(Call(0, ~0ULL).perform(quotaSet(), scene.host).error().field, "inodes");
  EXPECT_EQ(scene.host.mutations(), 0U);
}

TEST(QuotaSet, RefusesAccountsThatAreNotThereOrNotWhole) {
  Scene scene;
  Call call(1024, 0);
  call.params().setUsername("bob");
  EXPECT_EQ(call.perform(quotaSet(), scene.host).error().code, Code::kNotFound);
  scene.alice.state = AccountState::kCreating;
  ASSERT_TRUE(Registry(scene.host).put(scene.alice).ok());
  EXPECT_EQ(Call(1024, 0).perform(quotaSet(), scene.host).error().code, Code::kConflict);
}

}  // namespace
}  // namespace bulkhead::agent
