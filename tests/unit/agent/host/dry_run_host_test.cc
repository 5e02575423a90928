#include "agent/host/dry_run_host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fake_host.h"

namespace bulkhead::agent {
namespace {

using ::testing::ElementsAre;
using testing::FakeHost;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;
using Kind = Change::Kind;

const Identity kAlice{"alice", 20000, 20000, "/home/alice", 524288, 65536};

class DryRunHostTest : public ::testing::Test {
 protected:
  FakeHost machine;
  DryRunHost host{machine};
};

TEST_F(DryRunHostTest, ChangesNothingOnTheMachine) {
  machine.addFile("/etc/old", "old\n");
  machine.addFile("/srv/tree/file", "x");
  machine.addProcess(20000, 10, "php");
  machine.resetFaults();
  ASSERT_TRUE(host.writeFile("/etc/new", "x\n", {}).ok());
  ASSERT_TRUE(host.removeFile("/etc/old").ok());
  ASSERT_TRUE(host.makeDirectory("/home/alice", {0710, 20000, 20000}).ok());
  ASSERT_TRUE(host.removeTree("/srv/tree").ok());
  ASSERT_TRUE(host.run({Program::kSystemctl, {"start", "x"}, ""}).ok());
  ASSERT_TRUE(host.engine(kAlice, {"POST", "/networks/create", "{}", ""}).ok());
  ASSERT_TRUE(host.makeHomeDirectory(kAlice, "sites", 0755).ok());
  ASSERT_TRUE(host.writeHomeFileIfAbsent(kAlice, "sites/index.html", "hello\n", 0644).ok());
  ASSERT_TRUE(host.killProcessesOf(kAlice).ok());
  EXPECT_TRUE(host.lock(Host::LockName::kNginx, 1s).ok());
  EXPECT_EQ(machine.mutations(), 0U);
  EXPECT_TRUE(machine.locksTaken().empty());
  std::vector<Kind> kinds;
  for (const auto& change : host.changes())
    kinds.push_back(change.kind);
  EXPECT_THAT(kinds, ElementsAre(Kind::kWriteFile, Kind::kRemoveFile, Kind::kMakeDirectory,
                                 Kind::kRemoveTree, Kind::kRun, Kind::kEngine, Kind::kHome,
                                 Kind::kHome, Kind::kKill));
  EXPECT_EQ(host.changes()[4].target, "systemctl start x");
  EXPECT_EQ(host.changes()[5].target, "alice: POST /networks/create");
}

TEST_F(DryRunHostTest, ReadsBackWhatItWrote) {
  ASSERT_TRUE(host.writeFile("/etc/new", "text\n", {0600, 0, 42}).ok());
  EXPECT_EQ(host.readFile("/etc/new").value(), "text\n");
  EXPECT_EQ(host.inspect("/etc/new")->gid, 42U);
  EXPECT_THAT(host.list("/etc").value(), ::testing::Contains("new"));
  ASSERT_TRUE(host.removeFile("/etc/new").ok());
  EXPECT_EQ(host.readFile("/etc/new").error().code, Code::kNotFound);
  EXPECT_THAT(host.list("/etc").value(), Not(::testing::Contains("new")));
}

TEST_F(DryRunHostTest, ShowsTheDiffToWhatIsThereNow) {
  machine.addFile("/etc/list", "a\nb\n");
  ASSERT_TRUE(host.writeFile("/etc/list", "a\nc\n", {}).ok());
  ASSERT_TRUE(host.writeFile("/etc/list", "a\nc\nd\n", {}).ok());
  EXPECT_EQ(host.changes()[0].diff, "--- /etc/list\n+++ /etc/list\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n");
  EXPECT_EQ(host.changes()[1].diff, "--- /etc/list\n+++ /etc/list\n@@ -1,2 +1,3 @@\n a\n c\n+d\n");
}

TEST_F(DryRunHostTest, NeverShowsContentThatNotEverybodyMayRead) {
  machine.addFile("/etc/shadow", "root:HASH-A:\n", {0640, 0, 42});
  ASSERT_TRUE(host.writeFile("/etc/shadow", "root:HASH-A:\nalice:HASH-B:\n", {0640, 0, 42}).ok());
  ASSERT_TRUE(host.writeFile("/etc/shadow", "opened", {0644, 0, 0}).ok())
      << "the old content must not show either";
  ASSERT_TRUE(host.writeFile("/etc/secret", "HASH-C", {0600, 0, 0}).ok());
  for (const auto& change : host.changes())
    EXPECT_THAT(change.diff, Not(HasSubstr("HASH"))) << change.target;
}

TEST_F(DryRunHostTest, HidesWhatLiesInARemovedTree) {
  machine.addFile("/srv/tree/a/file", "x");
  ASSERT_TRUE(host.removeTree("/srv/tree").ok());
  EXPECT_EQ(host.readFile("/srv/tree/a/file").error().code, Code::kNotFound);
  EXPECT_EQ(host.list("/srv/tree").error().code, Code::kNotFound);
  EXPECT_EQ(host.writeFile("/srv/tree/b", "", {}).error().code, Code::kNotFound);
  ASSERT_TRUE(host.makeDirectory("/srv/tree", {0755, 0, 0}).ok());
  EXPECT_TRUE(host.list("/srv/tree").value().empty())
      << "a new directory does not show the old content";
  ASSERT_TRUE(host.writeFile("/srv/tree/b", "", {}).ok());
  EXPECT_THAT(host.list("/srv/tree").value(), ElementsAre("b"));
}

TEST_F(DryRunHostTest, KeepsTheContentOfADirectoryWhoseModeItChanges) {
  machine.addFile("/srv/d/file", "x");
  ASSERT_TRUE(host.makeDirectory("/srv/d", {0700, 0, 0}).ok());
  EXPECT_EQ(host.readFile("/srv/d/file").value(), "x");
  EXPECT_EQ(host.inspect("/srv/d")->mode, 0700U);
  ASSERT_TRUE(host.makeDirectory("/srv/d", {0700, 0, 0}).ok());
  EXPECT_EQ(host.changes().size(), 1U) << "what is so already is no change";
}

TEST_F(DryRunHostTest, RefusesWhatTheMachineWouldRefuse) {
  EXPECT_EQ(host.writeFile("/missing/x", "", {}).error().code, Code::kNotFound);
  EXPECT_EQ(host.writeFile("etc/x", "", {}).error().code, Code::kPermissionDenied);
  EXPECT_EQ(host.writeFile("/etc/../x", "", {}).error().code, Code::kPermissionDenied);
  EXPECT_EQ(host.writeFile("/etc", "", {}).error().code, Code::kPermissionDenied);
  ASSERT_TRUE(host.makeDirectory("/home/alice", {0710, 20000, 20000}).ok());
  EXPECT_EQ(host.writeFile("/home/alice/x", "", {}).error().code, Code::kPermissionDenied);
  EXPECT_EQ(host.removeFile("/etc/nginx").error().code, Code::kPermissionDenied);
}

TEST_F(DryRunHostTest, RemovingWhatIsNotThereIsNoChange) {
  ASSERT_TRUE(host.removeFile("/etc/none").ok());
  ASSERT_TRUE(host.removeTree("/srv/none").ok());
  EXPECT_TRUE(host.changes().empty());
}

TEST_F(DryRunHostTest, AsksTheMachineWhatOnlyItKnows) {
  machine.onProgram(Program::kSystemctl, [](const Command&) {
    return ProgramOutput{3, "inactive\n", false};
  });
  EXPECT_EQ(host.query({Program::kSystemctl, {"is-active", "x"}, ""})->exitCode, 3);
  EXPECT_EQ(host.probe({}).error().code, Code::kUnavailable);
  EXPECT_EQ(host.engineQuery(kAlice, "/version")->status, 404) << "an engine that does not run yet";
  machine.onEngine([](const Identity&, const EngineRequest&) -> Result<HttpReply> {
    return HttpReply{200, "yes"};
  });
  EXPECT_EQ(host.engineQuery(kAlice, "/version")->body, "yes");
}

TEST_F(DryRunHostTest, RemovesADirectoryOnlyOnceItWouldBeEmpty) {
  machine.addFile("/etc/d/file", "");
  ASSERT_TRUE(host.removeEmptyDirectory("/etc/none").ok());
  ASSERT_TRUE(host.removeEmptyDirectory("/etc/d").ok());
  EXPECT_TRUE(host.changes().empty());
  ASSERT_TRUE(host.removeFile("/etc/d/file").ok());
  ASSERT_TRUE(host.removeEmptyDirectory("/etc/d").ok());
  EXPECT_EQ(host.inspect("/etc/d").error().code, Code::kNotFound);
  EXPECT_EQ(host.changes().size(), 2U);
}

TEST_F(DryRunHostTest, ForgetsProcessesThatItWouldHaveKilled) {
  machine.addProcess(20000, 10, "php");
  EXPECT_EQ(host.processesOf(kAlice)->size(), 1U);
  ASSERT_TRUE(host.killProcessesOf(kAlice).ok());
  EXPECT_EQ(host.processesOf(kAlice)->size(), 0U);
}

TEST_F(DryRunHostTest, ShowsQuotasAndLeftoversAsItWouldHaveLeftThem) {
  machine.addFile("/tmp/of-alice", "", {0600, 20000, 20000});
  EXPECT_THAT(host.leftovers(kAlice, "/tmp").value(), ElementsAre("of-alice"));
  ASSERT_TRUE(host.removeLeftovers(kAlice, "/tmp").ok());
  EXPECT_TRUE(host.leftovers(kAlice, "/tmp").value().empty());
  EXPECT_EQ(host.setProject("/home/alice", 20000).error().code, Code::kNotFound);
  ASSERT_TRUE(host.makeDirectory("/home/alice", {0710, 20000, 20000}).ok());
  EXPECT_EQ(host.fileSystem("/home/alice")->type, "ext4");
  EXPECT_EQ(host.projectOf("/home/alice").value(), 0U);
  ASSERT_TRUE(host.setProject("/home/alice", 20000).ok());
  EXPECT_EQ(host.projectOf("/home/alice").value(), 20000U);
  ASSERT_TRUE(host.setProjectQuota("/home/alice", 20000, 4096, 10).ok());
  EXPECT_EQ(host.projectQuota("/home/alice", 20000)->bytesMax, 4096U);
  EXPECT_EQ(machine.mutations(), 0U);
  EXPECT_TRUE(host.isPreview());
}

TEST_F(DryRunHostTest, WaitsInNoTimeButReachesADeadline) {
  const auto deadline = host.now() + 30s;
  int looks = 0;
  while (host.now() < deadline && looks < 1000) {
    host.pause(500ms);
    ++looks;
  }
  EXPECT_EQ(looks, 60);
}

}  // namespace
}  // namespace bulkhead::agent
