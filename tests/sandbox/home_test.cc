// What a tenant can plant in its home, against what root does there.
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include <gtest/gtest.h>

#include "agent/host/real_host.h"
#include "agent/registry/registry.h"
#include "tests/support/points.h"
#include "tests/support/root.h"

namespace bulkhead::agent {
namespace {

using testing::RootDirectory;
namespace fs = std::filesystem;

class Home : public ::testing::Test {
 protected:
  // In memory, in a mount namespace of the test's own: tens of thousands of rounds wait for no
  // disk.
  void SetUp() override {
    ASSERT_EQ(::unshare(CLONE_NEWNS), 0);
    ASSERT_EQ(::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
    ASSERT_EQ(::mount("tmpfs", root.path().c_str(), "tmpfs", 0, "mode=0755"), 0);
    fs::create_directories(root / "home");
    fs::create_directories(root / "victim");
    testing::spill(root / "victim/kept", "kept", 0600);
    makeHome();
  }
  void TearDown() override { ::umount2(root.path().c_str(), MNT_DETACH); }

  void makeHome() {
    fs::create_directories(who.home);
    give(who.home);
  }
  void give(const std::string& path) const {
    ASSERT_EQ(::lchown(path.c_str(), who.uid, who.gid), 0);
  }
  std::string in(const std::string& name) const { return who.home + "/" + name; }
  bool victimIsTouched() const {
    struct stat info = {};
    return ::stat((root / "victim").c_str(), &info) != 0 || (info.st_mode & 07777U) != 0755U ||
           info.st_uid != 0 || std::distance(fs::directory_iterator(root / "victim"), {}) != 1;
  }
  void repairVictim() const {
    fs::remove_all(root / "victim");
    fs::create_directories(root / "victim");
    testing::spill(root / "victim/kept", "kept", 0600);
  }
  // Directories and links to the victim, in pairs. Built out of the tenant's reach: the harness
  // itself must not be led astray.
  void plant() const {
    const auto staging = root / "staging";
    fs::create_directories(staging);
    for (int i = 0; i < kPairs; ++i) {
      const auto number = std::to_string(i);
      fs::create_directories(staging + "/a" + number);
      testing::spill(staging + "/a" + number + "/file", "x");
      fs::create_symlink(root / "victim", staging + "/evil" + number);
      give(staging + "/a" + number);
      give(staging + "/evil" + number);
    }
    give(staging);
    fs::rename(staging, who.home);
  }
  // A tenant that exchanges them without end, also by a descriptor that it opened before the home
  // was moved.
  pid_t startExchanging() const {
    return testing::startAs(who.uid, [this] {
      while (true) {
        const int home = ::open(who.home.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        for (int i = 0; home >= 0 && i < 200; ++i) {
          const auto number = std::to_string(i % kPairs);
          (void)::renameat2(home, ("a" + number).c_str(), home, ("evil" + number).c_str(),
                            RENAME_EXCHANGE);
        }
        ::close(home);
      }
    });
  }
  // Until the tenant works on the tree that stands there now: an attack that sleeps proves nothing.
  void waitForExchange() const {
    for (int i = 0; i < 500 && !fs::is_symlink(in("a0")); ++i)
      ::usleep(100);
  }
  static constexpr int kPairs = 8;

  RootDirectory root;
  const Identity who{"tenant",
                     kUidFirst + static_cast<uid_t>(::getpid()) % 40000U,
                     kUidFirst + static_cast<uid_t>(::getpid()) % 40000U,
                     root / "home/tenant",
                     0,
                     0};
  RealHost host;
};

TEST_F(Home, GetsDirectoriesAndFilesThatBelongToTheTenant) {
  ASSERT_TRUE(host.makeHomeDirectory(who, "sites", 0750).ok());
  ASSERT_TRUE(host.makeHomeDirectory(who, "sites/a.test", 0755).ok());
  ASSERT_TRUE(host.makeHomeDirectory(who, "sites", 0755).ok());
  ASSERT_TRUE(host.writeHomeFileIfAbsent(who, "sites/a.test/index.html", "hello", 0644).ok());
  ASSERT_TRUE(host.writeHomeFileIfAbsent(who, "sites/a.test/index.html", "other", 0644).ok());
  EXPECT_EQ(testing::slurp(in("sites/a.test/index.html")), "hello");
  struct stat info = {};
  ASSERT_EQ(::stat(in("sites/a.test/index.html").c_str(), &info), 0);
  EXPECT_EQ(info.st_uid, who.uid);
  EXPECT_EQ(info.st_gid, who.gid);
  EXPECT_EQ(info.st_mode & 07777U, 0644U);
  ASSERT_EQ(::stat(in("sites").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0750U) << "what was there keeps its mode";
}

TEST_F(Home, IsNotLeftByLinksOrDots) {
  fs::create_symlink(root / "victim", in("link"));
  fs::create_symlink("../../victim", in("relative"));
  for (const char* path :
       {"link/x", "relative/x", "../../victim/x", "/etc/x", "a//b", "", ".", "..", "link"})
    EXPECT_FALSE(host.makeHomeDirectory(who, path, 0755).ok()) << path;
  for (const char* path : {"link/x", "relative/x", "../../victim/x", "/etc/x", ""})
    EXPECT_FALSE(host.writeHomeFileIfAbsent(who, path, "x", 0644).ok()) << path;
  EXPECT_FALSE(victimIsTouched());
}

TEST_F(Home, KeepsWhatTheTenantPutInTheWay) {
  ASSERT_EQ(::mkfifo(in("fifo").c_str(), 0600), 0);
  fs::create_hard_link(root / "victim/kept", in("hard"));
  fs::create_symlink(root / "victim/new", in("dangling"));
  for (const char* name : {"fifo", "hard", "dangling"}) {
    EXPECT_TRUE(host.writeHomeFileIfAbsent(who, name, "x", 0666).ok())
        << name << " exists, so nothing is written";
    EXPECT_FALSE(host.makeHomeDirectory(who, name, 0777).ok()) << name;
  }
  EXPECT_EQ(testing::slurp(root / "victim/kept"), "kept");
  struct stat info = {};
  ASSERT_EQ(::stat((root / "victim/kept").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0600U);
  EXPECT_FALSE(fs::exists(root / "victim/new"));
}

TEST_F(Home, OfSomebodyElseIsRefused) {
  ASSERT_EQ(::chown(who.home.c_str(), who.uid + 1, who.gid), 0);
  EXPECT_EQ(host.makeHomeDirectory(who, "x", 0755).error().code, Code::kConflict);
  fs::remove_all(who.home);
  EXPECT_EQ(host.makeHomeDirectory(who, "x", 0755).error().code, Code::kNotFound);
  fs::create_symlink(root / "victim", who.home);
  EXPECT_EQ(host.makeHomeDirectory(who, "x", 0755).error().code, Code::kPermissionDenied);
  EXPECT_FALSE(victimIsTouched());
}

TEST_F(Home, RefusesModesThatGiveRights) {
  EXPECT_EQ(host.makeHomeDirectory(who, "x", 02755).error().code, Code::kInternal);
  EXPECT_EQ(host.writeHomeFileIfAbsent(who, "x", "", 04755).error().code, Code::kInternal);
}

// ---- races. The naive way has to lose, or the harness proves nothing. Bounded by time, because
// each round starts processes and machines differ by far.

using Clock = std::chrono::steady_clock;
constexpr auto kNaiveTime =
    std::chrono::seconds(40);  // it ends at the first escapes, usually at once
constexpr int kNaiveEscapes = 3;
// A million rounds when all of it is asked for.
const auto kTime = testing::isDeep() ? std::chrono::seconds(6 * 3600) : std::chrono::seconds(12);
const int kRoundsMax = testing::isDeep() ? 1'000'000 : 20'000;
constexpr int kRoundsMin = 50;

TEST_F(Home, MakingDirectoriesWhileTheTenantExchangesTheirParentNeverEscapes) {
  fs::remove_all(who.home);
  plant();
  const auto attacker = startExchanging();
  int naive = 0;
  for (const auto end = Clock::now() + kNaiveTime; naive < kNaiveEscapes && Clock::now() < end;) {
    const auto path = in("a0/new");
    if (::mkdir(path.c_str(), 0755) == 0) (void)!::chown(path.c_str(), who.uid, who.gid);
    if (victimIsTouched()) {
      ++naive;
      repairVictim();
    }
    (void)::rmdir(path.c_str());
  }
  EXPECT_EQ(naive, kNaiveEscapes) << "the race is not real on this machine";
  repairVictim();
  int made = 0;
  int rounds = 0;
  for (const auto end = Clock::now() + kTime; rounds < kRoundsMax && Clock::now() < end; ++rounds) {
    const auto name = "a0/" + std::to_string(rounds % 50);
    made += host.makeHomeDirectory(who, name, 0777).ok() ? 1 : 0;
    (void)host.writeHomeFileIfAbsent(who, name + "/f", "x", 0666);
    ASSERT_FALSE(victimIsTouched()) << "escape in round " << rounds;
  }
  testing::endChild(attacker);
  EXPECT_GE(rounds, kRoundsMin);
  EXPECT_GT(made, 0) << "the tenant's games must not stop everything";
  testing::notePoints(static_cast<std::size_t>(rounds));
}

// rm -r as it is usually written: names, not descriptors.
void removeNaively(const std::string& path) {
  DIR* directory = ::opendir(path.c_str());
  if (directory == nullptr) return;
  while (const auto* entry = ::readdir(directory)) {
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    struct stat info = {};
    if (::lstat((path + "/" + name).c_str(), &info) != 0) continue;
    if (S_ISDIR(info.st_mode))
      removeNaively(path + "/" + name);
    else
      (void)::unlink((path + "/" + name).c_str());
  }
  ::closedir(directory);
  (void)::rmdir(path.c_str());
}

// "Busy" is an honest answer to a tenant who writes faster than the tree is removed; the caller
// asks again.
bool removes(Host& host, const std::string& path) {
  constexpr int kAskedMax = 50;
  for (int asked = 0; asked < kAskedMax; ++asked) {
    const auto done = host.removeTree(path);
    if (done.ok()) return true;
    if (done.error().code != Code::kBusy) {
      ADD_FAILURE() << done.error().message;
      return false;
    }
  }
  return false;
}

TEST_F(Home, RemovingATreeWhileTheTenantExchangesItsPartsNeverEscapes) {
  ASSERT_TRUE(removes(host, who.home));
  const auto attacker = startExchanging();
  int naive = 0;
  for (const auto end = Clock::now() + kNaiveTime; naive < kNaiveEscapes && Clock::now() < end;) {
    plant();
    waitForExchange();
    removeNaively(who.home);
    if (victimIsTouched()) {
      ++naive;
      repairVictim();
    }
    ASSERT_TRUE(removes(host, who.home));
  }
  EXPECT_EQ(naive, kNaiveEscapes) << "the race is not real on this machine";
  repairVictim();
  int rounds = 0;
  for (const auto end = Clock::now() + kTime; rounds < kRoundsMax && Clock::now() < end; ++rounds) {
    plant();
    waitForExchange();
    ASSERT_TRUE(removes(host, who.home));
    ASSERT_FALSE(victimIsTouched()) << "escape in round " << rounds;
    ASSERT_FALSE(fs::exists(who.home));
  }
  testing::endChild(attacker);
  EXPECT_GE(rounds, kRoundsMin);
  EXPECT_TRUE(fs::is_empty(root / "home")) << "no trash is left";
  testing::notePoints(static_cast<std::size_t>(rounds));
}

// As in /tmp. Its processes are gone before its leftovers are removed; one that is not gains
// nothing.
TEST_F(Home, RemovingLeftoversWhileTheTenantExchangesThemNeverEscapes) {
  ASSERT_TRUE(removes(host, who.home));
  ASSERT_EQ(::chmod((root / "home").c_str(), 01777), 0);
  testing::spill(root / "home/of-others", "kept");
  const auto attacker = startExchanging();
  int rounds = 0;
  for (const auto end = Clock::now() + kTime; rounds < kRoundsMax && Clock::now() < end; ++rounds) {
    plant();
    waitForExchange();
    const auto removed = host.removeLeftovers(who, root / "home");
    ASSERT_TRUE(removed.ok() || removed.error().code == Code::kBusy) << removed.error().message;
    ASSERT_FALSE(victimIsTouched()) << "escape in round " << rounds;
    ASSERT_TRUE(removes(host, who.home));
  }
  testing::endChild(attacker);
  EXPECT_GE(rounds, kRoundsMin);
  EXPECT_EQ(host.list(root / "home").value(), std::vector<std::string>{"of-others"});
  testing::notePoints(static_cast<std::size_t>(rounds));
}

}  // namespace
}  // namespace bulkhead::agent
