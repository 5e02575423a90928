#include <gtest/gtest.h>

#include "agent/ops/all_ops.h"
#include "tests/support/fake_systemd.h"
#include "tests/support/op_call.h"

namespace bulkhead::agent {
namespace {

using testing::FakeHost;
using testing::FakeSystemd;
using Call = testing::OpCall<rpc::Nothing, rpc::HostReport>;

TEST(HostInspect, ReportsWhatTheHostOffers) {
  FakeHost host;
  FakeSystemd systemd(host);
  systemd.active["nginx.service"] = "active";
  systemd.properties["mariadb.service LoadState"] = "not-found";
  host.addFile("/proc/sys/kernel/hostname", "panel\n");
  host.addFile("/proc/sys/kernel/osrelease", "6.1.0-30-amd64\n");
  host.addFile("/usr/lib/os-release", "NAME=\"Debian\"\nPRETTY_NAME=\"Debian GNU/Linux 12\"\n");
  host.addFile("/proc/meminfo",
               "MemTotal:       2048 kB\nMemFree: 1 kB\nMemAvailable:   1024 kB\n");
  host.addFile("/proc/cpuinfo", "processor\t: 0\nmodel name\t: processor\tx\n\nprocessor\t: 1\n");
  host.addFile("/proc/loadavg", "1.25 0.50 0.25 1/200 4242\n");
  host.addFile("/sys/fs/cgroup/cgroup.controllers", "cpu memory pids\n");
  Call call;
  ASSERT_TRUE(call.perform(hostInspect(), host).ok());
  const auto reply = call.reply();
  EXPECT_EQ(std::string(reply.getHostname().cStr()), "panel");
  EXPECT_EQ(std::string(reply.getKernel().cStr()), "6.1.0-30-amd64");
  EXPECT_EQ(std::string(reply.getOs().cStr()), "Debian GNU/Linux 12");
  EXPECT_EQ(std::string(reply.getVersion().cStr()), BULKHEAD_VERSION);
  EXPECT_EQ(std::string(reply.getCgroups().cStr()), "v2");
  EXPECT_TRUE(reply.getProjectQuotas());
  EXPECT_EQ(reply.getDiskTotalBytes(), 100ULL << 30U);
  EXPECT_EQ(reply.getDiskFreeBytes(), 40ULL << 30U);
  EXPECT_EQ(reply.getMemoryTotalBytes(), 2048U * 1024U);
  EXPECT_EQ(reply.getMemoryAvailableBytes(), 1024U * 1024U);
  EXPECT_EQ(reply.getCpus(), 2U);
  EXPECT_EQ(reply.getLoadPercent(), 125U);
  std::map<std::string, std::string> states;
  for (const auto service : reply.getServices())
    states[service.getName().cStr()] = service.getState().cStr();
  EXPECT_EQ(states.at("nginx"), "active");
  EXPECT_EQ(states.at("named"), "inactive");
  EXPECT_EQ(states.at("mariadb"), "absent");
  EXPECT_TRUE(states.contains("bulkhead-gateway"));
  EXPECT_EQ(host.mutations(), 0U);
}

TEST(HostInspect, KnowsTheOlderControlGroups) {
  FakeHost hybrid;
  hybrid.addFile("/sys/fs/cgroup/unified/cgroup.controllers", "");
  Call one;
  ASSERT_TRUE(one.perform(hostInspect(), hybrid).ok());
  EXPECT_EQ(std::string(one.reply().getCgroups().cStr()), "hybrid");
  FakeHost old;
  old.addDirectory("/sys/fs/cgroup/memory");
  Call two;
  ASSERT_TRUE(two.perform(hostInspect(), old).ok());
  EXPECT_EQ(std::string(two.reply().getCgroups().cStr()), "v1");
}

TEST(HostInspect, WhatCannotBeReadIsLeftEmpty) {
  FakeHost host;
  Call call;
  ASSERT_TRUE(call.perform(hostInspect(), host).ok());
  EXPECT_EQ(call.reply().getMemoryTotalBytes(), 0U);
  EXPECT_EQ(std::string(call.reply().getServices()[0].getState().cStr()), "unknown");
}

}  // namespace
}  // namespace bulkhead::agent
