#include <gtest/gtest.h>

#include "agent/ops/all_ops.h"
#include "agent/registry/lockdown.h"
#include "tests/support/fake_host.h"
#include "tests/support/op_call.h"

namespace bulkhead::agent {
namespace {

using Lock = testing::OpCall<rpc::Nothing, rpc::Lockdown>;

void expectStatus(const testing::FakeHost& host, bool on, std::int64_t since) {
  Lock status;
  ASSERT_TRUE(status.perform(lockdownStatus(), const_cast<testing::FakeHost&>(host)).ok());
  EXPECT_EQ(status.reply().getOn(), on);
  EXPECT_EQ(status.reply().getSince(), since);
}

TEST(LockdownStatus, TellsTheRecord) {
  testing::FakeHost host;
  expectStatus(host, false, 0);
  host.addFile(kLockdownFile, "1700000000\n");
  expectStatus(host, true, 1700000000);
}

TEST(LockdownStatus, ARecordThatNobodyUnderstandsLocks) {
  testing::FakeHost host;
  host.addFile(kLockdownFile, "soon\n");
  expectStatus(host, true, 0);
  host.addSymlink(kLockdownFile, "/nowhere");
  expectStatus(host, true, 0);
}

}  // namespace
}  // namespace bulkhead::agent
