#include <gtest/gtest.h>

#include "agent/host/dry_run_host.h"
#include "tests/support/poison.h"
#include "tests/support/renaming_scene.h"

namespace bulkhead::agent {
namespace {

using testing::FakeCrash;
using Scene = RenamingScene;

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
  EXPECT_EQ(scene.rename("ben", "eve").error().code, Code::kConflict);
}

TEST(AccountRename, RefusesANameThatTheHostHasAndChangesNothing) {
  Scene scene;
  scene.create("ben");
  scene.host.addFile("/etc/group", scene.host.content("/etc/group") + "staff1:x:1600:\n");
  scene.host.addDirectory("/home/left", {0700, 0, 0});
  scene.host.addFile("/var/spool/cron/crontabs/cron1", "x", {0600, 1000, 101});
  scene.host.addFile("/var/lib/systemd/linger/linger1", "");
  scene.host.addDirectory(engine::contextDirectory("context1"), {0700, 0, 0});
  scene.host.resetFaults();
  for (const auto* name : {"ben", "staff1", "left", "cron1", "linger1", "context1"}) {
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

// The name that eva had is another account's next one by now.
TEST(AccountRename, ARepetitionLeavesTheRenameOfAnotherAccountAlone) {
  Scene scene;
  ASSERT_TRUE(scene.rename().ok());
  scene.create("ben");
  scene.host.resetFaults();
  scene.host.crashAfter(3);
  EXPECT_THROW((void)scene.rename("ben", "eve"), FakeCrash);
  scene.host.resetFaults();
  ASSERT_EQ(Registry(scene.host).find(*Username::parse("ben"))->state, AccountState::kRenaming);
  EXPECT_EQ(scene.rename("eve", "eva").error().code, Code::kConflict);
  EXPECT_EQ(scene.host.mutations(), 0U);
  const auto completed = scene.rename("ben", "eve");
  EXPECT_TRUE(completed.ok()) << completed.error().message;
}

// Whatever the end of one has left says nothing about the next one of the same account.
TEST(AccountRename, ACrashAtTheEndOfOneDoesNotMisleadTheNext) {
  Scene counting;
  ASSERT_TRUE(counting.rename().ok());
  const auto changes = counting.host.mutations();
  for (const std::size_t at : {1U, 3U, 4U, 8U, 12U, 16U, 20U}) {
    Scene scene;
    const auto when = "after " + std::to_string(at);
    scene.host.crashAfter(changes - 1);
    EXPECT_THROW((void)scene.rename(), FakeCrash);
    ASSERT_TRUE(Registry(scene.host).findActive(*Username::parse("eva")).ok());
    scene.host.resetFaults();
    scene.host.crashAfter(at);
    EXPECT_THROW((void)scene.rename("eva", "ewa"), FakeCrash);
    scene.host.resetFaults();
    const auto back = scene.rename("ewa", "eva");
    EXPECT_TRUE(back.ok() || (at < 3 && back.error().code == Code::kNotFound)) << when;
    EXPECT_TRUE(Registry(scene.host).findActive(*Username::parse("eva")).ok()) << when;
    EXPECT_EQ(Registry(scene.host).find(*Username::parse("eva"))->previousName, "eve") << when;
    for (const auto& path : scene.host.paths())
      EXPECT_FALSE(path.ends_with("/ewa") || path.ends_with("/eve")) << when << " " << path;
    const auto gone = scene.remove("eva");
    ASSERT_TRUE(gone.ok()) << when << " " << gone.error().message;
    for (const auto& path : scene.host.paths())
      for (const auto* name : {"/eve", "/eva", "/ewa", "/renames/"})
        EXPECT_EQ(path.find(name), std::string::npos) << when << " " << path;
  }
}

TEST(AccountRename, ABrokenIntentIsOfNoConcernToOtherAccounts) {
  Scene scene;
  scene.create("ben");
  scene.host.addDirectory("/var/lib/bulkhead/agent/renames", {0700, 0, 0});
  scene.host.addFile("/var/lib/bulkhead/agent/renames/20099", "{\"from\":\"to");
  scene.host.addFile("/var/lib/bulkhead/agent/renames/torn1", "{\"from\":\"to");
  scene.host.addFile("/var/lib/bulkhead/agent/renames/eve.dpkg-old", "x");
  scene.host.addDirectory("/var/lib/bulkhead/agent/renames/lost+found", {0700, 0, 0});
  scene.create("zoe");
  const auto done = scene.rename();
  EXPECT_TRUE(done.ok()) << done.error().message;
  const auto gone = scene.remove("ben");
  EXPECT_TRUE(gone.ok()) << gone.error().message;
}

TEST(AccountRename, ADeletionBetweenNamesLeavesTheAccountThatGotTheOtherName) {
  Scene scene;
  const auto eva = scene.create("eva");
  scene.addSite(eva, "eva.example");
  scene.openPort(eva, 33001);
  Registry registry(scene.host);
  const auto eve = *registry.find(*Username::parse("eve"));
  ASSERT_TRUE(registry.beginRename(eve, {"eve", "eva", eve.identity.uid}).ok());
  scene.host.resetFaults();
  const auto gone = scene.remove("eve");
  ASSERT_TRUE(gone.ok()) << gone.error().message;
  EXPECT_EQ(registry.find(*Username::parse("eva"))->identity.uid, eva.uid);
  EXPECT_EQ(registry.findSite(*DomainName::parse("eva.example"))->account, "eva");
  EXPECT_FALSE(registry.find(*Username::parse("eve")).ok());
  EXPECT_TRUE(scene.host.exists("/home/eva"));
}

TEST(AccountRename, AnAccountWhoseOwnIntentIsBrokenIsLeftToAPerson) {
  Scene scene;
  scene.host.crashAfter(3);
  EXPECT_THROW((void)scene.rename(), FakeCrash);
  for (const auto& path : scene.host.paths())
    if (path.find("/renames/") != std::string::npos) scene.host.addFile(path, "{");
  scene.host.resetFaults();
  EXPECT_EQ(scene.rename().error().code, Code::kInternal);
  EXPECT_EQ(scene.remove("eve").error().code, Code::kInternal);
  EXPECT_EQ(scene.host.mutations(), 0U);
}

}  // namespace
}  // namespace bulkhead::agent
