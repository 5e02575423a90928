#include <gtest/gtest.h>

#include "agent/host/hooks.h"
#include "agent/ops/all_ops.h"
#include "tests/support/fake_host.h"
#include "tests/support/op_call.h"

namespace bulkhead::agent {
namespace {

using Call = testing::OpCall<rpc::Nothing, rpc::HookList>;

TEST(HookList, IsEmptyOnAHostWithoutCloudLinux) {
  testing::FakeHost host;
  Call call;
  ASSERT_TRUE(call.perform(hookList(), host).ok());
  EXPECT_EQ(call.reply().getScripts().size(), 0U);
  EXPECT_FALSE(call.reply().getEnabled());
  EXPECT_FALSE(call.reply().getLvectl());
}

TEST(HookList, NamesTheScriptsThatExistAndWhatIsSwitchedOn) {
  testing::FakeHost host;
  host.addFile(std::string(hooks::kDirectory) + "/post_modify_user.py", "#!/bin/sh\n",
               {0755, 0, 0});
  host.addFile(std::string(hooks::kDirectory) + "/another.py", "#!/bin/sh\n", {0755, 0, 0});
  host.addFile("/usr/sbin/lvectl", "", {0755, 0, 0});
  host.addFile("/var/lib/bulkhead/agent/cloudlinux-enabled", "");
  Call call;
  ASSERT_TRUE(call.perform(hookList(), host).ok());
  ASSERT_EQ(call.reply().getScripts().size(), 1U);
  EXPECT_EQ(std::string(call.reply().getScripts()[0].cStr()), "post_modify_user.py");
  EXPECT_TRUE(call.reply().getEnabled());
  EXPECT_TRUE(call.reply().getLvectl());
}

}  // namespace
}  // namespace bulkhead::agent
