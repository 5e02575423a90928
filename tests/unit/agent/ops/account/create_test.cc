#include <gtest/gtest.h>

#include "agent/ops/all_ops.h"
#include "agent/registry/registry.h"
#include "tests/support/fake_systemd.h"
#include "tests/support/op_call.h"
#include "tests/support/poison.h"

namespace bulkhead::agent {
namespace {

using testing::FakeCrash;
using testing::FakeHost;
using testing::FakeSystemd;

struct Scene {
  FakeHost host;
  FakeSystemd systemd{host};
  testing::OpCall<rpc::AccountCreate, rpc::Account> call;

  explicit Scene(const std::string& name = "alice") {
    call.params().setUsername(testing::wire(name));
    auto limits = call.params().initLimits();
    limits.setCpuPercent(200);
    limits.setMemoryBytes(512ULL << 20U);
    limits.setTasks(128);
  }
  Result<Proof> perform() { return call.perform(accountCreate(), host); }
};

void append(FakeHost& host, const std::string& path, const std::string& line) {
  const auto info = host.node(path)->info;
  host.addFile(path, host.content(path) + line, {info.mode, info.uid, info.gid});
}

TEST(AccountCreate, MakesAndProvesEveryPartOfAnAccount) {
  Scene scene;
  const auto proof = scene.perform();
  ASSERT_TRUE(proof.ok()) << proof.error().message;
  const auto reply = scene.call.reply();
  EXPECT_EQ(reply.getUid(), kUidFirst);
  EXPECT_EQ(std::string(reply.getHome().cStr()), "/home/alice");
  EXPECT_EQ(std::string(reply.getSlice().cStr()), "bulkhead-account-20000.slice");
  EXPECT_EQ(reply.getState(), rpc::Account::State::ACTIVE);
  EXPECT_EQ(reply.getSubUidCount(), 65536U);
  EXPECT_EQ(reply.getLimits().getTasks(), 128U);
  std::set<std::string> checks;
  for (const auto& fact : *proof)
    checks.insert(fact.check);
  EXPECT_EQ(checks,
            (std::set<std::string>{"/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow",
                                   "/etc/subuid", "/etc/subgid", "home", "systemd slice"}));
  const auto home = scene.host.node("/home/alice");
  ASSERT_TRUE(home.has_value());
  EXPECT_EQ(home->info.mode, 0700U);
  EXPECT_EQ(home->info.uid, kUidFirst);
  EXPECT_EQ(*scene.host.projectOf("/home/alice"), kUidFirst);
  EXPECT_EQ(scene.host.node("/home/alice/sites")->info.uid, kUidFirst);
}

TEST(AccountCreate, ThePartsComeInAnOrderThatEndsWithTheActiveState) {
  Scene scene;
  ASSERT_TRUE(scene.perform().ok());
  const auto& log = scene.host.log();
  const auto at = [&log](const std::string& what) {
    return std::find(log.begin(), log.end(), what) - log.begin();
  };
  EXPECT_LT(at("writeFile /var/lib/bulkhead/agent/accounts/alice"), at("writeFile /etc/passwd"));
  EXPECT_LT(at("writeFile /etc/passwd"), at("makeDirectory /home/alice"));
  EXPECT_LT(at("setProject /home/alice"), at("home alice sites"));
  EXPECT_EQ(log.back(), "writeFile /var/lib/bulkhead/agent/accounts/alice");
}

TEST(AccountCreate, AskingTwiceGivesTheSameAnswerAndChangesNothing) {
  Scene scene;
  ASSERT_TRUE(scene.perform().ok());
  const auto uid = scene.call.reply().getUid();
  const auto paths = scene.host.paths();
  const auto passwd = scene.host.content("/etc/passwd");
  ASSERT_TRUE(scene.perform().ok());
  EXPECT_EQ(scene.call.reply().getUid(), uid);
  EXPECT_EQ(scene.host.paths(), paths);
  EXPECT_EQ(scene.host.content("/etc/passwd"), passwd);
}

// Everything on the machine but the mark of the highest uid, which a crash may move on.
std::map<std::string, std::string> everything(const FakeHost& host) {
  std::map<std::string, std::string> all;
  for (const auto& path : host.paths()) {
    const auto node = *host.node(path);
    all[path] =
        std::to_string(node.info.uid) + " " + std::to_string(node.info.mode) + " " + node.content;
  }
  return all;
}

TEST(AccountCreate, ACrashAfterAnyChangeIsCompletedByARetry) {
  Scene reference;
  ASSERT_TRUE(reference.perform().ok());
  const auto changes = reference.host.mutations();
  ASSERT_GT(changes, 12U);
  std::size_t otherUid = 0;
  for (std::size_t n = 0; n < changes; ++n) {
    Scene scene;
    scene.host.crashAfter(n);
    EXPECT_THROW((void)scene.perform(), FakeCrash) << n;
    scene.host.resetFaults();
    const auto proof = scene.perform();
    ASSERT_TRUE(proof.ok()) << n << ": " << proof.error().message;
    // A uid that was marked but not given is lost: once, between the mark and the record.
    if (scene.call.reply().getUid() != kUidFirst)
      ++otherUid;
    else
      EXPECT_EQ(everything(scene.host), everything(reference.host)) << n;
  }
  EXPECT_EQ(otherUid, 1U);
}

TEST(AccountCreate, AFailureOfAnyChangeIsToldAndARetryCompletes) {
  Scene reference;
  ASSERT_TRUE(reference.perform().ok());
  for (std::size_t n = 1; n <= reference.host.mutations(); ++n) {
    Scene scene;
    scene.host.failMutation(n, {Code::kUnavailable, "the disk is full", ""});
    const auto failed = scene.perform();
    ASSERT_FALSE(failed.ok()) << n;
    EXPECT_EQ(failed.error().code, Code::kUnavailable) << n;
    scene.host.resetFaults();
    EXPECT_TRUE(scene.perform().ok()) << n;
  }
}

TEST(AccountCreate, RefusesNamesThatAreNone) {
  for (const auto& name : testing::poison()) {
    Scene scene(name);
    EXPECT_EQ(scene.perform().error().code, Code::kInvalidArgument) << name;
    EXPECT_EQ(scene.host.mutations(), 0U);
  }
  for (const auto* name : {"root", "www-data", "Alice", "bulkhead-api", "a/../b"}) {
    Scene scene(name);
    EXPECT_EQ(scene.perform().error().code, Code::kInvalidArgument) << name;
  }
}

TEST(AccountCreate, RefusesLimitsThatMakeNoSense) {
  Scene scene;
  scene.call.params().getLimits().setMemoryBytes(1);
  EXPECT_EQ(scene.perform().error().code, Code::kInvalidArgument);
  scene.call.params().getLimits().setMemoryBytes(0);
  scene.call.params().getLimits().setTasks(1);
  EXPECT_EQ(scene.perform().error().code, Code::kInvalidArgument);
  EXPECT_EQ(scene.host.mutations(), 0U);
}

TEST(AccountCreate, RefusesASystemUserAndChangesNothing) {
  for (const auto* path :
       {"/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow", "/etc/subuid"}) {
    Scene scene;
    append(scene.host, path, "alice:x:1000:1000::/home/alice:/bin/bash\n");
    const auto refused = scene.perform();
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, Code::kAlreadyExists) << path;
    EXPECT_EQ(scene.host.mutations(), 0U);
  }
}

TEST(AccountCreate, RefusesAHomeThatIsThereAlready) {
  Scene scene;
  scene.host.addDirectory("/home/alice", {0755, 1000, 1000});
  EXPECT_EQ(scene.perform().error().code, Code::kAlreadyExists);
  EXPECT_EQ(scene.host.mutations(), 0U);
}

TEST(AccountCreate, RefusesAHomeThatAppearedInBetweenAndLeavesItAlone) {
  Scene scene;
  scene.host.crashAfter(2);  // the registry knows the account, no file does
  EXPECT_THROW((void)scene.perform(), FakeCrash);
  scene.host.resetFaults();
  scene.host.addDirectory("/home/alice", {0755, 1000, 1000});
  EXPECT_EQ(scene.perform().error().code, Code::kAlreadyExists);
  EXPECT_EQ(scene.host.node("/home/alice")->info.uid, 1000U);
}

TEST(AccountCreate, RefusesOtherLimitsForAnAccountThatExists) {
  Scene scene;
  ASSERT_TRUE(scene.perform().ok());
  scene.call.params().getLimits().setTasks(64);
  EXPECT_EQ(scene.perform().error().code, Code::kAlreadyExists);
}

TEST(AccountCreate, RefusesAnAccountThatIsBeingDeleted) {
  Scene scene;
  ASSERT_TRUE(scene.perform().ok());
  Registry registry(scene.host);
  auto record = *registry.find(*Username::parse("alice"));
  record.state = AccountState::kDeleting;
  ASSERT_TRUE(registry.put(record).ok());
  EXPECT_EQ(scene.perform().error().code, Code::kConflict);
}

TEST(AccountCreate, LeavesASuspendedAccountSuspended) {
  Scene scene;
  ASSERT_TRUE(scene.perform().ok());
  Registry registry(scene.host);
  auto record = *registry.find(*Username::parse("alice"));
  record.state = AccountState::kSuspended;
  ASSERT_TRUE(registry.put(record).ok());
  ASSERT_TRUE(scene.perform().ok());
  EXPECT_EQ(scene.call.reply().getState(), rpc::Account::State::SUSPENDED);
}

TEST(AccountCreate, RestoresPartsThatSomebodyRemovedByHand) {
  Scene scene;
  ASSERT_TRUE(scene.perform().ok());
  scene.host.addFile("/etc/subuid", "");
  scene.host.addDirectory("/home/alice", {0777, kUidFirst, kUidFirst});
  ASSERT_TRUE(scene.host.removeFile("/etc/systemd/system/bulkhead-account-20000.slice").ok());
  ASSERT_TRUE(scene.perform().ok());
  EXPECT_EQ(scene.host.node("/home/alice")->info.mode, 0700U);
}

TEST(AccountCreate, GivesTheNextUidWhenOneIsTaken) {
  Scene scene;
  append(scene.host, "/etc/passwd", "bob:x:20000:20000::/home/bob:/bin/bash\n");
  ASSERT_TRUE(scene.perform().ok());
  EXPECT_EQ(scene.call.reply().getUid(), kUidFirst + 1);
}

TEST(AccountCreate, TakesAnotherUidWhenSomebodyElseTookItInBetween) {
  for (const auto* taken : {"/etc/passwd bob:x:20000:1000::/home/bob:/bin/bash\n",
                            "/etc/group bob:x:20000:\n", "/etc/subuid bob:603979800:5\n"}) {
    // Wherever the first try ended before passwd had the name.
    for (std::size_t n = 0;; ++n) {
      Scene scene;
      scene.host.crashAfter(n);
      EXPECT_THROW((void)scene.perform(), FakeCrash) << n;
      scene.host.resetFaults();
      if (scene.host.content("/etc/passwd").find("alice") != std::string::npos) break;
      const std::string line(taken);
      append(scene.host, line.substr(0, line.find(' ')), line.substr(line.find(' ') + 1));
      const auto proof = scene.perform();
      ASSERT_TRUE(proof.ok()) << taken << n << ": " << proof.error().message;
      EXPECT_GT(scene.call.reply().getUid(), kUidFirst) << taken << n;
    }
  }
}

TEST(AccountCreate, KeepsRefusingANameThatSomebodyElseTookInBetween) {
  Scene scene;
  scene.host.crashAfter(4);  // the registry knows the account, passwd does not
  EXPECT_THROW((void)scene.perform(), FakeCrash);
  scene.host.resetFaults();
  append(scene.host, "/etc/passwd", "alice:x:20000:20000::/srv/alice:/bin/bash\n");
  const auto before = everything(scene.host);
  EXPECT_EQ(scene.perform().error().code, Code::kAlreadyExists);
  EXPECT_EQ(everything(scene.host), before);
}

TEST(AccountCreate, WorksWhereThereAreNoProjectQuotas) {
  Scene scene;
  scene.host.setFileSystem({"ext4", "/dev/vda1", "/", {"rw"}, 0, 0});
  EXPECT_TRUE(scene.perform().ok());
}

TEST(AccountCreate, IsNotProvedWhenSystemdKeepsOtherLimits) {
  Scene scene;
  scene.systemd.properties["bulkhead-account-20000.slice MemoryMax"] = "infinity";
  EXPECT_EQ(scene.perform().error().code, Code::kInternal);
}

}  // namespace
}  // namespace bulkhead::agent
