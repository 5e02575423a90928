#include <gtest/gtest.h>

#include "agent/ops/all_ops.h"
#include "tests/support/firewall_scene.h"
#include "tests/support/poison.h"

namespace bulkhead::agent {
namespace {

using testing::FirewallScene;
using testing::PortCall;

TEST(FirewallOpen, OpensAPortAndAnswersWithTheAccountsRules) {
  FirewallScene scene;
  scene.ufw.addTuple("allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in");
  scene.ufw.active = true;
  PortCall call("alice", 33000);
  const auto proof = call.perform(firewallOpen(), scene.host);
  ASSERT_TRUE(proof.ok()) << proof.error().message;
  EXPECT_TRUE(call.reply().getActive());
  const auto rules = call.reply().getRules();
  ASSERT_EQ(rules.size(), 2U);
  EXPECT_EQ(rules[0].getPort(), 33000);
  EXPECT_EQ(std::string(rules[0].getProtocol().cStr()), "tcp");
  EXPECT_EQ(std::string(rules[0].getAction().cStr()), "allow");
  EXPECT_EQ(std::string(rules[0].getComment().cStr()), "alice");
  EXPECT_FALSE(rules[0].getIpv6());
  EXPECT_TRUE(rules[1].getIpv6());
}

TEST(FirewallOpen, AskingTwiceAddsOneRule) {
  FirewallScene scene;
  ASSERT_TRUE(PortCall("alice", 33000).perform(firewallOpen(), scene.host).ok());
  ASSERT_TRUE(PortCall("alice", 33000).perform(firewallOpen(), scene.host).ok());
  EXPECT_EQ(scene.host.commands().size(), 1U);
}

TEST(FirewallOpen, TcpAndUdpAreTwoPorts) {
  FirewallScene scene;
  ASSERT_TRUE(PortCall("alice", 33000).perform(firewallOpen(), scene.host).ok());
  ASSERT_TRUE(PortCall("alice", 33000, rpc::FirewallPort::Protocol::UDP)
                  .perform(firewallOpen(), scene.host)
                  .ok());
  EXPECT_EQ(scene.ufw.count("### tuple ###"), 2U);
}

TEST(FirewallOpen, RefusesPortsThatAreNotForAccounts) {
  FirewallScene scene;
  for (const int port : {0, 22, 443, 2087, 32767, 61000, 65535})
    EXPECT_EQ(PortCall("alice", static_cast<std::uint16_t>(port))
                  .perform(firewallOpen(), scene.host)
                  .error()
                  .field,
              "port");
  EXPECT_EQ(scene.host.mutations(), 0U);
}

TEST(FirewallOpen, RefusesAProtocolThatTheSchemaDoesNotName) {
  FirewallScene scene;
  PortCall call("alice", 33000, static_cast<rpc::FirewallPort::Protocol>(7));
  EXPECT_EQ(call.perform(firewallOpen(), scene.host).error().field, "protocol");
}

TEST(FirewallOpen, RefusesAPortOfAnotherAccountOrOfTheHost) {
  FirewallScene scene;
  scene.addAccount("bob");
  ASSERT_TRUE(PortCall("bob", 33000).perform(firewallOpen(), scene.host).ok());
  EXPECT_EQ(PortCall("alice", 33000).perform(firewallOpen(), scene.host).error().code,
            Code::kConflict);
  scene.ufw.addTuple("allow any 33001:33010 0.0.0.0/0 any 0.0.0.0/0 in");
  EXPECT_EQ(PortCall("alice", 33005).perform(firewallOpen(), scene.host).error().code,
            Code::kConflict);
  EXPECT_EQ(scene.ufw.count(testing::FakeUfw::hex("alice")), 0U);
}

TEST(FirewallOpen, RefusesNamesThatAreNoneAndAccountsThatAreNotActive) {
  FirewallScene scene;
  EXPECT_EQ(PortCall("bob", 33000).perform(firewallOpen(), scene.host).error().code,
            Code::kNotFound);
  for (const auto& name : testing::poison())
    EXPECT_EQ(PortCall(name, 33000).perform(firewallOpen(), scene.host).error().code,
              Code::kInvalidArgument);
  for (const auto state :
       {AccountState::kSuspended, AccountState::kCreating, AccountState::kDeleting}) {
    scene.alice.state = state;
    ASSERT_TRUE(Registry(scene.host).put(scene.alice).ok());
    EXPECT_EQ(PortCall("alice", 33000).perform(firewallOpen(), scene.host).error().code,
              Code::kConflict);
  }
  EXPECT_TRUE(scene.host.commands().empty());
}

}  // namespace
}  // namespace bulkhead::agent
