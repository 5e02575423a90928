#include <functional>
#include <map>

#include <gtest/gtest.h>

#include "agent/host/dry_run_host.h"
#include "tests/support/hosted_scene.h"
#include "tests/support/poison.h"

namespace bulkhead::agent {
namespace {

using testing::FakeCrash;
using testing::FakeHost;

// A host on which alice has everything that an account can have, and bob has an account.
struct Scene : HostedScene {
  std::map<std::string, std::string> before;
  Identity alice;

  Scene() {
    create("bob");
    before = everything();
    alice = create("alice");
    startEngine(alice);
    addSite(alice, "example.com");
    openPort(alice, 33000);
    leaveThings();
    host.resetFaults();
  }

  void leaveThings() {
    const uid_t sub = alice.subUidFirst + 33;
    host.addFile("/home/alice/sites/example.com/public/deep/file", "x", {0644, sub, sub});
    host.addFile("/tmp/alice-file", "x", {0600, alice.uid, alice.gid});
    host.addFile("/var/tmp/alice-dir/file", "x", {0600, sub, sub});
    host.addDirectory("/var/tmp/alice-dir", {0700, sub, sub});
    host.addFile("/dev/shm/alice", "x", {0600, alice.uid, alice.gid});
    host.addFile("/var/mail/alice", "x", {0600, alice.uid, 8});
    host.addFile("/var/spool/cron/crontabs/alice", "x", {0600, alice.uid, 101});
    host.addFile("/var/lib/systemd/linger/alice", "");
    host.addFile("/tmp/other", "x", {0600, 33, 33});
    host.addProcess(alice.uid, 100, "sleep");
    host.addProcess(sub, 101, "nginx");
    host.addProcess(33, 102, "nginx");
  }

  std::map<std::string, std::string> everything() const {
    std::map<std::string, std::string> all;
    for (const auto& path : host.paths()) {
      const auto node = *host.node(path);
      all[path] = std::to_string(node.info.uid) + " " + node.content;
    }
    return all;
  }

  testing::OpCall<rpc::AccountRef, rpc::AccountDeleted> call;
  Result<Proof> remove(const std::string& name = "alice") {
    call.params().setUsername(testing::wire(name));
    return call.perform(accountDelete(), host);
  }

  // Nothing of alice: no path that was not there before her, but shared directories and the marks
  // of the highest uid and generation.
  void expectNothingLeft(const std::string& when) {
    for (const auto& [path, content] : everything()) {
      EXPECT_EQ(path.find("alic"), std::string::npos) << when << " " << path;
      EXPECT_EQ(path.find("example.com"), std::string::npos) << when << " " << path;
      EXPECT_EQ(path.find(std::to_string(alice.uid)), std::string::npos) << when << " " << path;
      if (path.ends_with("uid-high-water")) continue;
      EXPECT_EQ(content.find("alic"), std::string::npos) << when << " " << path;
      const bool known = before.contains(path) && path.find("/nginx/") == std::string::npos;
      EXPECT_TRUE(!known || content == before.at(path)) << when << " " << path;
    }
    EXPECT_TRUE(host.processesOf(alice)->empty()) << when;
    EXPECT_FALSE(ufw.has(testing::FakeUfw::hex("alice"))) << when;
    EXPECT_FALSE(systemd.isActive(systemd::sliceName(alice.uid))) << when;
    EXPECT_FALSE(systemd.isActive(engine::unitName(alice.uid))) << when;
    EXPECT_EQ(Registry(host).find(*Username::parse("alice")).error().code, Code::kNotFound) << when;
  }
};

TEST(AccountDelete, LeavesNothingOfTheAccountAndEverythingOfTheOthers) {
  Scene scene;
  const auto proof = scene.remove();
  ASSERT_TRUE(proof.ok()) << proof.error().message;
  scene.expectNothingLeft("");
  EXPECT_EQ(scene.call.reply().getUid(), scene.alice.uid);
  EXPECT_EQ(scene.call.reply().getProcessesEnded(), 2U);
  EXPECT_TRUE(scene.host.exists("/tmp/other"));
  EXPECT_TRUE(scene.host.exists("/home/bob/sites"));
  EXPECT_TRUE(Registry(scene.host).findActive(*Username::parse("bob")).ok());
  std::set<std::string> checks;
  for (const auto& fact : *proof)
    checks.insert(fact.check);
  for (const auto* check : {"processes", "files", "/etc/passwd", "/etc/subgid", "systemd slice",
                            "engine", "ufw rules", "sites"})
    EXPECT_TRUE(checks.contains(check)) << check;
}

Result<Proof> rename(Scene& scene) { return scene.rename("alice", "alicia"); }
// Steps on until `stop` says so.
void renameUntil(Scene& scene, const std::function<bool()>& stop) {
  for (std::size_t at = 3; !stop(); ++at) {
    ASSERT_LT(at, 60U);
    scene.host.crashAfter(at);
    EXPECT_THROW((void)rename(scene), FakeCrash);
    scene.host.resetFaults();
  }
}

// A renaming that a kill has cut off, or that could neither be completed nor taken back.
TEST(AccountDelete, TakesAnAccountBetweenTwoNamesByEitherOfThem) {
  Scene counting;
  const auto whole = rename(counting);
  ASSERT_TRUE(whole.ok()) << whole.error().message;
  const auto changes = counting.host.mutations();
  for (std::size_t at = 4; at + 2 < changes; ++at) {
    for (const auto* name : {"alice", "alicia"}) {
      Scene scene;
      scene.host.crashAfter(at);
      EXPECT_THROW((void)rename(scene), FakeCrash);
      scene.host.resetFaults();
      scene.host.crashAfter(at % 7);  // and this too, once
      try {
        (void)scene.remove(name);
      } catch (const FakeCrash&) {
      }
      scene.host.resetFaults();
      const auto when = std::string(name) + " after " + std::to_string(at);
      auto proof = scene.remove(name);
      ASSERT_TRUE(proof.ok()) << when << ": " << proof.error().message;
      ASSERT_TRUE(scene.remove("alice").ok()) << when;
      scene.expectNothingLeft(when);
    }
  }
}

TEST(AccountDelete, TakesAnAccountBetweenTwoNamesWhoseHomeIsGone) {
  for (std::size_t at = 4; at < 20; ++at) {
    Scene scene;
    scene.host.crashAfter(at);
    EXPECT_THROW((void)rename(scene), FakeCrash);
    for (const auto* home : {"/home/alice", "/home/alicia"}) {
      scene.host.resetFaults();
      ASSERT_TRUE(scene.host.removeTree(home).ok());
    }
    const auto when = "after " + std::to_string(at);
    const auto proof = scene.remove();
    ASSERT_TRUE(proof.ok()) << when << ": " << proof.error().message;
    scene.expectNothingLeft(when);
  }
}

TEST(AccountDelete, LeavesToAStrangerTheNameThatARenameHasLeft) {
  Scene scene;
  const auto passwd = [&] { return scene.host.content("/etc/passwd"); };
  renameUntil(scene, [&] { return passwd().find("alicia:") != std::string::npos; });
  const std::map<std::string, std::string> lines = {
      {"/etc/passwd", "alice:x:1001:1001::/home/alice:/bin/sh\n"},
      {"/etc/group", "alice:x:1001:\n"},
      {"/etc/shadow", "alice:!:19000:0:99999:7:::\n"},
      {"/etc/subuid", "alice:100000:65536\n"}};
  for (const auto& [path, line] : lines)
    scene.host.addFile(path, scene.host.content(path) + line, {0640, 0, 0});
  ASSERT_TRUE(scene.host.removeTree("/home/alice").ok());
  scene.host.addFile("/home/alice/theirs", "x", {0600, 1001, 1001});
  scene.host.addDirectory("/home/alice", {0700, 1001, 1001});
  scene.host.addFile("/var/lib/systemd/linger/alice", "");
  const auto proof = scene.remove();
  ASSERT_TRUE(proof.ok()) << proof.error().message;
  for (const auto& [path, line] : lines) {
    EXPECT_NE(scene.host.content(path).find(line), std::string::npos) << path;
    EXPECT_EQ(scene.host.content(path).find("alicia"), std::string::npos) << path;
  }
  EXPECT_TRUE(scene.host.exists("/home/alice/theirs"));
  EXPECT_TRUE(scene.host.exists("/var/lib/systemd/linger/alice"));
  EXPECT_FALSE(scene.host.exists("/tmp/alice-file"));
  EXPECT_EQ(Registry(scene.host).find(*Username::parse("alice")).error().code, Code::kNotFound);
  EXPECT_EQ(Registry(scene.host).find(*Username::parse("alicia")).error().code, Code::kNotFound);
}

// It is about to go in any case.
TEST(AccountDelete, DoesNotNeedTheFirewallToTakeARuleUnderAnotherName) {
  Scene scene;
  renameUntil(scene, [&] { return scene.ufw.has(testing::FakeUfw::hex("alicia")); });
  scene.ufw.refusesToAdd = true;
  const auto proof = scene.remove();
  ASSERT_TRUE(proof.ok()) << proof.error().message;
  EXPECT_FALSE(scene.ufw.has(testing::FakeUfw::hex("alicia")));
  scene.expectNothingLeft("");
}

TEST(AccountDelete, AnAccountThatIsGoingIsRenamedNeitherForthNorBack) {
  Scene scene;
  renameUntil(scene, [&] { return scene.host.exists("/home/alicia"); });
  scene.host.addProcess(scene.alice.uid, 103, "stays");
  scene.host.makeUnkillable(103);
  EXPECT_FALSE(scene.remove().ok());
  scene.host.resetFaults();
  EXPECT_EQ(rename(scene).error().code, Code::kConflict);
  EXPECT_EQ(scene.host.mutations(), 0U);
  for (const auto* name : {"alice", "alicia"})
    EXPECT_THROW(scene.create(name), std::logic_error) << name;
}

TEST(AccountDelete, TheUidIsNeverGivenAgain) {
  Scene scene;
  ASSERT_TRUE(scene.remove().ok());
  scene.create("alice");
  EXPECT_GT(Registry(scene.host).find(*Username::parse("alice"))->identity.uid, scene.alice.uid);
}

TEST(AccountDelete, DeletingWhatIsNotThereAnswersUidZero) {
  Scene scene;
  ASSERT_TRUE(scene.remove("carol").ok());
  EXPECT_EQ(scene.call.reply().getUid(), 0U);
  EXPECT_EQ(scene.host.mutations(), 0U);
  ASSERT_TRUE(scene.remove().ok());
  ASSERT_TRUE(scene.remove().ok());
  EXPECT_EQ(scene.call.reply().getUid(), 0U);
}

TEST(AccountDelete, ACrashAfterAnyChangeIsCompletedByARetry) {
  Scene reference;
  ASSERT_TRUE(reference.remove().ok());
  const auto changes = reference.host.mutations();
  ASSERT_GT(changes, 25U);
  for (std::size_t n = 0; n < changes; ++n) {
    Scene scene;
    scene.host.crashAfter(n);
    EXPECT_THROW((void)scene.remove(), FakeCrash) << n;
    scene.host.resetFaults();
    const auto proof = scene.remove();
    ASSERT_TRUE(proof.ok()) << n << ": " << proof.error().message;
    scene.expectNothingLeft("crash after " + std::to_string(n));
  }
}

TEST(AccountDelete, AHalfCreatedAccountGoesAsWell) {
  for (std::size_t n = 2; n < 16; ++n) {
    Scene scene;
    ASSERT_TRUE(scene.remove().ok());
    scene.host.resetFaults();
    scene.host.crashAfter(n);
    EXPECT_THROW(scene.create("alice"), FakeCrash) << n;
    scene.host.resetFaults();
    ASSERT_TRUE(scene.remove().ok()) << n;
    scene.alice.uid += 1;
    scene.expectNothingLeft("created up to " + std::to_string(n));
  }
}

TEST(AccountDelete, AnAccountThatLostItsUidBeforeItHadAnythingIsForgotten) {
  FakeHost host;
  testing::FakeSystemd systemd(host);
  testing::OpCall<rpc::AccountCreate, rpc::Account> create;
  create.params().setUsername("carol");
  host.crashAfter(5);  // sub-uid lines are there, passwd does not have the name yet
  EXPECT_THROW((void)create.perform(accountCreate(), host), FakeCrash);
  host.resetFaults();
  const auto taken = host.content("/etc/passwd") + "dave:x:20000:20000::/home/dave:/bin/bash\n";
  host.addFile("/etc/passwd", taken);
  host.addProcess(kUidFirst, 4711, "dave's");
  testing::OpCall<rpc::AccountRef, rpc::AccountDeleted> call;
  call.params().setUsername("carol");
  const auto proof = call.perform(accountDelete(), host);
  ASSERT_TRUE(proof.ok()) << proof.error().message;
  EXPECT_EQ(host.content("/etc/passwd"), taken);
  EXPECT_EQ(host.content("/etc/subuid").find("carol"), std::string::npos);
  EXPECT_EQ(Registry(host).find(*Username::parse("carol")).error().code, Code::kNotFound);
  EXPECT_EQ(call.reply().getProcessesEnded(), 0U);
  EXPECT_EQ(std::count(host.log().begin(), host.log().end(), "kill carol"), 0);
}

TEST(AccountDelete, TheAccountIsForgottenOnlyWhenNothingIsLeft) {
  Scene scene;
  scene.host.makeUnkillable(100);
  EXPECT_FALSE(scene.remove().ok());
  EXPECT_EQ(Registry(scene.host).find(*Username::parse("alice"))->state, AccountState::kDeleting);
  EXPECT_TRUE(scene.host.exists("/home/alice"));
}

TEST(AccountDelete, AFirewallThatOnlySaysYesIsNoticed) {
  Scene scene;
  scene.host.onProgram(Program::kUfw, [](const Command&) {
    return ProgramOutput{0, "Status: active\n", false};
  });
  EXPECT_EQ(scene.remove().error().code, Code::kInternal);
  EXPECT_TRUE(Registry(scene.host).find(*Username::parse("alice")).ok());
}

TEST(AccountDelete, RefusesWhenTheNameIsSomebodyElsesByNow) {
  Scene scene;
  scene.host.addFile("/etc/passwd",
                     "root:x:0:0:root:/root:/bin/bash\nalice:x:1000:1000::/home/alice:/bin/bash\n");
  EXPECT_EQ(scene.remove().error().code, Code::kConflict);
  EXPECT_EQ(scene.host.mutations(), 0U);
  EXPECT_EQ(scene.host.processesOf(scene.alice)->size(), 2U);
}

TEST(AccountDelete, RefusesNamesThatAreNone) {
  Scene scene;
  for (const auto& name : testing::poison())
    EXPECT_EQ(scene.remove(name).error().code, Code::kInvalidArgument) << name;
  EXPECT_EQ(scene.remove("root").error().code, Code::kInvalidArgument);
  EXPECT_EQ(scene.host.mutations(), 0U);
}

TEST(AccountDelete, TheDryRunShowsTheStepsAndTouchesNothing) {
  Scene scene;
  const auto machine = scene.everything();
  DryRunHost dry(scene.host);
  scene.call.params().setUsername("alice");
  const auto preview = scene.call.preview(accountDelete(), dry);
  ASSERT_TRUE(preview.ok()) << preview.error().message;
  EXPECT_EQ(scene.everything(), machine);
  EXPECT_EQ(scene.host.mutations(), 0U);
  std::set<std::string> targets;
  for (const auto& change : dry.changes())
    targets.insert(change.target);
  for (const auto* target : {"/etc/passwd", "/home/alice", "/tmp/alice-file"})
    EXPECT_TRUE(targets.contains(target)) << target;
}

}  // namespace
}  // namespace bulkhead::agent
