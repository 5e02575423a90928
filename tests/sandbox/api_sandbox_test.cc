// Children put the server's sandbox on and then try what an intruder would: they must die of it.
#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <thread>

#include <gtest/gtest.h>

#include "api/auth/secret.h"
#include "api/sandbox/sandbox.h"
#include "api/store/sqlite/database.h"
#include "tests/paths.h"

namespace bulkhead::api {
namespace {

constexpr int kDidIt = 42;      // the child came to the end of what it tried
constexpr int kNoSandbox = 43;  // the sandbox could not be put on

class ApiSandbox : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = "/tmp/bulkhead-sandbox-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    state_ = name;
  }
  void TearDown() override {
    std::error_code ignored;
    std::filesystem::remove_all(state_, ignored);
  }
  static std::vector<SyscallRule> rules() {
    const std::string path = std::string(BULKHEAD_SOURCE_DIR) + "/policy/seccomp/api.list";
    struct stat info {};
    EXPECT_EQ(::stat(path.c_str(), &info), 0);
    auto list = loadSeccompList(path, info.st_uid);
    EXPECT_TRUE(list.ok()) << (list.ok() ? "" : list.error().message);
    return list.ok() ? std::move(list).value() : std::vector<SyscallRule>{};
  }
  // The wait status of a child that tries `act` inside the sandbox.
  int statusOf(const std::function<void()>& act) {
    const auto list = rules();
    const pid_t child = ::fork();
    if (child == 0) {
      rlimit none{};
      (void)::setrlimit(RLIMIT_CORE, &none);  // ignoring: only keeps the disk clean
      if (!confineFiles(state_).ok() || !confineSyscalls(list).ok()) ::_exit(kNoSandbox);
      act();
      ::_exit(kDidIt);
    }
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return status;
  }
  void dies(const std::function<void()>& act) {
    const int status = statusOf(act);
    EXPECT_TRUE(WIFSIGNALED(status)) << "exit " << WEXITSTATUS(status);
    EXPECT_EQ(WTERMSIG(status), SIGSYS);
  }
  void lives(const std::function<void()>& act) {
    const int status = statusOf(act);
    EXPECT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
    EXPECT_EQ(WEXITSTATUS(status), kDidIt);
  }
  std::string state_;
};

void expectInChild(bool held) {
  if (!held) ::_exit(1);
}

TEST_F(ApiSandbox, EndsAnExec) {
  dies([] {
    char program[] = "/bin/true";
    char* arguments[] = {program, nullptr};
    char* environment[] = {nullptr};
    ::execve(program, arguments, environment);
  });
}
TEST_F(ApiSandbox, EndsAFork) {
  dies([] { (void)::syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr); });
}
TEST_F(ApiSandbox, EndsANewNamespace) {
  dies([] { (void)::syscall(SYS_unshare, 0x10000000 /*CLONE_NEWUSER*/); });
}
TEST_F(ApiSandbox, EndsAnInternetSocket) {
  dies([] { (void)::socket(AF_INET, SOCK_STREAM, 0); });
}
TEST_F(ApiSandbox, EndsAnInternet6Socket) {
  dies([] { (void)::socket(AF_INET6, SOCK_DGRAM, 0); });
}
TEST_F(ApiSandbox, EndsANetlinkSocket) {
  dies([] { (void)::socket(AF_NETLINK, SOCK_RAW, 0); });
}
TEST_F(ApiSandbox, EndsPtrace) {
  dies([] { (void)::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr); });
}
TEST_F(ApiSandbox, EndsReadingAnotherProcess) {
  dies([] { (void)::syscall(SYS_process_vm_readv, 1, nullptr, 0, nullptr, 0, 0); });
}
TEST_F(ApiSandbox, EndsAChangeOfUser) {
  dies([] { (void)::setuid(0); });
}
TEST_F(ApiSandbox, EndsAKill) {
  dies([] { (void)::kill(1, 0); });
}
TEST_F(ApiSandbox, EndsASignalToAnotherProcess) {
  dies([] { (void)::syscall(SYS_tgkill, 1, 1, 0); });
}
TEST_F(ApiSandbox, EndsAListeningSocket) {
  dies([] {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    (void)::listen(fd, 1);
  });
}
TEST_F(ApiSandbox, EndsExecutableMemory) {
  dies([] {
    (void)::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                 0);
  });
}
TEST_F(ApiSandbox, EndsMakingMemoryExecutable) {
  dies([] {
    void* page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    (void)::mprotect(page, 4096, PROT_READ | PROT_EXEC);
  });
}
TEST_F(ApiSandbox, EndsIoUring) {
  dies([] { (void)::syscall(SYS_io_uring_setup, 1, nullptr); });
}
TEST_F(ApiSandbox, EndsAMount) {
  dies([] { (void)::syscall(SYS_mount, nullptr, nullptr, nullptr, 0, nullptr); });
}
TEST_F(ApiSandbox, EndsARaisedLimit) {
  dies([] {
    rlimit limit{1, 1};
    (void)::syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, &limit, nullptr);
  });
}

TEST_F(ApiSandbox, LeavesThreadsAlone) {
  lives([] { std::thread([] {}).join(); });
}
TEST_F(ApiSandbox, LeavesUnixSocketsAlone) {
  lives([] { expectInChild(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0); });
}
TEST_F(ApiSandbox, LeavesRandomNumbersAlone) {
  lives([] { expectInChild(isToken(newToken(kSessionPrefix), kSessionPrefix)); });
}
TEST_F(ApiSandbox, LeavesDatabasesInTheStateDirectoryAlone) {
  lives([this] {
    static constexpr const char* kMigrations[] = {"CREATE TABLE t (a INTEGER) STRICT;"};
    auto database = sqlite::Database::open(state_ + "/x.db", kMigrations);
    expectInChild(database.ok());
    auto wrote =
        (*database)->write([](sqlite::Connection& c) { return c.run("INSERT INTO t VALUES (1)"); });
    expectInChild(wrote.ok());
    auto read = (*database)->read(
        [](sqlite::Connection& c) { return c.prepare("SELECT a FROM t").step(); });
    expectInChild(read.ok() && *read);
  });
}

TEST_F(ApiSandbox, KeepsOtherFilesFromBeingWritten) {
  std::string other = "/tmp/bulkhead-other-XXXXXX";
  const int fd = ::mkstemp(other.data());
  ASSERT_GE(fd, 0);
  ::close(fd);
  lives([&other] {
    expectInChild(::open(other.c_str(), O_WRONLY | O_CLOEXEC) < 0 && errno == EACCES);
    expectInChild(::open("/tmp/bulkhead-new", O_CREAT | O_WRONLY | O_CLOEXEC, 0600) < 0 &&
                  errno == EACCES);
  });
  EXPECT_EQ(::unlink(other.c_str()), 0);
}
TEST_F(ApiSandbox, KeepsOtherFilesFromBeingRead) {
  lives([] { expectInChild(::open("/etc/passwd", O_RDONLY | O_CLOEXEC) < 0 && errno == EACCES); });
}
}  // namespace
}  // namespace bulkhead::api
