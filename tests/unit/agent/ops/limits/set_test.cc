#include <gtest/gtest.h>

#include "agent/ops/all_ops.h"
#include "tests/support/account_scene.h"
#include "tests/support/op_call.h"

namespace bulkhead::agent {
namespace {

using testing::AccountScene;

struct Call : testing::OpCall<rpc::LimitsSet, rpc::Limits> {
  Call(std::uint32_t cpu, std::uint64_t memory, std::uint32_t tasks) {
    params().setUsername("alice");
    auto limits = params().initLimits();
    limits.setCpuPercent(cpu);
    limits.setMemoryBytes(memory);
    limits.setTasks(tasks);
  }
};

TEST(LimitsSet, ReachesRegistryAndSlice) {
  AccountScene scene;
  Call call(50, 256ULL << 20U, 100);
  const auto proof = call.perform(limitsSet(), scene.host);
  ASSERT_TRUE(proof.ok()) << proof.error().message;
  EXPECT_EQ(call.reply().getCpuPercent(), 50U);
  const auto record = *Registry(scene.host).find(*Username::parse("alice"));
  EXPECT_EQ(record.limits.memoryBytes, 256ULL << 20U);
  EXPECT_NE(
      scene.host.content("/etc/systemd/system/bulkhead-account-20000.slice").find("CPUQuota=50%"),
      std::string::npos);
}

TEST(LimitsSet, IoLimitsReachRegistryAndSlice) {
  AccountScene scene;
  Call call(50, 0, 0);
  auto limits = call.params().getLimits();
  limits.setIoReadBytesPerSecond(1U << 20U);
  limits.setIoWriteBytesPerSecond(2U << 20U);
  limits.setIoReadOpsPerSecond(20);
  limits.setIoWriteOpsPerSecond(30);
  ASSERT_TRUE(call.perform(limitsSet(), scene.host).ok());
  EXPECT_EQ(call.reply().getIoWriteBytesPerSecond(), 2U << 20U);
  const auto record = *Registry(scene.host).find(*Username::parse("alice"));
  EXPECT_EQ(record.limits.io, (IoLimits{1U << 20U, 2U << 20U, 20, 30}));
  EXPECT_NE(scene.host.content("/etc/systemd/system/bulkhead-account-20000.slice")
                .find("IOWriteIOPSMax=/home 30\n"),
            std::string::npos);
}

TEST(LimitsSet, RefusesIoLimitsOutOfRange) {
  AccountScene scene;
  const auto field = [&](auto set) {
    Call call(0, 0, 0);
    set(call.params().getLimits());
    const auto done = call.perform(limitsSet(), scene.host);
    return done.ok() ? std::string("was accepted") : done.error().field;
  };
  using Limits = rpc::Limits::Builder;
  EXPECT_EQ(field([](Limits l) { l.setIoReadBytesPerSecond((1U << 20U) - 1); }),
            "io_read_bytes_per_second");
  EXPECT_EQ(field([](Limits l) { l.setIoWriteBytesPerSecond((1ULL << 40U) + 1); }),
            "io_write_bytes_per_second");
  EXPECT_EQ(field([](Limits l) { l.setIoReadOpsPerSecond(19); }), "io_read_ops_per_second");
  EXPECT_EQ(field([](Limits l) { l.setIoWriteOpsPerSecond(1'000'000'001); }),
            "io_write_ops_per_second");
  EXPECT_EQ(scene.host.mutations(), 0U);
}

TEST(LimitsSet, ZeroTakesALimitAway) {
  AccountScene scene;
  ASSERT_TRUE(Call(50, 256ULL << 20U, 100).perform(limitsSet(), scene.host).ok());
  ASSERT_TRUE(Call(0, 0, 0).perform(limitsSet(), scene.host).ok());
  EXPECT_EQ(Registry(scene.host).find(*Username::parse("alice"))->limits.tasks, 0U);
}

TEST(LimitsSet, ACrashAfterAnyChangeIsCompletedByARetry) {
  AccountScene reference;
  ASSERT_TRUE(Call(50, 0, 100).perform(limitsSet(), reference.host).ok());
  for (std::size_t n = 0; n < reference.host.mutations(); ++n) {
    AccountScene scene;
    scene.host.crashAfter(n);
    EXPECT_THROW((void)Call(50, 0, 100).perform(limitsSet(), scene.host), testing::FakeCrash);
    scene.host.resetFaults();
    EXPECT_TRUE(Call(50, 0, 100).perform(limitsSet(), scene.host).ok()) << n;
  }
}

TEST(LimitsSet, RefusesLimitsOutOfRange) {
  AccountScene scene;
  EXPECT_EQ(Call(100001, 0, 0).perform(limitsSet(), scene.host).error().field, "cpu_percent");
  EXPECT_EQ(Call(0, 1, 0).perform(limitsSet(), scene.host).error().field, "memory_bytes");
  EXPECT_EQ(Call(0, ~0ULL, 0).perform(limitsSet(), scene.host).error().field, "memory_bytes");
  EXPECT_EQ(Call(0, 0, 15).perform(limitsSet(), scene.host).error().field, "tasks");
  EXPECT_EQ(scene.host.mutations(), 0U);
}

TEST(LimitsSet, RefusesAccountsThatAreNotThereOrNotWhole) {
  AccountScene scene;
  Call call(50, 0, 100);
  call.params().setUsername("bob");
  EXPECT_EQ(call.perform(limitsSet(), scene.host).error().code, Code::kNotFound);
  scene.alice.state = AccountState::kDeleting;
  ASSERT_TRUE(Registry(scene.host).put(scene.alice).ok());
  EXPECT_EQ(Call(50, 0, 100).perform(limitsSet(), scene.host).error().code, Code::kConflict);
}

}  // namespace
}  // namespace bulkhead::agent
