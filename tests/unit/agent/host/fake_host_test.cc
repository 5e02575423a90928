// The fake must be as strict as the machine, or operations would pass here and fail there.
#include "tests/support/fake_host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::testing {
namespace {

using ::testing::ElementsAre;
using namespace std::chrono_literals;

const agent::Identity kAlice{"alice", 20000, 20000, "/home/alice", 524288, 65536};

TEST(FakeHost, KeepsWhatIsWrittenWithItsAttributes) {
  FakeHost host;
  ASSERT_TRUE(host.writeFile("/etc/x", "text", {0600, 0, 42}).ok());
  EXPECT_EQ(host.readFile("/etc/x").value(), "text");
  const auto info = host.inspect("/etc/x").value();
  EXPECT_EQ(info.mode, 0600U);
  EXPECT_EQ(info.gid, 42U);
  EXPECT_EQ(info.sizeBytes, 4U);
}

TEST(FakeHost, RefusesPathsThatTheMachineRefuses) {
  FakeHost host;
  EXPECT_EQ(host.writeFile("/missing/x", "", {}).error().code, Code::kNotFound);
  EXPECT_EQ(host.writeFile("etc/x", "", {}).error().code, Code::kPermissionDenied);
  EXPECT_EQ(host.readFile("/etc/../etc/passwd").error().code, Code::kPermissionDenied);
  EXPECT_EQ(host.readFile("/etc//passwd").error().code, Code::kPermissionDenied);
  host.addDirectory("/home/alice", {0710, 20000, 20000});
  EXPECT_EQ(host.readFile("/home/alice/x").error().code, Code::kPermissionDenied);
  EXPECT_EQ(host.makeDirectory("/home/alice/x", {0755, 0, 0}).error().code,
            Code::kPermissionDenied);
  host.addSymlink("/etc/link", "/etc");
  EXPECT_EQ(host.readFile("/etc/link/passwd").error().code, Code::kPermissionDenied);
  EXPECT_EQ(host.readFile("/etc/link").error().code, Code::kPermissionDenied);
}

TEST(FakeHost, ListsOnlyDirectChildren) {
  FakeHost host;
  host.addFile("/srv/b", "");
  host.addFile("/srv/a/deep", "");
  EXPECT_THAT(host.list("/srv").value(), ElementsAre("a", "b"));
}

TEST(FakeHost, RemovesATreeAndNotItsNeighbours) {
  FakeHost host;
  host.addFile("/home/alice/x/y", "");
  host.addFile("/home/alice2/x", "");
  ASSERT_TRUE(host.removeTree("/home/alice").ok());
  EXPECT_FALSE(host.exists("/home/alice/x/y"));
  EXPECT_TRUE(host.exists("/home/alice2/x"));
  EXPECT_TRUE(host.removeTree("/home/alice").ok());
}

TEST(FakeHost, WritesIntoHomesOnlyAsTheirOwnerAndNeverOverAFile) {
  FakeHost host;
  EXPECT_EQ(host.makeHomeDirectory(kAlice, "sites", 0755).error().code, Code::kNotFound);
  host.addDirectory("/home/alice", {0710, 20000, 20000});
  ASSERT_TRUE(host.makeHomeDirectory(kAlice, "sites", 0755).ok());
  EXPECT_EQ(host.node("/home/alice/sites")->info.uid, 20000U);
  ASSERT_TRUE(host.writeHomeFileIfAbsent(kAlice, "sites/a", "one", 0644).ok());
  ASSERT_TRUE(host.writeHomeFileIfAbsent(kAlice, "sites/a", "two", 0644).ok());
  EXPECT_EQ(host.content("/home/alice/sites/a"), "one");
  EXPECT_FALSE(host.makeHomeDirectory(kAlice, "../bob", 0755).ok());
}

TEST(FakeHost, AnswersProgramsByTheirScript) {
  FakeHost host;
  host.onProgram(agent::Program::kSystemctl, [](const agent::Command& command) {
    return agent::ProgramOutput{command.arguments.at(0) == "is-active" ? 3 : 0, "inactive\n",
                                false};
  });
  EXPECT_EQ(host.query({agent::Program::kSystemctl, {"is-active", "nginx"}, ""}).value().exitCode,
            3);
  ASSERT_TRUE(host.run({agent::Program::kUfw, {"status"}, ""}).ok());
  EXPECT_THAT(host.commandLines(), ElementsAre("ufw status"));
  EXPECT_EQ(host.queries().size(), 1U);
}

TEST(FakeHost, FailsOnceAtTheChosenMutationWithoutItsEffect) {
  FakeHost host;
  host.failMutation(2, Error{Code::kInternal, "disk full", ""});
  EXPECT_TRUE(host.writeFile("/etc/a", "", {}).ok());
  EXPECT_EQ(host.writeFile("/etc/b", "", {}).error().message, "disk full");
  EXPECT_FALSE(host.exists("/etc/b"));
  EXPECT_TRUE(host.writeFile("/etc/b", "", {}).ok());
  EXPECT_EQ(host.mutations(), 3U);
}

TEST(FakeHost, CrashesAfterTheChosenMutationHadItsEffect) {
  FakeHost host;
  host.crashAfter(1);
  EXPECT_THROW((void)host.writeFile("/etc/a", "", {}), FakeCrash);
  EXPECT_TRUE(host.exists("/etc/a"));
  EXPECT_THROW((void)host.writeFile("/etc/b", "", {}), FakeCrash);
  EXPECT_FALSE(host.exists("/etc/b"));
  host.resetFaults();
  host.crashAfter(0);
  EXPECT_THROW((void)host.removeFile("/etc/a"), FakeCrash);
  EXPECT_TRUE(host.exists("/etc/a"));
}

TEST(FakeHost, MovesItsClockWhileSomebodyWaits) {
  FakeHost host;
  const auto before = host.now();
  int looks = 0;
  host.onPause([&looks] { ++looks; });
  host.pause(250ms);
  EXPECT_EQ(host.now() - before, 250ms);
  EXPECT_EQ(looks, 1);
}

TEST(FakeHost, GivesALockOnceAtATime) {
  FakeHost host;
  {
    auto first = host.lock(agent::Host::LockName::kNginx, 1s);
    ASSERT_TRUE(first.ok());
    EXPECT_EQ(host.lock(agent::Host::LockName::kNginx, 1s).error().code, Code::kBusy);
    EXPECT_TRUE(host.lock(agent::Host::LockName::kAccountFiles, 1s).ok());
  }
  EXPECT_TRUE(host.lock(agent::Host::LockName::kNginx, 1s).ok());
}

TEST(FakeHost, KillsProcessesOfTheAccountAndItsSubUidsOnly) {
  FakeHost host;
  host.addProcess(20000, 10, "php");
  host.addProcess(524288 + 33, 11, "nginx");
  host.addProcess(20001, 12, "other");
  EXPECT_EQ(host.processesOf(kAlice).value().size(), 2U);
  EXPECT_EQ(host.killProcessesOf(kAlice).value(), 2U);
  EXPECT_EQ(host.processesOf(kAlice).value().size(), 0U);
  host.addProcess(20000, 13, "stuck");
  host.makeUnkillable(13);
  EXPECT_EQ(host.killProcessesOf(kAlice).error().code, Code::kTimeout);
}

TEST(FakeHost, AsksTheEngineHandlerAndRecordsChangesOnly) {
  FakeHost host;
  EXPECT_EQ(host.engineQuery(kAlice, "/version").error().code, Code::kUnavailable);
  host.onEngine([](const agent::Identity& who,
                   const agent::EngineRequest& request) -> Result<agent::HttpReply> {
    return agent::HttpReply{200, who.username + request.path};
  });
  EXPECT_EQ(host.engineQuery(kAlice, "/version").value().body, "alice/version");
  ASSERT_TRUE(host.engine(kAlice, {"POST", "/networks/create", "{}", ""}).ok());
  ASSERT_EQ(host.engineRequests().size(), 1U);
  EXPECT_EQ(host.engineRequests()[0].second.path, "/networks/create");
}

}  // namespace
}  // namespace bulkhead::testing
