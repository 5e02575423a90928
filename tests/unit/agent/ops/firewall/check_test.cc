#include "tests/support/check_scene.h"

namespace bulkhead::agent {
namespace {

using Code = CheckScene::Code;
constexpr const char* kRules = "/etc/ufw/user.rules";
constexpr const char* kRules6 = "/etc/ufw/user6.rules";

void removeRules(CheckScene& scene, const std::string& start) {
  scene.removeLine(kRules, "### tuple ### " + start);
  scene.removeLine(kRules6, "### tuple ### " + start);
}

TEST(FirewallCheck, SaysWhatDiffersAndMendsIt) {
  const std::vector<CheckCase> cases = {
      {"an account's port has no rule", [](CheckScene& s) { removeRules(s, "allow tcp 33000"); },
       Code::PORT_CLOSED, "firewallOpen"},
      {"a port of the panel has no rule", [](CheckScene& s) { removeRules(s, "allow udp 53"); },
       Code::PANEL_PORT, "firewallSetup"},
      {"what comes in is allowed", [](CheckScene& s) { s.ufw.deniesIncoming = false; },
       Code::FIREWALL_DEFAULTS, "firewallSetup"}};
  for (const auto& one : cases)
    expectFound(firewallCheck(), one);
}

TEST(FirewallCheck, LeavesToAPersonWhatOnlyAPersonCanDecide) {
  const std::vector<CheckCase> cases = {
      {"the firewall is off", [](CheckScene& s) { s.ufw.active = false; }, Code::FIREWALL_OFF},
      {"a rule of the host denies a port of the panel",
       [](CheckScene& s) { s.ufw.addTuple("deny tcp 443 0.0.0.0/0 any 0.0.0.0/0 in"); },
       Code::PANEL_PORT},
      {"a port of the panel is open to some only",
       [](CheckScene& s) {
         removeRules(s, "allow udp 53");
         s.ufw.addTuple("allow udp 53 0.0.0.0/0 any 192.0.2.0/24 in");
       },
       Code::PANEL_PORT},
      {"a port of a suspended account has no rule",
       [](CheckScene& s) {
         removeRules(s, "allow tcp 33000");
         s.setState(AccountState::kSuspended);
       },
       Code::PORT_CLOSED},
      {"a rule of an account that is gone",
       [](CheckScene& s) {
         s.ufw.addTuple("allow tcp 33001 0.0.0.0/0 any 0.0.0.0/0 in comment=" +
                        testing::FakeUfw::hex("bob"));
       },
       Code::ORPHAN_RULE},
      {"a rule that nobody asked the panel for",
       [](CheckScene& s) {
         s.ufw.addTuple("allow tcp 33001 0.0.0.0/0 any 0.0.0.0/0 in comment=" +
                        testing::FakeUfw::hex("alice"));
       },
       Code::PORT_UNRECORDED},
      {"ufw does not answer", [](CheckScene& s) { s.ufw.exitCode = 1; }, Code::UNREADABLE}};
  for (const auto& one : cases)
    expectFound(firewallCheck(), one);
}

TEST(FirewallCheck, LeavesAFirewallAloneThatThePanelNeverSetUp) {
  HostedScene scene;
  CheckScene::Call call;
  ASSERT_TRUE(call.perform(firewallCheck(), scene.host).ok());
  EXPECT_EQ(call.reply().getFindings().size(), 0U);
}

TEST(FirewallCheck, ForgetsAPortThatWasClosed) {
  CheckScene scene;
  testing::OpCall<rpc::FirewallPort, rpc::FirewallRules> close;
  close.params().setUsername("alice");
  close.params().setPort(CheckScene::kPort);
  CheckScene::must(close.perform(firewallClose(), scene.host));
  EXPECT_TRUE(scene.record().ports.empty());
  EXPECT_EQ(scene.look(firewallCheck()).size(), 0U);
}

}  // namespace
}  // namespace bulkhead::agent
