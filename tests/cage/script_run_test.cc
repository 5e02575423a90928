// Scripts started as somebody else, on the host and in the cage: what they are, see and can do.
#include "cli/cloudlinux/script_run.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include <gtest/gtest.h>

#include "tests/support/root.h"

namespace bulkhead::cli::cloudlinux {
namespace {

using ::bulkhead::testing::RootDirectory;
using ::bulkhead::testing::slurp;
using ::bulkhead::testing::spill;
namespace fs = std::filesystem;

constexpr uid_t kTenant = 59123;  // nobody has it

class ScriptRunTest : public ::testing::Test {
 protected:
  void SetUp() override {
    tenant.name = "tenant";
    tenant.uid = kTenant;
    tenant.gid = kTenant;
    tenant.home = root / "home";
    fs::create_directories(tenant.home);
    ASSERT_EQ(::chown(tenant.home.c_str(), kTenant, kTenant), 0);
  }
  // A script of root's in the tenant's home, where the cage shows it too.
  ScriptCall script(const std::string& body, Person person, Place place = Place::kHost) {
    spill(root / "home/script", "#!/bin/sh\n" + body + "\n", 0755);
    ScriptCall call;
    call.path = root / "home/script";
    call.person = std::move(person);
    call.place = place;
    return call;
  }
  std::string caged(const std::string& body) {
    auto cage = Cage::make("");
    if (!cage.ok()) return "no cage: " + cage.error().message;
    const auto run = HostScripts(&cage.value()).run(script(body, tenant, Place::kCage));
    return run.failure.empty() ? run.out : "failed: " + run.failure;
  }
  RootDirectory root;
  Person tenant;
  HostScripts host{nullptr};
};

TEST_F(ScriptRunTest, IsThePersonAndNothingElse) {
  tenant.groups = {kTenant};
  const auto run = host.run(
      script("id -u; id -g; id -G; pwd; echo $HOME $USER; ls /proc/self/fd | wc -l", tenant));
  EXPECT_EQ(run.failure, "");
  EXPECT_EQ(run.out, "59123\n59123\n59123\n/\n" + tenant.home + " tenant\n4\n");
  EXPECT_EQ(run.exitCode, 0);
  EXPECT_GT(run.milliseconds, 0);
}

TEST_F(ScriptRunTest, CannotReadWhatIsRoots) {
  spill(root / "secret", "x", 0600);
  const auto run = host.run(script("cat " + (root / "secret"), tenant));
  EXPECT_EQ(run.out, "");
  EXPECT_NE(run.err.find("Permission denied"), std::string::npos);
  EXPECT_EQ(run.exitCode, 1);
}

TEST_F(ScriptRunTest, PassesArgumentsThroughNoShell) {
  auto call = script("printf '%s|' \"$@\"", tenant);
  call.arguments = {"a b", "$(id)", "'", "", "--x=*"};
  EXPECT_EQ(host.run(call).out, "a b|$(id)|'||--x=*|");
}

TEST_F(ScriptRunTest, GivesTheEnvironmentAsTold) {
  auto call = script("/usr/bin/env | /usr/bin/sort", tenant);
  call.environment = {"USER=root", "SUDO_UID=0"};
  ::setenv("LEAKED", "1", 1);
  EXPECT_EQ(host.run(call).out, "HOME=" + tenant.home +
                                    "\nLOGNAME=tenant\nPATH=/usr/sbin:/usr/bin:"
                                    "/sbin:/bin\nPWD=/\nSUDO_UID=0\nUSER=root\n");
}

TEST_F(ScriptRunTest, SaysHowItEnded) {
  EXPECT_EQ(host.run(script("exit 4", tenant)).exitCode, 4);
  EXPECT_EQ(host.run(script("kill -11 $$", tenant)).signal, 11);
  auto absent = script("", tenant);
  absent.path = root / "nothing";
  EXPECT_NE(host.run(absent).failure.find("No such file"), std::string::npos);
  EXPECT_FALSE(host.run(absent).cageFailed);
}

TEST_F(ScriptRunTest, IsKilledWithAllItStartedWhenItDoesNotEnd) {
  auto call = script(
      "(sleep 60; touch " + tenant.home + "/late) & echo $! > " + tenant.home + "/pid; sleep 60",
      tenant);
  call.timeLimit = std::chrono::milliseconds(400);
  const auto run = host.run(call);
  EXPECT_TRUE(run.timedOut);
  EXPECT_LT(run.milliseconds, 5000);
  const auto pid = std::stoi(slurp(root / "home/pid"));
  for (int i = 0; i < 50 && ::kill(pid, 0) == 0; ++i)
    ::usleep(20000);
  EXPECT_TRUE(::kill(pid, 0) != 0 ||
              slurp("/proc/" + std::to_string(pid) + "/stat").find(" Z ") != std::string::npos);
}

TEST_F(ScriptRunTest, CannotFloodItsReader) {
  const auto run = host.run(script("head -c 200000 /dev/zero >&2; echo done", tenant));
  EXPECT_EQ(run.out, "done\n");
  EXPECT_EQ(run.err.size(), 64U << 10U);
  EXPECT_TRUE(run.truncated);
}

TEST_F(ScriptRunTest, FindsItsDescriptorsAsTold) {
  const std::string count = "n=0; for i in 0 1 2; do [ -e /proc/$$/fd/$i ] && n=$((n+1)); done; ";
  auto call = script(count + "exit $n", tenant);
  EXPECT_EQ(host.run(call).exitCode, 3);
  call.streams = Streams::kOutputClosed;
  EXPECT_EQ(host.run(call).exitCode, 2);
  call.streams = Streams::kAllClosed;
  EXPECT_EQ(host.run(call).exitCode, 0);
  call = script("echo x; echo y", tenant);
  call.streams = Streams::kNobodyReads;
  const auto run = host.run(call);
  EXPECT_TRUE(run.signal == SIGPIPE || run.exitCode != 0) << run.signal << " " << run.exitCode;
}

TEST_F(ScriptRunTest, SeesInACageTheLeastThatAProgramNeeds) {
  EXPECT_EQ(caged("ls / | tr '\\n' ' '; ls /var /run/bulkhead /root 2>/dev/null; ls /etc/shadow "
                  "2>&1 | wc -l"),
            fs::exists("/lib32") ? "bin dev etc lib lib32 lib64 opt proc run sbin tmp usr 1\n"
                                 : "bin dev etc lib lib64 opt proc run sbin tmp usr 1\n");
  EXPECT_EQ(caged("id -u; cut -d: -f1 /etc/passwd | tr '\\n' ' '"), "59123\nroot ");
  EXPECT_EQ(caged("ls " + root.path()), "home\n");
}

TEST_F(ScriptRunTest, FindsNoSetuidProgramInACage) {
  EXPECT_EQ(caged("awk '$2==\"/\"||$2==\"/usr\"||$2==\"/opt\"{print $2, ($4 ~ /nosuid/)}' "
                  "/proc/self/mounts"),
            "/ 1\n/usr 1\n/opt 1\n");
  EXPECT_EQ(
      caged("touch /usr/x /bin/x /etc/x /x 2>/dev/null; ls /usr/x /etc/x /x 2>/dev/null; echo end"),
      "end\n");
}

TEST_F(ScriptRunTest, WritesInACageOnlyWhereItCouldAnyway) {
  EXPECT_EQ(caged("echo y > " + tenant.home + "/made && echo z > /tmp/mine && cat /tmp/mine"),
            "z\n");
  EXPECT_EQ(slurp(root / "home/made"), "y\n");
  EXPECT_FALSE(fs::exists("/tmp/mine"));
}

TEST_F(ScriptRunTest, LeavesNoMountAndNoDirectoryOfTheCageBehind) {
  const auto before = slurp("/proc/self/mounts");
  EXPECT_EQ(caged("echo in"), "in\n");
  EXPECT_EQ(slurp("/proc/self/mounts"), before);
  for (const auto& entry : fs::directory_iterator("/run"))
    EXPECT_EQ(entry.path().string().find("/run/bulkhead-cage-"), std::string::npos);
}

TEST_F(ScriptRunTest, SaysWhenThereIsNoCage) {
  const auto run = host.run(script("echo", tenant, Place::kCage));
  EXPECT_TRUE(run.cageFailed);
  EXPECT_EQ(run.failure, "no cage");
}

}  // namespace
}  // namespace bulkhead::cli::cloudlinux
