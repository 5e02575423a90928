#include "common/os/processes.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "tests/support/root.h"

namespace bulkhead::os {
namespace {

using namespace std::chrono_literals;

TEST(ListProcesses, ShowsThisProcessAndItsParentAndItsUids) {
  testing::requireRoot();
  bool found = false;
  for (const auto& process : listProcesses().value()) {
    if (process.pid != ::getpid()) continue;
    found = true;
    EXPECT_EQ(process.parent, ::getppid());
    EXPECT_EQ(process.uids[1], ::geteuid());
    EXPECT_EQ(process.session, ::getsid(0));
    EXPECT_GT(process.started, 0U);
    EXPECT_FALSE(process.dead);
  }
  EXPECT_TRUE(found);
}

TEST(ListProcesses, TakesAZombieForDead) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  siginfo_t info = {};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
  for (const auto& process : listProcesses().value())
    EXPECT_TRUE(process.pid != child || process.dead);
  ::waitpid(child, nullptr, 0);
}

TEST(KillProcessTree, EndsGrandchildrenThatLeftTheGroup) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    if (::fork() == 0) {
      ::setsid();
      if (::fork() == 0) (void)!::write(ready[1], "x", 1);
    }
    while (true)
      ::pause();
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_EQ(killProcessTree(child, 5s).value(), 3U);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status));
}

TEST(KillProcessTree, LeavesSiblingsAlone) {
  const auto start = [] {
    const pid_t child = ::fork();
    if (child == 0)
      while (true)
        ::pause();
    return child;
  };
  const auto victim = start();
  const auto sibling = start();
  EXPECT_EQ(killProcessTree(victim, 5s).value(), 1U);
  EXPECT_EQ(::waitpid(sibling, nullptr, WNOHANG), 0);
  testing::endChild(sibling);
  ::waitpid(victim, nullptr, 0);
}

}  // namespace
}  // namespace bulkhead::os
