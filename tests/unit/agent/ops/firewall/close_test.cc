#include <gtest/gtest.h>

#include "agent/ops/all_ops.h"
#include "tests/support/firewall_scene.h"

namespace bulkhead::agent {
namespace {

using testing::FirewallScene;
using testing::PortCall;

TEST(FirewallClose, RemovesTheAccountsRuleForOnePort) {
  FirewallScene scene;
  ASSERT_TRUE(PortCall("alice", 33000).perform(firewallOpen(), scene.host).ok());
  ASSERT_TRUE(PortCall("alice", 33001).perform(firewallOpen(), scene.host).ok());
  PortCall call("alice", 33000);
  ASSERT_TRUE(call.perform(firewallClose(), scene.host).ok());
  EXPECT_EQ(call.reply().getRules().size(), 2U);
  EXPECT_FALSE(scene.ufw.has("tcp 33000 "));
  EXPECT_TRUE(scene.ufw.has("tcp 33001 "));
}

TEST(FirewallClose, APortThatIsClosedIsFine) {
  FirewallScene scene;
  EXPECT_TRUE(PortCall("alice", 33000).perform(firewallClose(), scene.host).ok());
  EXPECT_TRUE(scene.host.commands().empty());
}

TEST(FirewallClose, WorksForASuspendedAccount) {
  FirewallScene scene;
  ASSERT_TRUE(PortCall("alice", 33000).perform(firewallOpen(), scene.host).ok());
  scene.alice.state = AccountState::kSuspended;
  ASSERT_TRUE(Registry(scene.host).put(scene.alice).ok());
  ASSERT_TRUE(PortCall("alice", 33000).perform(firewallClose(), scene.host).ok());
  EXPECT_FALSE(scene.ufw.has("tcp 33000 "));
}

TEST(FirewallClose, WorksForAnAccountThatIsHalfGone) {
  for (const auto state : {AccountState::kDeleting, AccountState::kRenaming}) {
    FirewallScene scene;
    ASSERT_TRUE(PortCall("alice", 33000).perform(firewallOpen(), scene.host).ok());
    scene.alice.state = state;
    ASSERT_TRUE(Registry(scene.host).put(scene.alice).ok());
    EXPECT_TRUE(PortCall("alice", 33000).perform(firewallClose(), scene.host).ok());
    EXPECT_FALSE(scene.ufw.has("tcp 33000 "));
    EXPECT_EQ(PortCall("alice", 33001).perform(firewallOpen(), scene.host).error().code,
              Code::kConflict);
  }
}

TEST(FirewallClose, RefusesAPortOfAnotherAccount) {
  FirewallScene scene;
  scene.addAccount("bob");
  ASSERT_TRUE(PortCall("bob", 33000).perform(firewallOpen(), scene.host).ok());
  EXPECT_EQ(PortCall("alice", 33000).perform(firewallClose(), scene.host).error().code,
            Code::kConflict);
  EXPECT_TRUE(scene.ufw.has("tcp 33000 "));
}

TEST(FirewallClose, RefusesPortsOfTheHostAndUnknownAccounts) {
  FirewallScene scene;
  EXPECT_EQ(PortCall("alice", 22).perform(firewallClose(), scene.host).error().field, "port");
  EXPECT_EQ(PortCall("bob", 33000).perform(firewallClose(), scene.host).error().code,
            Code::kNotFound);
  EXPECT_TRUE(scene.host.commands().empty());
}

}  // namespace
}  // namespace bulkhead::agent
