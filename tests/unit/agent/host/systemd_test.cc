#include "agent/host/systemd.h"

#include <gtest/gtest.h>

#include "tests/support/fake_systemd.h"

namespace bulkhead::agent::systemd {
namespace {

using bulkhead::testing::FakeHost;
using bulkhead::testing::FakeSystemd;

const Identity kAlice{"alice", 20001, 20001, "/home/alice", 589824, 65536};
constexpr const char* kSlice = "bulkhead-account-20001.slice";
constexpr const char* kPath = "/etc/systemd/system/bulkhead-account-20001.slice";
const ResourceLimits kLimits{150, 512ULL << 20U, 64};

struct Scene {
  FakeHost host;
  FakeSystemd fake{host};
};

std::size_t reloadsIn(const FakeHost& host) {
  const auto lines = host.commandLines();
  return static_cast<std::size_t>(
      std::count(lines.begin(), lines.end(), "systemctl daemon-reload"));
}

TEST(Systemd, ASliceIsWrittenReadByStartedAndProved) {
  Scene scene;
  ASSERT_TRUE(ensureSlice(scene.host, kAlice, kLimits).ok());
  const auto text = scene.host.content(kPath);
  EXPECT_NE(text.find("\nCPUQuota=150%\nMemoryMax=536870912\nTasksMax=64\n"), std::string::npos);
  EXPECT_TRUE(scene.fake.isActive(kSlice));
  EXPECT_EQ(reloadsIn(scene.host), 1U);
  const auto proof = proveSlice(scene.host, kAlice, kLimits);
  ASSERT_TRUE(proof.ok()) << proof.error().message;
  EXPECT_EQ(proof->front().detail,
            "bulkhead-account-20001.slice active: cpu % 150, memory 536870912, tasks 64");
}

TEST(Systemd, NoLimitIsWrittenAsNoLimitAndProved) {
  Scene scene;
  ASSERT_TRUE(ensureSlice(scene.host, kAlice, {}).ok());
  EXPECT_NE(scene.host.content(kPath).find("CPUQuota=\nMemoryMax=infinity\nTasksMax=infinity\n"),
            std::string::npos);
  EXPECT_TRUE(proveSlice(scene.host, kAlice, {}).ok());
  EXPECT_FALSE(proveSlice(scene.host, kAlice, kLimits).ok());
}

TEST(Systemd, TheSameSliceAgainIsNeitherWrittenNorReloaded) {
  Scene scene;
  ASSERT_TRUE(ensureSlice(scene.host, kAlice, kLimits).ok());
  ASSERT_TRUE(ensureSlice(scene.host, kAlice, kLimits).ok());
  EXPECT_EQ(reloadsIn(scene.host), 1U);
}

TEST(Systemd, AReloadThatACrashHasSkippedIsMadeUpFor) {
  Scene scene;
  ASSERT_TRUE(ensureSlice(scene.host, kAlice, {}).ok());
  scene.host.resetFaults();
  scene.host.crashAfter(1);
  EXPECT_THROW((void)ensureSlice(scene.host, kAlice, kLimits), bulkhead::testing::FakeCrash);
  scene.host.resetFaults();
  EXPECT_FALSE(proveSlice(scene.host, kAlice, kLimits).ok());
  ASSERT_TRUE(ensureSlice(scene.host, kAlice, kLimits).ok());
  EXPECT_TRUE(proveSlice(scene.host, kAlice, kLimits).ok());
}

TEST(Systemd, TheProofFailsWhenSystemdSaysAnotherLimit) {
  for (const auto* lie :
       {"CPUQuotaPerSecUSec 1s", "MemoryMax 1", "TasksMax infinity", "CPUQuotaPerSecUSec nonsense",
        "FragmentPath /run/x", "LoadState masked"}) {
    Scene scene;
    ASSERT_TRUE(ensureSlice(scene.host, kAlice, kLimits).ok());
    const std::string text = lie;
    scene.fake.properties[std::string(kSlice) + " " + text.substr(0, text.find(' '))] =
        text.substr(text.find(' ') + 1);
    EXPECT_EQ(proveSlice(scene.host, kAlice, kLimits).error().code, Code::kInternal) << lie;
  }
}

TEST(Systemd, UnderstandsTimeSpansAsSystemdPrintsThem) {
  for (const auto& [span, percent] : std::map<std::string, std::uint32_t>{{"10ms", 1},
                                                                          {"1s", 100},
                                                                          {"1.500s", 150},
                                                                          {"1s 500ms", 150},
                                                                          {"2min 3s", 12300},
                                                                          {"16min 40s", 100000},
                                                                          {"infinity", 0}}) {
    Scene scene;
    ASSERT_TRUE(ensureSlice(scene.host, kAlice, {}).ok());
    scene.fake.properties[std::string(kSlice) + " CPUQuotaPerSecUSec"] = span;
    EXPECT_TRUE(proveSlice(scene.host, kAlice, {percent, 0, 0}).ok()) << span;
  }
}

class SystemdKernel : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(ensureSlice(scene.host, kAlice, kLimits).ok());
    scene.fake.properties[std::string(kSlice) + " ControlGroup"] = "/bulkhead.slice/a.slice";
  }
  void addV2(const char* cpu, const char* memory, const char* tasks) {
    const std::string group = "/sys/fs/cgroup/bulkhead.slice/a.slice/";
    scene.host.addFile(group + "cpu.max", cpu);
    scene.host.addFile(group + "memory.max", memory);
    scene.host.addFile(group + "pids.max", tasks);
  }
  Scene scene;
};

TEST_F(SystemdKernel, HoldsTheLimitsInVersion2) {
  addV2("150000 100000\n", "536870912\n", "64\n");
  const auto proof = proveSlice(scene.host, kAlice, kLimits);
  ASSERT_TRUE(proof.ok()) << proof.error().message;
  EXPECT_EQ(proof->back().check, "kernel limits");
  EXPECT_EQ(proof->back().detail, "cpu % 150, memory 536870912, tasks 64");
}

TEST_F(SystemdKernel, HoldsTheLimitsInVersion1) {
  const std::string root = "/sys/fs/cgroup/";
  const std::string group = "/bulkhead.slice/a.slice/";
  scene.host.addFile(root + "cpu,cpuacct" + group + "cpu.cfs_quota_us", "150000\n");
  scene.host.addFile(root + "cpu,cpuacct" + group + "cpu.cfs_period_us", "100000\n");
  scene.host.addFile(root + "memory" + group + "memory.limit_in_bytes", "536870912\n");
  scene.host.addFile(root + "pids" + group + "pids.max", "64\n");
  const auto proof = proveSlice(scene.host, kAlice, kLimits);
  ASSERT_TRUE(proof.ok()) << proof.error().message;
  EXPECT_EQ(proof->back().detail, "cpu % 150, memory 536870912, tasks 64");
}

TEST_F(SystemdKernel, Version1sLargestMemoryIsNoLimit) {
  ASSERT_TRUE(ensureSlice(scene.host, kAlice, {}).ok());
  const std::string root = "/sys/fs/cgroup/";
  const std::string group = "/bulkhead.slice/a.slice/";
  scene.host.addFile(root + "cpu" + group + "cpu.cfs_quota_us", "-1\n");
  scene.host.addFile(root + "cpu" + group + "cpu.cfs_period_us", "100000\n");
  scene.host.addFile(root + "memory" + group + "memory.limit_in_bytes", "9223372036854771712\n");
  scene.host.addFile(root + "pids" + group + "pids.max", "max\n");
  const auto proof = proveSlice(scene.host, kAlice, {});
  ASSERT_TRUE(proof.ok()) << proof.error().message;
  EXPECT_EQ(proof->back().detail, "cpu % unlimited, memory unlimited, tasks unlimited");
}

TEST_F(SystemdKernel, AnotherValueIsAFailure) {
  addV2("max 100000\n", "536870912\n", "64\n");
  EXPECT_EQ(proveSlice(scene.host, kAlice, kLimits).error().code, Code::kInternal);
  addV2("150000 100000\n", "max\n", "64\n");
  EXPECT_EQ(proveSlice(scene.host, kAlice, kLimits).error().code, Code::kInternal);
  addV2("150000 100000\n", "536870912\n", "65\n");
  EXPECT_EQ(proveSlice(scene.host, kAlice, kLimits).error().code, Code::kInternal);
  addV2("150000 0\n", "536870912\n", "64\n");
  EXPECT_EQ(proveSlice(scene.host, kAlice, kLimits).error().code, Code::kInternal);
}

TEST_F(SystemdKernel, AHostWithoutControllersSaysSo) {
  const auto proof = proveSlice(scene.host, kAlice, kLimits);
  ASSERT_TRUE(proof.ok());
  EXPECT_EQ(proof->back().detail, "this host offers no controller to the slice");
}

// ---- I/O

const ResourceLimits kWithIo{150, 512ULL << 20U, 64, {2U << 20U, 0, 100, 0}};

TEST(Systemd, ASliceWithoutIoLimitsDoesNotNameTheDisk) {
  Scene scene;
  ASSERT_TRUE(ensureSlice(scene.host, kAlice, kLimits).ok());
  EXPECT_EQ(scene.host.content(kPath).find("IO"), std::string::npos);
}

TEST(Systemd, IoLimitsAreWrittenAndProved) {
  Scene scene;
  ASSERT_TRUE(ensureSlice(scene.host, kAlice, kWithIo).ok());
  EXPECT_NE(scene.host.content(kPath).find("\nIOReadBandwidthMax=/home 2097152\n"
                                           "IOWriteBandwidthMax=/home infinity\n"
                                           "IOReadIOPSMax=/home 100\n"
                                           "IOWriteIOPSMax=/home infinity\n"),
            std::string::npos);
  const auto proof = proveSlice(scene.host, kAlice, kWithIo);
  ASSERT_TRUE(proof.ok()) << proof.error().message;
  EXPECT_NE(proof->front().detail.find("IOReadBandwidthMax 2097152, IOWriteBandwidthMax unlimited, "
                                       "IOReadIOPSMax 100, IOWriteIOPSMax unlimited"),
            std::string::npos)
      << proof->front().detail;
  scene.fake.properties[std::string(kSlice) + " IOReadIOPSMax"] = "/home 99";
  EXPECT_EQ(proveSlice(scene.host, kAlice, kWithIo).error().code, Code::kInternal);
}

TEST(Systemd, AnIoLimitThatIsTakenAwayIsSaidToBeNoneBeforeNothingIsSaid) {
  Scene scene;
  ASSERT_TRUE(ensureSlice(scene.host, kAlice, kWithIo).ok());
  const auto before = reloadsIn(scene.host);
  ASSERT_TRUE(ensureSlice(scene.host, kAlice, kLimits).ok());
  EXPECT_EQ(reloadsIn(scene.host), before + 2);
  EXPECT_EQ(scene.host.content(kPath).find("IO"), std::string::npos);
  EXPECT_TRUE(proveSlice(scene.host, kAlice, kLimits).ok());
}

TEST_F(SystemdKernel, HoldsIoLimitsInVersion2) {
  ASSERT_TRUE(ensureSlice(scene.host, kAlice, kWithIo).ok());
  addV2("150000 100000\n", "536870912\n", "64\n");
  const std::string file = "/sys/fs/cgroup/bulkhead.slice/a.slice/io.max";
  scene.host.addFile(file, "254:0 rbps=2097152 wbps=max riops=100 wiops=max\n");
  const auto proof = proveSlice(scene.host, kAlice, kWithIo);
  ASSERT_TRUE(proof.ok()) << proof.error().message;
  EXPECT_EQ(proof->back().check, "kernel I/O limits");
  EXPECT_EQ(proof->back().detail, "IOReadBandwidthMax 2097152, IOReadIOPSMax 100");
  scene.host.addFile(file, "254:0 rbps=max wbps=max riops=100 wiops=max\n");
  EXPECT_EQ(proveSlice(scene.host, kAlice, kWithIo).error().code, Code::kInternal);
}

TEST_F(SystemdKernel, HoldsIoLimitsInVersion1) {
  ASSERT_TRUE(ensureSlice(scene.host, kAlice, kWithIo).ok());
  const std::string group = "/sys/fs/cgroup/blkio/bulkhead.slice/a.slice/";
  scene.host.addFile(group + "blkio.throttle.read_bps_device", "254:0 2097152\n");
  scene.host.addFile(group + "blkio.throttle.read_iops_device", "254:0 100\n");
  EXPECT_EQ(proveSlice(scene.host, kAlice, kWithIo)->back().detail,
            "IOReadBandwidthMax 2097152, IOReadIOPSMax 100");
}

TEST_F(SystemdKernel, AHostThatCannotHoldIoLimitsSaysSo) {
  ASSERT_TRUE(ensureSlice(scene.host, kAlice, kWithIo).ok());
  scene.host.addFile("/sys/fs/cgroup/bulkhead.slice/a.slice/io.max", "");
  EXPECT_EQ(proveSlice(scene.host, kAlice, kWithIo)->back().detail,
            "not held: this host's kernel limits no disk below /home");
}

TEST(Systemd, RemovingASliceStopsItAndLeavesNothing) {
  Scene scene;
  ASSERT_TRUE(ensureSlice(scene.host, kAlice, kLimits).ok());
  EXPECT_FALSE(proveNoSlice(scene.host, kAlice).ok());
  ASSERT_TRUE(removeSlice(scene.host, kAlice).ok());
  EXPECT_FALSE(scene.host.exists(kPath));
  EXPECT_FALSE(scene.fake.isActive(kSlice));
  EXPECT_TRUE(proveNoSlice(scene.host, kAlice).ok());
  EXPECT_TRUE(removeSlice(scene.host, kAlice).ok());
}

TEST(Systemd, AFailingCommandIsAnErrorWithItsFirstLine) {
  FakeHost host;
  host.onProgram(Program::kSystemctl, [](const Command&) {
    return ProgramOutput{1, "Failed to connect to bus\nmore\n", false};
  });
  const auto done = start(host, "x.service");
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, Code::kUnavailable);
  EXPECT_EQ(done.error().message,
            "systemd: start x.service ended with 1: Failed to connect to bus");
  EXPECT_FALSE(stop(host, "x.service").ok());
  EXPECT_FALSE(enable(host, "x.service").ok());
  EXPECT_FALSE(disable(host, "x.service").ok());
  EXPECT_FALSE(reload(host).ok());
  EXPECT_FALSE(unitState(host, "x.service").ok());
  EXPECT_FALSE(ensureSlice(host, kAlice, {}).ok());
}

TEST(Systemd, StoppingWhatIsNotLoadedIsFine) {
  FakeHost host;
  host.onProgram(Program::kSystemctl, [](const Command&) {
    return ProgramOutput{5, "not loaded\n", false};
  });
  EXPECT_TRUE(stop(host, "x.service").ok());
}

TEST(Systemd, AnAnswerWithoutStateIsAnError) {
  FakeHost host;
  EXPECT_EQ(unitState(host, "x.service").error().code, Code::kUnavailable);
}

TEST(Systemd, APropertyGivenTwiceHasTwoLines) {
  FakeHost host;
  host.onProgram(Program::kSystemctl, [](const Command&) {
    return ProgramOutput{0, "Listen=a\nListen=b=c\nnothing\nOther=", false};
  });
  const auto values = show(host, "x.socket", {"Listen"});
  ASSERT_TRUE(values.ok());
  EXPECT_EQ(values->at("Listen"), "a\nb=c");
  EXPECT_EQ(values->at("Other"), "");
}

}  // namespace
}  // namespace bulkhead::agent::systemd
