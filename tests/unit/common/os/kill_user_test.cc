#include "common/os/kill_user.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/os/processes.h"
#include "tests/support/root.h"

namespace bulkhead::os {
namespace {

using namespace std::chrono_literals;

// Nobody's on a machine that runs these tests, and others for each test process.
const uid_t kUid = 3100000000U + 4U * static_cast<uid_t>(::getpid());
const uid_t kSubUid = kUid + 1;
const uid_t kStranger = kUid + 2;
const uid_t kSender = kUid + 3;

// Processes of a sub-uid outside of every user namespace, too: a set-uid file makes such.
Tenant tenant() { return {kUid, kSubUid, 1, kSender}; }

std::size_t aliveOf(uid_t uid) {
  std::size_t count = 0;
  for (const auto& process : listProcesses().value())
    if (!process.dead && process.uids[0] == uid) ++count;
  return count;
}

// A test that fails must leave a usable machine: so many processes, and for so long.
constexpr rlim_t kProcessesMax = 100;
constexpr auto kBombLife = 60s;

bool isOver(std::chrono::steady_clock::time_point started) {
  return std::chrono::steady_clock::now() > started + kBombLife;
}

void boundProcesses() {
  const rlimit bound{kProcessesMax, kProcessesMax};
  ::setrlimit(RLIMIT_NPROC, &bound);
  ::signal(SIGCHLD, SIG_IGN);
}

void rest() {
  while (true)
    ::pause();
}

// A process that has SIGKILL pending still has to get to a core to end.
bool comesTrue(const std::function<bool()>& condition) {
  const auto started = std::chrono::steady_clock::now();
  while (!condition() && std::chrono::steady_clock::now() < started + 20s)
    ::usleep(5000);
  return condition();
}

// Forks and leaves the rest to its child: whoever reads its pid, reads of a process that is gone.
void runAway() {
  boundProcesses();
  for (const auto started = std::chrono::steady_clock::now(); !isOver(started);)
    if (::fork() > 0) ::_exit(0);
}

// Every process starts new ones until there is no room; one that dies makes room.
void explode() {
  boundProcesses();
  for (const auto started = std::chrono::steady_clock::now(); !isOver(started);)
    (void)!::fork();
}

// Processes of no tenant that keep all cores busy.
class BusyMachine {
 public:
  BusyMachine() {
    for (int i = 0; i < 4; ++i)
      pids_.push_back(testing::startAs(kStranger, [] {
        for (const auto started = std::chrono::steady_clock::now(); !isOver(started);) {
        }
      }));
  }
  BusyMachine(const BusyMachine&) = delete;
  BusyMachine& operator=(const BusyMachine&) = delete;
  ~BusyMachine() {
    for (const auto pid : pids_)
      testing::endChild(pid);
  }
  bool isWhole() const {
    for (const auto pid : pids_)
      if (::waitpid(pid, nullptr, WNOHANG) != 0) return false;
    return true;
  }

 private:
  std::vector<pid_t> pids_;
};

// Returns when all of them have become the user: whoever comes later is not there to be killed.
// None begins before, or the first would kill the next before that one could tell.
void startAll(uid_t uid, int count, void (*work)()) {
  int started[2];
  int go[2];  // at its end when the last writer has closed it
  ASSERT_EQ(::pipe2(started, O_CLOEXEC), 0);
  ASSERT_EQ(::pipe2(go, O_CLOEXEC), 0);
  for (int i = 0; i < count; ++i)
    (void)testing::startAs(uid, [&] {  // ignoring the pid: it forks away from it
      char byte = 0;
      ::close(go[1]);
      (void)!::write(started[1], "x", 1);
      (void)!::read(go[0], &byte, 1);
      work();
    });
  for (char byte = 0; count > 0; --count)
    ASSERT_EQ(::read(started[0], &byte, 1), 1);
  for (const int fd : {started[0], started[1], go[0], go[1]})
    ::close(fd);
  ::usleep(50'000);  // in which they get to work
}

void reap() {
  while (::waitpid(-1, nullptr, WNOHANG) > 0) {
  }
}

TEST(KillUser, EndsEveryProcessOfAUserAndNobodyElses) {
  testing::requireRoot();
  const BusyMachine busy;
  startAll(kUid, 5, rest);
  EXPECT_EQ(aliveOf(kUid), 5U);
  ASSERT_TRUE(killUser(kUid, kSender, 10s).ok());
  EXPECT_TRUE(comesTrue([] { return aliveOf(kUid) == 0; }));
  EXPECT_TRUE(busy.isWhole());
  reap();
}

TEST(KillUser, EndsForkBombsWithOneCall) {
  testing::requireRoot();
  const BusyMachine busy;
  startAll(kUid, 6, runAway);
  startAll(kUid, 1, explode);
  ASSERT_TRUE(killUser(kUid, kSender, 10s).ok());
  EXPECT_TRUE(comesTrue([] { return aliveOf(kUid) == 0; }));
  reap();
}

TEST(KillUser, EndsAlsoOtherUidsInAUserNamespaceOfTheUser) {
  testing::requireRoot();
  int ready[2];
  int mapped[2];
  ASSERT_EQ(::pipe(ready), 0);
  ASSERT_EQ(::pipe(mapped), 0);
  // As newuidmap does for a rootless engine: the user makes the namespace, root maps a sub-uid.
  const auto child = testing::startAs(kUid, [&] {
    char byte = 0;
    if (::unshare(CLONE_NEWUSER) != 0) return;
    (void)!::write(ready[1], "x", 1);
    (void)!::read(mapped[0], &byte, 1);
    if (::setresuid(33, 33, 33) != 0) return;
    (void)!::write(ready[1], "y", 1);
    while (true)
      ::pause();
  });
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  std::ofstream("/proc/" + std::to_string(child) + "/uid_map")
      << "0 " + std::to_string(kUid) + " 1\n33 " + std::to_string(kSubUid) + " 1\n";
  (void)!::write(mapped[1], "x", 1);
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  ASSERT_EQ(byte, 'y');
  ASSERT_EQ(aliveOf(kSubUid), 1U);
  ASSERT_TRUE(killUser(kUid, kSender, 10s).ok());
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status));
}

TEST(KillUser, RefusesRootAndASenderThatIsTheUser) {
  EXPECT_EQ(killUser(0, kSender, 1s).error().code, Code::kInternal);
  EXPECT_EQ(killUser(kUid, 0, 1s).error().code, Code::kInternal);
  EXPECT_EQ(killUser(kUid, kUid, 1s).error().code, Code::kInternal);
}

TEST(KillUser, IsNoWayToKillForWhoMayNotBecomeTheUser) {
  testing::requireRoot();
  startAll(kUid, 1, rest);
  const int code = testing::runAs(kStranger, [] {
    const auto done = killUser(kUid, kSender, 10s);
    return !done.ok() && done.error().code == Code::kInternal ? 0 : 1;
  });
  EXPECT_EQ(code, 0);
  EXPECT_EQ(aliveOf(kUid), 1U);
  ASSERT_TRUE(killUser(kUid, kSender, 10s).ok());
  reap();
}

TEST(KillUser, IsNotStoppedByAUserThatKillsEverythingItCan) {
  testing::requireRoot();
  for (int round = 0; round < 20; ++round) {
    startAll(kUid, 2, [] {
      for (const auto started = std::chrono::steady_clock::now(); !isOver(started);)
        ::kill(-1, SIGKILL);
    });
    ASSERT_TRUE(killUser(kUid, kSender, 10s).ok()) << round;
  }
  EXPECT_TRUE(comesTrue([] { return aliveOf(kUid) == 0; }));
  reap();
}

TEST(KillTenant, EndsManyForkBombsOnABusyMachineTimeAndAgain) {
  testing::requireRoot();
  const BusyMachine busy;
  for (int round = 0; round < 3; ++round) {
    startAll(kUid, 4, runAway);
    startAll(kSubUid, 4, runAway);
    startAll(kUid, 1, explode);
    ::usleep(50000);
    const auto ended = killTenant(tenant(), 20s);
    ASSERT_TRUE(ended.ok()) << round << ": " << ended.error().message;
    EXPECT_GE(*ended, 1U) << round;
    reap();
    EXPECT_EQ(aliveOf(kUid) + aliveOf(kSubUid), 0U) << round;
  }
  EXPECT_TRUE(busy.isWhole());
}

TEST(KillTenant, SaysThatThereWasNothingToEnd) {
  testing::requireRoot();
  EXPECT_EQ(killTenant(tenant(), 5s).value(), 0U);
}

TEST(KillTenant, FindsAProcessThatIsTheTenantsByItsSavedUidOnly) {
  testing::requireRoot();
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    if (::setresuid(0, 0, kUid) != 0) ::_exit(1);
    (void)!::write(ready[1], "x", 1);
    while (true)
      ::pause();
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_EQ(killTenant(tenant(), 5s).value(), 1U);
  ::waitpid(child, nullptr, 0);
}

}  // namespace
}  // namespace bulkhead::os
