#include "agent/host/real_host.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/host/apart.h"
#include "agent/registry/registry.h"
#include "tests/support/root.h"

namespace bulkhead::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::RootDirectory;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

class RealHostTest : public ::testing::Test {
 protected:
  RealHost::Paths paths() { return {root / "pwd.lock", root / "nginx.lock", root / "engines"}; }
  RootDirectory root;
  RealHost host{paths()};
};

TEST_F(RealHostTest, WritesReadsListsAndRemovesFiles) {
  ASSERT_TRUE(host.makeDirectory(root / "d", {0750, 0, 42}).ok());
  ASSERT_TRUE(host.writeFile(root / "d/b", "text", {0640, 20000, 42}).ok());
  ASSERT_TRUE(host.writeFile(root / "d/a", "", {}).ok());
  EXPECT_EQ(host.readFile(root / "d/b").value(), "text");
  const auto info = host.inspect(root / "d/b").value();
  EXPECT_EQ(info.type, FileType::kRegular);
  EXPECT_EQ(info.mode, 0640U);
  EXPECT_EQ(info.uid, 20000U);
  EXPECT_EQ(info.sizeBytes, 4U);
  EXPECT_EQ(host.inspect(root / "d")->gid, 42U);
  EXPECT_THAT(host.list(root / "d").value(), ElementsAre("a", "b"));
  ASSERT_TRUE(host.removeFile(root / "d/b").ok());
  ASSERT_TRUE(host.removeFile(root / "d/b").ok());
  EXPECT_EQ(host.readFile(root / "d/b").error().code, Code::kNotFound);
  ASSERT_TRUE(host.removeTree(root / "d").ok());
  EXPECT_EQ(host.inspect(root / "d").error().code, Code::kNotFound);
}

TEST_F(RealHostTest, RemovesADirectoryOnlyWhileItIsEmpty) {
  fs::create_directories(root / "d/below");
  ASSERT_TRUE(host.removeEmptyDirectory(root / "d").ok());
  EXPECT_TRUE(fs::exists(root / "d/below")) << "it is in use";
  ASSERT_TRUE(host.removeEmptyDirectory(root / "d/below").ok());
  ASSERT_TRUE(host.removeEmptyDirectory(root / "d/below").ok()) << "absent is fine";
  ASSERT_TRUE(host.removeEmptyDirectory(root / "d").ok());
  EXPECT_FALSE(fs::exists(root / "d"));
  EXPECT_TRUE(host.removeEmptyDirectory(root / "d/below").ok());
  testing::spill(root / "file", "x");
  EXPECT_EQ(host.removeEmptyDirectory(root / "file").error().code, Code::kPermissionDenied);
  fs::create_directory_symlink(root.path(), root / "link");
  EXPECT_EQ(host.removeEmptyDirectory(root / "link").error().code, Code::kPermissionDenied);
  EXPECT_TRUE(fs::exists(root / "link"));
}

TEST_F(RealHostTest, RefusesEveryPathThroughADirectoryThatIsNotRoots) {
  fs::create_directories(root / "home/alice");
  testing::spill(root / "home/alice/file", "tenant's");
  ASSERT_EQ(::chown((root / "home/alice").c_str(), 20000, 20000), 0);
  const auto inside = root / "home/alice/file";
  EXPECT_EQ(host.readFile(inside).error().code, Code::kPermissionDenied);
  EXPECT_EQ(host.inspect(inside).error().code, Code::kPermissionDenied);
  EXPECT_EQ(host.writeFile(inside, "x", {}).error().code, Code::kPermissionDenied);
  EXPECT_EQ(host.removeFile(inside).error().code, Code::kPermissionDenied);
  EXPECT_EQ(host.makeDirectory(root / "home/alice/d", {}).error().code, Code::kPermissionDenied);
  EXPECT_EQ(host.removeTree(inside).error().code, Code::kPermissionDenied);
  EXPECT_EQ(testing::slurp(inside), "tenant's");
}

TEST_F(RealHostTest, FollowsNoLinkAndOpensNoDevice) {
  testing::spill(root / "target", "safe");
  fs::create_symlink("target", root / "link");
  ASSERT_EQ(::mkfifo((root / "fifo").c_str(), 0600), 0);
  EXPECT_EQ(host.readFile(root / "link").error().code, Code::kPermissionDenied);
  EXPECT_EQ(host.inspect(root / "link")->type, FileType::kSymlink);
  EXPECT_EQ(host.writeFile(root / "link", "x", {}).error().code, Code::kPermissionDenied);
  EXPECT_EQ(host.makeDirectory(root / "link", {0755, 0, 0}).error().code, Code::kPermissionDenied);
  EXPECT_EQ(host.readFile(root / "fifo").error().code, Code::kPermissionDenied)
      << "and does not wait for a writer";
  ASSERT_TRUE(host.removeFile(root / "link").ok());
  EXPECT_EQ(testing::slurp(root / "target"), "safe");
}

TEST_F(RealHostTest, NeverSetsASetUidBit) {
  EXPECT_EQ(host.writeFile(root / "f", "", {04755, 0, 0}).error().code, Code::kInternal);
  EXPECT_EQ(host.makeDirectory(root / "d", {02755, 0, 0}).error().code, Code::kInternal);
  EXPECT_FALSE(fs::exists(root / "f"));
}

TEST_F(RealHostTest, SetsAttributesOfADirectoryThatExists) {
  fs::create_directories(root / "d");
  ASSERT_TRUE(host.makeDirectory(root / "d", {0710, 20000, 20000}).ok());
  EXPECT_EQ(host.inspect(root / "d")->uid, 20000U);
  EXPECT_EQ(host.inspect(root / "d")->mode, 0710U);
}

TEST_F(RealHostTest, ReadsKernelFilesThatSayTheyAreEmpty) {
  EXPECT_THAT(host.readFile("/proc/meminfo").value(), HasSubstr("MemTotal"));
}

TEST_F(RealHostTest, HidesAndRemovesWhatKilledWritersLeft) {
  testing::spill(root / ".bulkhead-tmp-0123456789abcdef", "half");
  EXPECT_TRUE(host.list(root.path()).value().empty());
  ASSERT_TRUE(host.removeTemporaries(root.path()).ok());
  EXPECT_TRUE(fs::is_empty(root.path()));
}

TEST_F(RealHostTest, StartsProgramsByTheirAbsolutePathAndCountsTheirTime) {
  const auto end = host.query({Program::kSystemctl, {"--version"}, ""});
  ASSERT_TRUE(end.ok()) << end.error().message;
  EXPECT_THAT(end->output, HasSubstr("systemd"));
  EXPECT_GT(host.externalMicros(), 0U);
  EXPECT_EQ(commandLine({Program::kUfw, {"allow", "80"}, ""}), "ufw allow 80");
}

TEST_F(RealHostTest, SaysThatAMissingProgramIsUnsupported) {
  ASSERT_FALSE(fs::exists(kQuotaProgram)) << "this machine has the package";
  EXPECT_EQ(host.query({Program::kQuota, {"get", "/home", "20000"}, ""}).error().code,
            Code::kUnsupported);
}

TEST_F(RealHostTest, GivesALockToOneAtATime) {
  {
    auto first = host.lock(Host::LockName::kNginx, 0ms);
    ASSERT_TRUE(first.ok()) << first.error().message;
    EXPECT_EQ(host.lock(Host::LockName::kNginx, 50ms).error().code, Code::kBusy);
    EXPECT_TRUE(host.lock(Host::LockName::kAccountFiles, 0ms).ok());
    const auto other =
        testing::runAs(0, [this] { return host.lock(Host::LockName::kNginx, 0ms).ok() ? 1 : 0; });
    EXPECT_EQ(other, 0) << "another process got it, too";
  }
  EXPECT_TRUE(host.lock(Host::LockName::kNginx, 0ms).ok());
}

TEST_F(RealHostTest, WaitsForTheLockOfAnAccountTool) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t tool = ::fork();
  if (tool == 0) {  // as lckpwdf() does it: a POSIX lock on the whole file
    const int file = ::open((root / "pwd.lock").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    struct flock whole = {};
    whole.l_type = F_WRLCK;
    (void)!::fcntl(file, F_SETLKW, &whole);
    (void)!::write(ready[1], "x", 1);
    ::usleep(200000);
    ::_exit(0);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_EQ(host.lock(Host::LockName::kAccountFiles, 0ms).error().code, Code::kBusy);
  EXPECT_TRUE(host.lock(Host::LockName::kAccountFiles, 5s).ok());
  ::waitpid(tool, nullptr, 0);
}

TEST_F(RealHostTest, RefusesToActOnAnIdentityOutsideTheManagedRange) {
  for (const uid_t uid : {0U, 33U, 1000U, kUidFirst - 1, kUidLast + 1, 65534U}) {
    const Identity who{"alice", uid, uid, root / "home", 0, 0};
    EXPECT_EQ(host.killProcessesOf(who).error().code, Code::kInternal) << uid;
    EXPECT_EQ(host.processesOf(who).error().code, Code::kInternal) << uid;
    EXPECT_EQ(host.makeHomeDirectory(who, "x", 0755).error().code, Code::kInternal) << uid;
    EXPECT_EQ(host.engineQuery(who, "/version").error().code, Code::kInternal) << uid;
  }
  const Identity wide{"alice", kUidFirst, kUidFirst, root / "home", 0, 0xFFFFFFFF};
  EXPECT_EQ(host.killProcessesOf(wide).error().code, Code::kInternal)
      << "sub-uids that reach over everybody";
  const Identity foreignGroup{"alice", kUidFirst, 0, root / "home", 0, 0};
  EXPECT_EQ(host.makeHomeDirectory(foreignGroup, "x", 0755).error().code, Code::kInternal);
}

TEST_F(RealHostTest, FindsAndKillsProcessesOfTheAccount) {
  const uid_t uid = kUidFirst + static_cast<uid_t>(::getpid()) % 40000U;
  const Identity who{"alice", uid, uid, root / "home", 0, 0};
  const auto child = testing::startAs(uid, [] {
    while (true)
      ::pause();
  });
  for (int i = 0; i < 200 && host.processesOf(who)->empty(); ++i)
    ::usleep(5000);
  EXPECT_EQ(host.processesOf(who)->size(), 1U);
  EXPECT_EQ(host.killProcessesOf(who).value(), 1U);
  EXPECT_TRUE(host.processesOf(who)->empty()) << "a zombie is not a process";
  ::waitpid(child, nullptr, 0);
}

TEST_F(RealHostTest, FindsTheFileSystemOfAPath) {
  const auto info = host.fileSystem("/proc").value();
  EXPECT_EQ(info.type, "proc");
  EXPECT_EQ(info.mountPoint, "/proc");
  EXPECT_GT(host.fileSystem(root.path())->totalBytes, 0U);
  EXPECT_GT(host.fileSystem("/")->freeBytes, 0U);
  EXPECT_EQ(host.fileSystem(root / "none").error().code, Code::kNotFound);
}

TEST_F(RealHostTest, RemovesWhatTheAccountLeftInASharedDirectoryAndNothingElse) {
  const Identity who{"alice", 20000, 20000, root / "home", kSubUidBase, kSubUidCount};
  fs::create_directories(root / "shared/hers/deep");
  ::chmod((root / "shared").c_str(), 01777);
  for (const char* name : {"file", "of-sub-uid", "roots", "bobs"})
    testing::spill(root / (std::string("shared/") + name), "x");
  fs::create_symlink("/etc/passwd", root / "shared/link");
  const auto give = [this](const char* name, uid_t uid) {
    return ::lchown((root / (std::string("shared/") + name)).c_str(), uid, uid);
  };
  ASSERT_EQ(give("hers", 20000) + give("file", 20000) + give("link", 20000) +
                give("of-sub-uid", kSubUidBase + 33) + give("bobs", 20001),
            0);
  EXPECT_THAT(host.leftovers(who, root / "shared").value(),
              ElementsAre("file", "hers", "link", "of-sub-uid"));
  ASSERT_TRUE(host.removeLeftovers(who, root / "shared").ok());
  EXPECT_THAT(host.list(root / "shared").value(), ElementsAre("bobs", "roots"));
  EXPECT_TRUE(fs::exists("/etc/passwd"));
  EXPECT_TRUE(host.leftovers(who, root / "none").value().empty());
  EXPECT_TRUE(host.removeLeftovers(who, root / "none").ok());
}

TEST_F(RealHostTest, NamesOnlySomeOfManyLeftoversAndRemovesAll) {
  const Identity who{"alice", 20000, 20000, root / "home", kSubUidBase, kSubUidCount};
  fs::create_directories(root / "shared");
  for (std::size_t i = 0; i < 2 * kLeftoversMax; ++i) {
    const auto path = root / ("shared/own" + std::to_string(i));
    testing::spill(path, "x");
    ASSERT_EQ(::chown(path.c_str(), 20000, 20000), 0);
    testing::spill(root / ("shared/other" + std::to_string(i)), "x");
  }
  EXPECT_EQ(host.leftovers(who, root / "shared")->size(), kLeftoversMax);
  ASSERT_TRUE(host.removeLeftovers(who, root / "shared").ok());
  EXPECT_TRUE(host.leftovers(who, root / "shared")->empty());
  EXPECT_EQ(host.list(root / "shared")->size(), 2 * kLeftoversMax);
}

// Of every kind, and under the very name by which a killed call of this account would be known.
TEST_F(RealHostTest, RemovesLeftoversWhereSomebodyPlantedAFalseTrash) {
  const Identity who{"alice", 20000, 20000, root / "home", kSubUidBase, kSubUidCount};
  const auto falseTrash = [this](const std::string& digit) {
    return root / ("shared/.bulkhead-trash-uid 20000-0123456789abcde" + digit);
  };
  fs::create_directories(root / "shared/hers/below");
  ASSERT_EQ(::chown((root / "shared/hers").c_str(), 20000, 20000), 0);
  fs::create_directories(falseTrash("0") + "/kept");
  testing::spill(falseTrash("1"), "x");
  ASSERT_EQ(::mkfifo(falseTrash("2").c_str(), 0600), 0);
  fs::create_directory_symlink("/etc", falseTrash("3"));
  fs::create_directories(falseTrash("4"));  // roots own, but open to others
  for (const char* digit : {"0", "1", "2", "3"})
    ASSERT_EQ(::lchown(falseTrash(digit).c_str(), 20001, 20001), 0);
  const auto removed = host.removeLeftovers(who, root / "shared");
  ASSERT_TRUE(removed.ok()) << removed.error().message;
  EXPECT_FALSE(fs::exists(root / "shared/hers"));
  EXPECT_TRUE(fs::exists(falseTrash("0") + "/kept"));
  EXPECT_EQ(host.list(root / "shared")->size(), 5U);
}

TEST_F(RealHostTest, ProbesOnlySocketsInDirectoriesOfRoot) {
  EXPECT_EQ(
      host.probe({.port = 1, .socketPath = "", .hostHeader = "a.test", .path = "/"}).error().code,
      Code::kUnavailable);
  testing::spill(root / "file", "");
  EXPECT_EQ(host.probe({.port = 0, .socketPath = root / "file", .hostHeader = "a", .path = "/"})
                .error()
                .code,
            Code::kUnavailable);
  fs::create_directories(root / "tenant");
  ASSERT_EQ(::chown((root / "tenant").c_str(), 20000, 20000), 0);
  EXPECT_EQ(host.probe({.port = 0, .socketPath = root / "tenant/s", .hostHeader = "a", .path = "/"})
                .error()
                .code,
            Code::kPermissionDenied);
}

}  // namespace
}  // namespace bulkhead::agent
