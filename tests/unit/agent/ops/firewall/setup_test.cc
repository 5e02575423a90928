#include <gtest/gtest.h>

#include "agent/ops/all_ops.h"
#include "tests/support/firewall_scene.h"

namespace bulkhead::agent {
namespace {

using testing::FirewallScene;
using Call = testing::OpCall<rpc::Nothing, rpc::FirewallRules>;

TEST(FirewallSetup, TurnsTheFirewallOnWithThePanelsPortsOpen) {
  FirewallScene scene;
  Call call;
  const auto proof = call.perform(firewallSetup(), scene.host);
  ASSERT_TRUE(proof.ok()) << proof.error().message;
  EXPECT_TRUE(call.reply().getActive());
  EXPECT_EQ(call.reply().getRules().size(), 14U);
  EXPECT_EQ(proof->front().detail, "active, deny incoming, allow outgoing");
}

TEST(FirewallSetup, AskingTwiceChangesNothing) {
  FirewallScene scene;
  ASSERT_TRUE(Call().perform(firewallSetup(), scene.host).ok());
  const auto mutations = scene.host.mutations();
  ASSERT_TRUE(Call().perform(firewallSetup(), scene.host).ok());
  EXPECT_EQ(scene.host.mutations(), mutations);
}

TEST(FirewallSetup, RefusesAHostThatDeniesOneOfThePorts) {
  FirewallScene scene;
  scene.ufw.addTuple("reject any 2083 0.0.0.0/0 any 0.0.0.0/0 in");
  EXPECT_EQ(Call().perform(firewallSetup(), scene.host).error().code, Code::kConflict);
  EXPECT_EQ(scene.host.mutations(), 0U);
}

}  // namespace
}  // namespace bulkhead::agent
