#include <gtest/gtest.h>

#include "agent/host/dry_run_host.h"
#include "agent/host/engine.h"
#include "agent/host/systemd.h"
#include "agent/ops/all_ops.h"
#include "agent/registry/registry.h"
#include "tests/support/fake_engine.h"
#include "tests/support/fake_nginx.h"
#include "tests/support/fake_ufw.h"
#include "tests/support/op_call.h"
#include "tests/support/poison.h"

namespace bulkhead::agent {
namespace {

using testing::FakeCrash;
using testing::FakeHost;

// A host on which eve has an engine, a site, an open port, a crontab and a membership.
struct Scene {
  FakeHost host;
  testing::FakeSystemd systemd{host};
  testing::FakeEngine engine{host};
  testing::FakeUfw ufw{host};
  testing::FakeNginx nginx{host, systemd};
  Identity eve;

  Scene() {
    create("eve");
    eve = Registry(host).find(*Username::parse("eve"))->identity;
    systemd.onStart = [this](const std::string& unit) {
      if (unit == engine::siteMountUnit(eve.uid))
        host.addDirectory(engine::siteDirectory(eve.uid), {0710, eve.uid, 33});
      if (unit == engine::unitName(eve.uid)) engine.up = true;
    };
    systemd.onStop = [this](const std::string& unit) {
      if (unit == engine::unitName(eve.uid)) engine.up = false;
    };
    testing::OpCall<rpc::AccountRef, rpc::Engine> request;
    request.params().setUsername("eve");
    must(request.perform(engineEnsure(), host));
    testing::OpCall<rpc::SiteApply, rpc::Site> site;
    site.params().setUsername("eve");
    site.params().setDomain("example.com");
    must(site.perform(siteApply(), host));
    testing::OpCall<rpc::FirewallPort, rpc::FirewallRules> port;
    port.params().setUsername("eve");
    port.params().setPort(33000);
    must(port.perform(firewallOpen(), host));
    host.addFile("/var/spool/cron/crontabs/eve", "x", {0600, eve.uid, 101});
    host.addFile("/home/eve/sites/example.com/public/page", "x", {0640, eve.uid, eve.gid});
    host.addFile("/etc/group", host.content("/etc/group") + "friends:x:1500:bob,eve,dan\n");
    host.addProcess(eve.uid, 100, "sleep");
    host.resetFaults();
  }
  template <typename T>
  static void must(const Result<T>& done) {
    if (!done.ok()) throw std::logic_error(done.error().message);
  }
  void create(const std::string& name) {
    testing::OpCall<rpc::AccountCreate, rpc::Account> request;
    request.params().setUsername(name);
    must(request.perform(accountCreate(), host));
  }
  void suspend() {
    testing::OpCall<rpc::AccountRef, rpc::Account> request;
    request.params().setUsername("eve");
    must(request.perform(accountSuspend(), host));
    host.resetFaults();
  }

  testing::OpCall<rpc::AccountRename, rpc::Account> call;
  Result<Proof> rename(const std::string& from = "eve", const std::string& to = "eva") {
    call.params().setUsername(testing::wire(from));
    call.params().setNewName(testing::wire(to));
    return call.perform(accountRename(), host);
  }

  // Nothing of the old name anywhere but where it is remembered on purpose.
  void expectRenamed(const std::string& when) {
    for (const auto& path : host.paths()) {
      EXPECT_FALSE(path.ends_with("/eve") || path.find("/eve/") != std::string::npos)
          << when << " " << path;
      const auto content = host.content(path);
      if (path.ends_with("/accounts/eva") || path.find("/nginx-") != std::string::npos) continue;
      for (const auto* mark : {"eve:", ":eve", ",eve", "\"eve\"", "account eve"})
        EXPECT_EQ(content.find(mark), std::string::npos) << when << " " << path << " " << content;
    }
    const auto record = Registry(host).find(*Username::parse("eva"));
    ASSERT_TRUE(record.ok()) << when;
    EXPECT_EQ(record->identity.uid, eve.uid) << when;
    EXPECT_TRUE(host.exists("/home/eva/sites/example.com/public/page")) << when;
    EXPECT_TRUE(host.exists("/var/spool/cron/crontabs/eva")) << when;
    EXPECT_NE(host.content("/etc/passwd")
                  .find("\neva:x:" + std::to_string(eve.uid) + ":" + std::to_string(eve.gid) +
                        ":Bulkhead account:/home/eva:"),
              std::string::npos)
        << when;
    EXPECT_NE(host.content("/etc/group").find("friends:x:1500:bob,eva,dan\n"), std::string::npos);
    EXPECT_FALSE(ufw.has(testing::FakeUfw::hex("eve"))) << when;
    EXPECT_TRUE(ufw.has(testing::FakeUfw::hex("eva"))) << when;
    EXPECT_TRUE(host.exists(engine::contextDirectory("eva"))) << when;
    EXPECT_FALSE(host.exists(engine::contextDirectory("eve"))) << when;
    EXPECT_FALSE(host.exists("/var/lib/bulkhead/agent/renames/eva")) << when;
  }
};

TEST(AccountRename, MovesAllOfAnAccountAndKeepsItsUid) {
  Scene scene;
  const auto proof = scene.rename();
  ASSERT_TRUE(proof.ok()) << proof.error().message;
  scene.expectRenamed("at once");
  EXPECT_EQ(std::string(scene.call.reply().getUsername().cStr()), "eva");
  EXPECT_EQ(scene.call.reply().getUid(), scene.eve.uid);
  EXPECT_EQ(scene.call.reply().getState(), rpc::Account::State::ACTIVE);
  EXPECT_TRUE(scene.systemd.isActive(engine::unitName(scene.eve.uid)));
  EXPECT_TRUE(scene.host.processesOf(scene.eve)->empty());
  EXPECT_GE(proof->size(), 10U);
}

TEST(AccountRename, TwiceIsOnce) {
  Scene scene;
  ASSERT_TRUE(scene.rename().ok());
  const auto commands = scene.host.commands().size();
  EXPECT_TRUE(scene.rename().ok());
  scene.expectRenamed("again");
  EXPECT_EQ(scene.host.commands().size(), commands);
}

TEST(AccountRename, ASuspendedAccountStaysSuspended) {
  Scene scene;
  scene.suspend();
  ASSERT_TRUE(scene.rename().ok());
  EXPECT_EQ(scene.call.reply().getState(), rpc::Account::State::SUSPENDED);
  EXPECT_FALSE(scene.systemd.isActive(engine::unitName(scene.eve.uid)));
}

TEST(AccountRename, ARetryCompletesWhatAKillHasLeft) {
  Scene counting;
  ASSERT_TRUE(counting.rename().ok());
  const auto changes = counting.host.mutations();
  ASSERT_GT(changes, 15U);
  for (std::size_t at = 0; at <= changes; ++at) {
    Scene scene;
    scene.host.crashAfter(at);
    try {
      (void)scene.rename();
    } catch (const FakeCrash&) {
    }
    scene.host.resetFaults();
    const auto done = scene.rename();
    ASSERT_TRUE(done.ok()) << "after " << at << ": " << done.error().message;
    scene.expectRenamed("after " + std::to_string(at));
    EXPECT_EQ(scene.call.reply().getState(), rpc::Account::State::ACTIVE) << at;
  }
}

TEST(AccountRename, ARetryCompletesWhatAFailureHasLeft) {
  Scene counting;
  ASSERT_TRUE(counting.rename().ok());
  const auto changes = counting.host.mutations();
  for (std::size_t at = 1; at <= changes; ++at) {
    Scene scene;
    scene.suspend();
    scene.host.failMutation(at, {Code::kUnavailable, "not now", ""});
    (void)scene.rename();
    scene.host.resetFaults();
    const auto done = scene.rename();
    ASSERT_TRUE(done.ok()) << "after " << at << ": " << done.error().message;
    EXPECT_EQ(scene.call.reply().getState(), rpc::Account::State::SUSPENDED) << at;
  }
}

TEST(AccountRename, NobodyTouchesTheAccountInBetween) {
  Scene scene;
  scene.host.crashAfter(4);
  EXPECT_THROW((void)scene.rename(), FakeCrash);
  scene.host.resetFaults();
  testing::OpCall<rpc::AccountRef, rpc::AccountDeleted> gone;
  gone.params().setUsername("eve");
  EXPECT_EQ(gone.perform(accountDelete(), scene.host).error().code, Code::kConflict);
  testing::OpCall<rpc::AccountRef, rpc::Account> suspend;
  suspend.params().setUsername("eve");
  EXPECT_EQ(suspend.perform(accountSuspend(), scene.host).error().code, Code::kConflict);
  for (const auto* name : {"eve", "eva"}) {
    testing::OpCall<rpc::AccountCreate, rpc::Account> create;
    create.params().setUsername(name);
    EXPECT_FALSE(create.perform(accountCreate(), scene.host).ok()) << name;
  }
  EXPECT_EQ(scene.rename("eve", "other").error().code, Code::kConflict);
  scene.create("ben");
  EXPECT_EQ(scene.rename("ben", "eva").error().code, Code::kConflict);
}

TEST(AccountRename, RefusesANameThatTheHostHasAndChangesNothing) {
  Scene scene;
  scene.create("ben");
  scene.host.addFile("/etc/group", scene.host.content("/etc/group") + "staff1:x:1600:\n");
  scene.host.addDirectory("/home/left", {0700, 0, 0});
  scene.host.resetFaults();
  for (const auto* name : {"ben", "staff1", "left"}) {
    const auto refused = scene.rename("eve", name);
    ASSERT_FALSE(refused.ok()) << name;
    EXPECT_EQ(refused.error().code, Code::kAlreadyExists) << name;
    EXPECT_EQ(refused.error().field, "newName") << name;
  }
  EXPECT_EQ(scene.rename("eve", "eve").error().code, Code::kInvalidArgument);
  EXPECT_EQ(scene.rename("ghost", "eva").error().code, Code::kNotFound);
  scene.rename("eve", "ben").ok();
  EXPECT_EQ(scene.host.mutations(), 0U);
}

TEST(AccountRename, RefusesAnAccountWhoseLineIsSomebodyElses) {
  Scene scene;
  auto passwd = scene.host.content("/etc/passwd");
  passwd.replace(passwd.find("/home/eve"), 9, "/srv/other");
  scene.host.addFile("/etc/passwd", passwd);
  EXPECT_EQ(scene.rename().error().code, Code::kConflict);
  EXPECT_EQ(scene.host.mutations(), 0U);
}

TEST(AccountRename, RefusesTextThatIsNoName) {
  Scene scene;
  for (const auto& text : testing::poison()) {
    EXPECT_FALSE(scene.rename("eve", text).ok()) << testing::shown(text);
    EXPECT_FALSE(scene.rename(text, "eva").ok()) << testing::shown(text);
  }
  EXPECT_EQ(scene.host.mutations(), 0U);
}

TEST(AccountRename, ADryRunChangesNothing) {
  Scene scene;
  DryRunHost preview(scene.host);
  scene.call.params().setUsername("eve");
  scene.call.params().setNewName("eva");
  const auto shown = scene.call.preview(accountRename(), preview);
  ASSERT_TRUE(shown.ok()) << shown.error().message;
  EXPECT_GT(preview.changes().size(), 8U);
  EXPECT_EQ(scene.host.mutations(), 0U);
}

}  // namespace
}  // namespace bulkhead::agent
