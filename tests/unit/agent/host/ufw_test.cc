#include "agent/host/ufw.h"

#include <gtest/gtest.h>

#include "agent/host/ufw_rules.h"
#include "tests/support/fake_systemd.h"
#include "tests/support/fake_ufw.h"

namespace bulkhead::agent::ufw {
namespace {

using bulkhead::testing::FakeHost;
using bulkhead::testing::FakeSystemd;
using bulkhead::testing::FakeUfw;

struct Scene {
  FakeHost host;
  FakeSystemd systemd{host};
  FakeUfw fake{host};
};

const AccountPort kPort = *AccountPort::parse(33000);

std::vector<Rule> parsed(const std::string& tuple) {
  Scene scene;
  scene.fake.addTuple(tuple);
  return *rules(scene.host);
}

TEST(UfwRules, ReadsThePartsOfARule) {
  const auto all = parsed("allow tcp 33000 0.0.0.0/0 any 0.0.0.0/0 in comment=616c696365");
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].first, 33000);
  EXPECT_EQ(all[0].last, 33000);
  EXPECT_EQ(all[0].protocol, "tcp");
  EXPECT_EQ(all[0].action, "allow");
  EXPECT_EQ(all[0].comment, "alice");
  EXPECT_FALSE(all[0].ipv6);
  EXPECT_TRUE(all[0].isOf("alice"));
  EXPECT_FALSE(all[0].isOf("alic"));
}

TEST(UfwRules, ARangeCoversItsPortsAndAListIsSeveralRules) {
  const auto range = parsed("allow udp 34000:34100 0.0.0.0/0 any 0.0.0.0/0 in comment=616c696365");
  ASSERT_EQ(range.size(), 1U);
  EXPECT_TRUE(range[0].covers(34050, Protocol::kUdp));
  EXPECT_FALSE(range[0].covers(34101, Protocol::kUdp));
  EXPECT_FALSE(range[0].covers(34050, Protocol::kTcp));
  EXPECT_FALSE(range[0].isOf("alice"));
  const auto list = parsed("allow tcp 80,443,8000:8010 0.0.0.0/0 any 0.0.0.0/0 Nginx%20Full - in");
  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(list[1].first, 443);
  EXPECT_TRUE(list[2].covers(8005, Protocol::kTcp));
}

TEST(UfwRules, ARuleForEveryProtocolCoversBoth) {
  const auto all = parsed("deny any 5353 0.0.0.0/0 any 0.0.0.0/0 in");
  EXPECT_TRUE(all.at(0).covers(5353, Protocol::kTcp));
  EXPECT_TRUE(all.at(0).covers(5353, Protocol::kUdp));
}

TEST(UfwRules, SkipsWhatDoesNotComeInAndWhatIsNotUnderstood) {
  EXPECT_TRUE(parsed("allow any 53 0.0.0.0/0 any 0.0.0.0/0 out").empty());
  EXPECT_TRUE(parsed("route:allow tcp 81 0.0.0.0/0 any 0.0.0.0/0 in_eth0").empty());
  EXPECT_TRUE(parsed("allow tcp").empty());
  EXPECT_TRUE(parsed("allow tcp x,99999,: 0.0.0.0/0 any 0.0.0.0/0 in").empty());
}

TEST(UfwRules, ANarrowedRuleIsNoAccountsEvenWithItsComment) {
  for (const auto* tuple : {"allow tcp 33000 0.0.0.0/0 any 10.0.0.1 in comment=616c696365",
                            "allow tcp 33000 10.0.0.1 any 0.0.0.0/0 in comment=616c696365",
                            "allow tcp 33000 0.0.0.0/0 99 0.0.0.0/0 in comment=616c696365",
                            "allow tcp 33000 0.0.0.0/0 any 0.0.0.0/0 in_eth0 comment=616c696365",
                            "deny tcp 33000 0.0.0.0/0 any 0.0.0.0/0 in comment=616c696365",
                            "allow any 33000 0.0.0.0/0 any 0.0.0.0/0 in comment=616c696365",
                            "allow tcp any 0.0.0.0/0 any 0.0.0.0/0 in comment=616c696365",
                            "allow tcp 33000 0.0.0.0/0 any 0.0.0.0/0 in comment=zz"})
    EXPECT_FALSE(parsed(tuple).at(0).isOf("alice")) << tuple;
}

TEST(UfwRules, AHostWithoutRuleFilesHasNone) {
  FakeHost host;
  EXPECT_TRUE(rules(host)->empty());
}

TEST(UfwRules, FindsThePortsOfSshd) {
  Scene scene;
  EXPECT_TRUE(sshPorts(scene.host)->empty());
  scene.host.addFile("/etc/ssh/sshd_config",
                     "#Port 23\nPort 2222\nport=2223\nListenAddress 0.0.0.0\nListenAddress "
                     "10.0.0.1:2224\nListenAddress [::]:2225\nListenAddress ::1\nPort x\nPort\n");
  scene.host.addFile("/etc/ssh/sshd_config.d/a.conf", "  Port 2226\n");
  scene.host.addFile("/etc/ssh/sshd_config.d/a.disabled", "Port 2300\n");
  scene.systemd.properties["ssh.socket Listen"] =
      "[::]:2227 (Stream)\n0.0.0.0:2222 (Stream)\n/run/x (Stream)\n[::]:2301 (Datagram)";
  EXPECT_EQ(*sshPorts(scene.host),
            (std::vector<std::uint16_t>{2222, 2223, 2224, 2225, 2226, 2227}));
}

TEST(Ufw, OpensAPortWithTheAccountsNameAsComment) {
  Scene scene;
  ASSERT_TRUE(open(scene.host, "alice", kPort, Protocol::kTcp).ok());
  EXPECT_EQ(scene.host.commandLines().back(),
            "ufw allow proto tcp to any port 33000 comment alice");
  EXPECT_TRUE(proveOpen(scene.host, "alice", kPort, Protocol::kTcp).ok());
  EXPECT_FALSE(proveOpen(scene.host, "alice", kPort, Protocol::kUdp).ok());
  EXPECT_FALSE(proveClosed(scene.host, "alice", kPort, Protocol::kTcp).ok());
}

TEST(Ufw, OpeningTwiceAddsOneRule) {
  Scene scene;
  ASSERT_TRUE(open(scene.host, "alice", kPort, Protocol::kTcp).ok());
  ASSERT_TRUE(open(scene.host, "alice", kPort, Protocol::kTcp).ok());
  EXPECT_EQ(scene.host.commands().size(), 1U);
}

TEST(Ufw, TheProofSaysWhetherTheFirewallIsOn) {
  Scene scene;
  ASSERT_TRUE(open(scene.host, "alice", kPort, Protocol::kTcp).ok());
  EXPECT_EQ(proveOpen(scene.host, "alice", kPort, Protocol::kTcp)->front().detail,
            "33000/tcp allow # alice (the firewall is off)");
  scene.fake.active = true;
  EXPECT_EQ(proveOpen(scene.host, "alice", kPort, Protocol::kTcp)->front().detail,
            "33000/tcp allow # alice");
}

TEST(Ufw, APortOfAnotherAccountIsNeitherOpenedNorClosed) {
  Scene scene;
  ASSERT_TRUE(open(scene.host, "bob", kPort, Protocol::kTcp).ok());
  EXPECT_EQ(open(scene.host, "alice", kPort, Protocol::kTcp).error().code, Code::kConflict);
  EXPECT_EQ(close(scene.host, "alice", kPort, Protocol::kTcp).error().code, Code::kConflict);
  EXPECT_TRUE(scene.fake.has("comment=" + FakeUfw::hex("bob")));
  EXPECT_TRUE(open(scene.host, "alice", kPort, Protocol::kUdp).ok());
}

TEST(Ufw, APortWithARuleOfTheHostIsNotTouched) {
  for (const auto* tuple : {"allow tcp 33000 0.0.0.0/0 any 0.0.0.0/0 in",
                            "deny any 32768:40000 0.0.0.0/0 any 0.0.0.0/0 in"}) {
    Scene scene;
    scene.fake.addTuple(tuple);
    EXPECT_EQ(open(scene.host, "alice", kPort, Protocol::kTcp).error().code, Code::kConflict);
    EXPECT_EQ(close(scene.host, "alice", kPort, Protocol::kTcp).error().code, Code::kConflict);
    EXPECT_EQ(scene.host.mutations(), 0U);
  }
}

TEST(Ufw, ClosesItsOwnRuleAndIsFineWithoutOne) {
  Scene scene;
  ASSERT_TRUE(open(scene.host, "alice", kPort, Protocol::kUdp).ok());
  ASSERT_TRUE(close(scene.host, "alice", kPort, Protocol::kUdp).ok());
  EXPECT_EQ(scene.host.commandLines().back(), "ufw delete allow proto udp to any port 33000");
  EXPECT_TRUE(proveClosed(scene.host, "alice", kPort, Protocol::kUdp).ok());
  EXPECT_TRUE(close(scene.host, "alice", kPort, Protocol::kUdp).ok());
  EXPECT_EQ(scene.host.commands().size(), 2U);
}

TEST(Ufw, ClosesAllOfOneAccountAndNothingElse) {
  Scene scene;
  scene.fake.addTuple("allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in");
  ASSERT_TRUE(open(scene.host, "alice", kPort, Protocol::kTcp).ok());
  ASSERT_TRUE(open(scene.host, "alice", *AccountPort::parse(33001), Protocol::kUdp).ok());
  ASSERT_TRUE(open(scene.host, "alice2", *AccountPort::parse(33002), Protocol::kTcp).ok());
  EXPECT_FALSE(proveNoneOf(scene.host, "alice").ok());
  ASSERT_TRUE(closeAllOf(scene.host, "alice").ok());
  EXPECT_TRUE(proveNoneOf(scene.host, "alice").ok());
  EXPECT_EQ(scene.host.commands().size(), 5U);
  EXPECT_TRUE(scene.fake.has("tcp 22 "));
  EXPECT_TRUE(scene.fake.has(FakeUfw::hex("alice2")));
}

TEST(Ufw, AFailingCallIsAnError) {
  Scene scene;
  scene.fake.exitCode = 1;
  EXPECT_EQ(status(scene.host).error().code, Code::kUnavailable);
  EXPECT_EQ(open(scene.host, "alice", kPort, Protocol::kTcp).error().code, Code::kUnavailable);
  scene.host.onProgram(Program::kUfw, [](const Command&) { return ProgramOutput{}; });
  EXPECT_EQ(status(scene.host).error().code, Code::kUnavailable);
}

TEST(Ufw, ACallThatSaysSuccessAndDoesNothingIsNotProved) {
  Scene scene;
  scene.host.onProgram(Program::kUfw, [](const Command&) {
    return ProgramOutput{0, "Status: active\n", false};
  });
  ASSERT_TRUE(open(scene.host, "alice", kPort, Protocol::kTcp).ok());
  EXPECT_EQ(proveOpen(scene.host, "alice", kPort, Protocol::kTcp).error().code, Code::kInternal);
}

TEST(UfwSetup, OpensEveryWayInBeforeItDeniesAndEnables) {
  Scene scene;
  scene.host.addFile("/etc/ssh/sshd_config", "Port 2222\n");
  ASSERT_TRUE(setup(scene.host).ok());
  const auto lines = scene.host.commandLines();
  EXPECT_EQ(lines,
            (std::vector<std::string>{
                "ufw allow proto tcp to any port 22,53,80,443,2083,2087,2222 comment bulkhead",
                "ufw allow proto udp to any port 53 comment bulkhead", "ufw default deny incoming",
                "ufw default allow outgoing", "ufw --force enable"}));
  EXPECT_EQ(proveSetup(scene.host)->back().detail,
            "22/tcp 53/tcp 53/udp 80/tcp 443/tcp 2083/tcp 2087/tcp 2222/tcp");
}

TEST(UfwSetup, SplitsPortsThatAreTooManyForOneRule) {
  Scene scene;
  std::string config;
  for (int port = 3000; port < 3012; ++port)
    config += "Port " + std::to_string(port) + "\n";
  scene.host.addFile("/etc/ssh/sshd_config", config);
  ASSERT_TRUE(setup(scene.host).ok());
  EXPECT_EQ(scene.host.commandLines().at(1),
            "ufw allow proto tcp to any port 3009,3010,3011 comment bulkhead");
  EXPECT_TRUE(proveSetup(scene.host).ok());
}

TEST(UfwSetup, ASecondTimeChangesNothing) {
  Scene scene;
  ASSERT_TRUE(setup(scene.host).ok());
  const auto mutations = scene.host.mutations();
  ASSERT_TRUE(setup(scene.host).ok());
  EXPECT_EQ(scene.host.mutations(), mutations);
}

TEST(UfwSetup, ACrashAnywhereIsMendedByARetryAndNeverDeniesWithoutWaysIn) {
  for (std::size_t n = 0; n <= 5; ++n) {
    Scene scene;
    scene.host.crashAfter(n);
    EXPECT_THROW((void)setup(scene.host), bulkhead::testing::FakeCrash) << n;
    EXPECT_TRUE(!scene.fake.active || scene.fake.count("### tuple ### allow") == 2U) << n;
    scene.host.resetFaults();
    ASSERT_TRUE(setup(scene.host).ok()) << n;
    EXPECT_TRUE(proveSetup(scene.host).ok()) << n;
    EXPECT_EQ(scene.fake.count("### tuple ### allow"), 2U) << n;
  }
}

TEST(UfwSetup, KeepsARuleThatOpensAPortInItsOwnWay) {
  Scene scene;
  scene.fake.addTuple("limit tcp 22 0.0.0.0/0 any 0.0.0.0/0 in");
  scene.fake.addTuple("allow tcp 80,443 0.0.0.0/0 any 0.0.0.0/0 Nginx%20Full - in");
  ASSERT_TRUE(setup(scene.host).ok());
  EXPECT_EQ(scene.host.commandLines().front(),
            "ufw allow proto tcp to any port 53,2083,2087 comment bulkhead");
  EXPECT_TRUE(proveSetup(scene.host).ok());
}

TEST(UfwSetup, ARuleThatOpensAPortToSomeOnlyIsNotEnough) {
  Scene scene;
  scene.fake.addTuple("allow tcp 22 0.0.0.0/0 any 10.0.0.1 in");
  ASSERT_TRUE(setup(scene.host).ok());
  EXPECT_TRUE(scene.fake.has("### tuple ### allow tcp 22,53,"));
}

TEST(UfwSetup, RefusesWhenTheHostDeniesAPortOfThePanel) {
  Scene scene;
  scene.fake.addTuple("deny tcp 2087 0.0.0.0/0 any 0.0.0.0/0 in");
  EXPECT_EQ(setup(scene.host).error().code, Code::kConflict);
  EXPECT_EQ(scene.host.mutations(), 0U);
}

TEST(UfwSetup, IsNotProvedWhileOffOrOpenByDefaultOrShut) {
  Scene scene;
  ASSERT_TRUE(setup(scene.host).ok());
  scene.fake.active = false;
  EXPECT_FALSE(proveSetup(scene.host).ok());
  scene.fake.active = true;
  scene.fake.deniesIncoming = false;
  EXPECT_FALSE(proveSetup(scene.host).ok());
  scene.fake.deniesIncoming = true;
  EXPECT_TRUE(proveSetup(scene.host).ok());
  scene.host.addFile("/etc/ufw/user.rules", "*filter\n");
  EXPECT_FALSE(proveSetup(scene.host).ok());
}

TEST(UfwSetup, AnActiveFirewallThatDeniesAlreadyOnlyGetsThePorts) {
  Scene scene;
  scene.fake.active = true;
  scene.fake.deniesIncoming = true;
  ASSERT_TRUE(setup(scene.host).ok());
  EXPECT_EQ(scene.host.commands().size(), 2U);
}

}  // namespace
}  // namespace bulkhead::agent::ufw
