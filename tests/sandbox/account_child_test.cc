// Plays the attacker from inside an account's child, and beside it.
#include "agent/host/account_child.h"

#include <fcntl.h>
#include <linux/securebits.h>
#include <signal.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/registry/registry.h"
#include "common/os/processes.h"
#include "tests/support/root.h"

namespace bulkhead::agent {
namespace {

using ::testing::HasSubstr;
using testing::RootDirectory;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

// An account that nobody else has, also when tests run side by side.
Identity tenant() {
  const uid_t uid = kUidFirst + static_cast<uid_t>(::getpid()) % 40000U;
  return {"tenant", uid, uid, "/home/tenant", 0, 0};
}

class AccountChild : public ::testing::Test {
 protected:
  void SetUp() override { testing::requireRoot(); }
  Result<std::string> asTenant(const std::function<Result<std::string>(int)>& work) {
    return runAsAccount(who, limits, work);
  }
  const Identity who = tenant();
  AccountWork limits;
};

TEST_F(AccountChild, HasTheAccountsIdsNoGroupsNoCapabilitiesAndNoWayToNewOnes) {
  const auto uid = std::to_string(who.uid);
  const auto status = asTenant([](int) -> Result<std::string> {
                        return testing::slurp("/proc/self/status");
                      }).value();
  const auto four = uid + "\t" + uid + "\t" + uid + "\t" + uid + "\n";
  EXPECT_THAT(status, HasSubstr("Uid:\t" + four));
  EXPECT_THAT(status, HasSubstr("Gid:\t" + four));
  EXPECT_THAT(status, HasSubstr("Groups:\t \n"));
  for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapAmb"})
    EXPECT_THAT(status, HasSubstr(set + std::string(":\t0000000000000000\n")));
  EXPECT_THAT(status, HasSubstr("NoNewPrivs:\t1\n"));
}

TEST_F(AccountChild, LosesCapabilitiesAlsoWhereAChangeOfUidTakesNone) {
  const int code = testing::runAs(0, [this] {
    if (::prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP | SECBIT_KEEP_CAPS) != 0) return 2;
    const auto status =
        asTenant([](int) -> Result<std::string> { return testing::slurp("/proc/self/status"); });
    return status.ok() && status->find("CapEff:\t0000000000000000\n") != std::string::npos ? 0 : 1;
  });
  EXPECT_EQ(code, 0);
}

TEST_F(AccountChild, LivesWithTheTighterLimitsOfAConfinedWorker) {
  const int code = testing::runAs(0, [this] {
    const rlimit tight{1, 1};
    const rlimit files{128, 128};
    if (::setrlimit(RLIMIT_CPU, &tight) != 0 || ::setrlimit(RLIMIT_NOFILE, &files) != 0) return 2;
    const cap_value_t kept[] = {CAP_SETUID, CAP_SETGID};
    const cap_t caps = ::cap_init();
    for (const auto flag : {CAP_PERMITTED, CAP_EFFECTIVE})
      if (::cap_set_flag(caps, flag, 2, kept, CAP_SET) != 0) return 3;
    if (::cap_set_proc(caps) != 0) return 4;
    return asTenant([](int) -> Result<std::string> { return std::string("ran"); }).ok() ? 0 : 1;
  });
  EXPECT_EQ(code, 0);
}

TEST_F(AccountChild, CannotBecomeRootAgain) {
  const RootDirectory root;
  fs::copy_file("/usr/bin/cat", root / "set-uid-cat");
  testing::spill(root / "secret", "s", 0600);
  ::chmod((root / "set-uid-cat").c_str(), 04755);
  // The set-uid program works for the tenant outside of such a child; without this the test would
  // prove nothing.
  const auto read = [&root] {
    const pid_t child = ::fork();
    if (child == 0) {
      ::execl((root / "set-uid-cat").c_str(), "cat", (root / "secret").c_str(), nullptr);
      ::_exit(99);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 98;
  };
  ASSERT_EQ(testing::runAs(who.uid, read), 0) << "/run is mounted nosuid here?";
  const auto tried = asTenant([&read](int) -> Result<std::string> {
    std::string gained;
    if (::setuid(0) == 0 || ::setresuid(0, 0, 0) == 0 || ::seteuid(0) == 0) gained += "uid ";
    if (::setgid(0) == 0 || ::setegid(0) == 0) gained += "gid ";
    if (::chroot("/") == 0) gained += "chroot ";
    if (read() == 0) gained += "set-uid program ";
    return gained;
  });
  EXPECT_EQ(tried.value(), "");
}

TEST_F(AccountChild, CannotReadFilesOfOthers) {
  const RootDirectory root;
  testing::spill(root / "roots", "r", 0600);
  testing::spill(root / "others", "o", 0600);
  ASSERT_EQ(::chown((root / "others").c_str(), who.uid + 1, who.uid + 1), 0);
  const auto read = asTenant([&root](int) -> Result<std::string> {
    return testing::slurp(root / "roots") + testing::slurp(root / "others") +
           testing::slurp("/etc/shadow");
  });
  EXPECT_EQ(read.value(), "");
}

TEST_F(AccountChild, InheritsOnlyTheDescriptorThatItWasGiven) {
  const RootDirectory root;
  testing::spill(root / "kept", "kept");
  const int leaked =
      ::open("/etc/shadow", O_RDONLY);  // NOLINT(android-cloexec-open): the point of the test
  limits.kept = ::open((root / "kept").c_str(), O_RDONLY | O_CLOEXEC);
  const auto open = asTenant([](int kept) -> Result<std::string> {
    std::string found;
    for (int fd = 0; fd < 4096; ++fd)
      if (::fcntl(fd, F_GETFD) != -1) found += std::to_string(fd) + " ";
    char text[8] = {};
    (void)!::read(kept, text, 4);
    return found + text;
  });
  EXPECT_EQ(open.value(), "0 1 2 3 4 kept");
  ::close(leaked);
  ::close(limits.kept);
}

// Tries every other process of its own uid, as fast as it can, until one lets it in: then it ends
// with 7.
pid_t startSpy(uid_t uid) {
  return testing::startAs(uid, [] {
    while (true)
      for (const auto& process : os::listProcesses().value()) {
        if (process.pid == ::getpid() || process.uids[1] != ::getuid() || process.dead) continue;
        const auto path = "/proc/" + std::to_string(process.pid);
        if (::open((path + "/mem").c_str(), O_RDONLY | O_CLOEXEC) >= 0) ::_exit(7);
        if (!testing::slurp(path + "/environ").empty()) ::_exit(7);
        if (::ptrace(PTRACE_SEIZE, process.pid, nullptr, nullptr) == 0) ::_exit(7);
      }
  });
}

TEST_F(AccountChild, CannotBeReadByTheTenantsOtherProcesses) {
  const auto spy = startSpy(who.uid);
  ASSERT_TRUE(asTenant([](int) -> Result<std::string> {
                ::usleep(1000000);
                return std::string();
              }).ok());
  EXPECT_EQ(::waitpid(spy, nullptr, WNOHANG), 0) << "the spy got in";
  // An ordinary process of the tenant lets the same spy in: it does look.
  const auto victim = testing::startAs(who.uid, [] {
    ::prctl(PR_SET_DUMPABLE, 1);
    while (true)
      ::pause();
  });
  int status = 0;
  for (int i = 0; i < 1000 && ::waitpid(spy, &status, WNOHANG) == 0; ++i)
    ::usleep(10000);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 7) << "the spy does not look";
  testing::endChild(victim);
  if (status == 0) testing::endChild(spy);
}

TEST_F(AccountChild, IsKilledAtItsTimeLimit) {
  limits.timeLimit = 200ms;
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(asTenant([](int) -> Result<std::string> {
              while (true)
                ::pause();
            })
                .error()
                .code,
            Code::kTimeout);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 3s);
  for (const auto& process : os::listProcesses().value())
    EXPECT_NE(process.uids[1], who.uid);
}

TEST_F(AccountChild, MayNotAnswerMoreThanAsked) {
  limits.resultBytesMax = 1000;
  EXPECT_EQ(
      asTenant([](int) -> Result<std::string> { return std::string(1U << 20U, 'x'); }).error().code,
      Code::kLimitExceeded);
  limits.resultBytesMax = 2U << 20U;
  EXPECT_EQ(
      asTenant([](int) -> Result<std::string> { return std::string(1U << 20U, 'x'); })->size(),
      1U << 20U);
}

TEST_F(AccountChild, ThatDiesBeforeItsAnswerIsSaidToBeUnavailable) {
  EXPECT_EQ(asTenant([](int) -> Result<std::string> {
              ::raise(SIGKILL);
              return std::string();
            })
                .error()
                .code,
            Code::kUnavailable);
}

TEST_F(AccountChild, ReportsErrorsWithTheirCodeAndFaultsWithoutDetail) {
  const auto refused = asTenant([](int) -> Result<std::string> {
    return Error{Code::kNotFound, "line one\nline two", "path"};
  });
  EXPECT_EQ(refused.error().code, Code::kNotFound);
  EXPECT_EQ(refused.error().message, "line one\nline two");
  EXPECT_EQ(refused.error().field, "path");
  const auto fault =
      asTenant([](int) -> Result<std::string> { throw std::runtime_error("secret"); });
  EXPECT_EQ(fault.error().code, Code::kInternal);
  EXPECT_THAT(fault.error().message, ::testing::Not(HasSubstr("secret")));
}

TEST_F(AccountChild, IsNeverStartedForASystemUser) {
  for (const uid_t uid : {0U, 1U, 33U, 1000U, 65534U}) {
    const Identity system{"system", uid, uid, "/", 0, 0};
    EXPECT_EQ(
        runAsAccount(system, limits, [](int) -> Result<std::string> { return std::string("ran"); })
            .error()
            .code,
        Code::kInternal);
  }
}

}  // namespace
}  // namespace bulkhead::agent
