#include <gtest/gtest.h>

#include "agent/ops/all_ops.h"
#include "tests/support/firewall_scene.h"

namespace bulkhead::agent {
namespace {

using testing::FirewallScene;
using testing::PortCall;
using Call = testing::OpCall<rpc::FirewallQuery, rpc::FirewallRules>;

TEST(FirewallList, ListsTheHostsRulesOrOneAccounts) {
  FirewallScene scene;
  scene.ufw.addTuple("limit tcp 22 0.0.0.0/0 any 0.0.0.0/0 in");
  scene.ufw.addTuple("allow any any 0.0.0.0/0 any 10.0.0.0/8 in");
  ASSERT_TRUE(PortCall("alice", 33000).perform(firewallOpen(), scene.host).ok());
  Call all;
  ASSERT_TRUE(all.perform(firewallList(), scene.host).ok());
  EXPECT_EQ(all.reply().getRules().size(), 3U);
  EXPECT_EQ(std::string(all.reply().getRules()[0].getAction().cStr()), "limit");
  EXPECT_FALSE(all.reply().getActive());
  Call one;
  one.params().setUsername("alice");
  ASSERT_TRUE(one.perform(firewallList(), scene.host).ok());
  EXPECT_EQ(one.reply().getRules().size(), 2U);
}

TEST(FirewallList, RefusesUnknownAccountsAndNamesThatAreNone) {
  FirewallScene scene;
  Call call;
  call.params().setUsername("bob");
  EXPECT_EQ(call.perform(firewallList(), scene.host).error().code, Code::kNotFound);
  call.params().setUsername("--help");
  EXPECT_EQ(call.perform(firewallList(), scene.host).error().code, Code::kInvalidArgument);
}

TEST(FirewallList, TellsWhenUfwDoesNotAnswer) {
  FirewallScene scene;
  scene.ufw.exitCode = 1;
  Call call;
  EXPECT_EQ(call.perform(firewallList(), scene.host).error().code, Code::kUnavailable);
}

}  // namespace
}  // namespace bulkhead::agent
