#include "agent/host/mounts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::agent {
namespace {

constexpr std::string_view kTable =
    "22 1 253:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n"
    "40 22 253:16 / /home rw,nosuid shared:9 master:2 - ext4 /dev/vdb rw,prjquota\n"
    "41 22 0:30 / /mnt/with\\040space rw - tmpfs none rw,size=64k\n"
    "broken line\n";

TEST(FindMount, ReadsTypeSourceAndBothKindsOfOptions) {
  const auto info = findMount(kTable, "40").value();
  EXPECT_EQ(info.mountPoint, "/home");
  EXPECT_EQ(info.type, "ext4");
  EXPECT_EQ(info.source, "/dev/vdb");
  EXPECT_THAT(info.options, ::testing::ElementsAre("rw", "nosuid", "rw", "prjquota"));
}

TEST(FindMount, UndoesTheKernelsEscapes) {
  EXPECT_EQ(findMount(kTable, "41")->mountPoint, "/mnt/with space");
}

TEST(FindMount, SaysWhenThereIsNoSuchMount) {
  EXPECT_EQ(findMount(kTable, "4").error().code, Code::kInternal);
  EXPECT_EQ(findMount(kTable, "").error().code, Code::kInternal);
  EXPECT_EQ(findMount(kTable, "broken").error().code, Code::kInternal);
}

TEST(MountIdOf, ReadsTheKernelsField) {
  EXPECT_EQ(mountIdOf("pos:\t0\nflags:\t02\nmnt_id:\t40\nino:\t2\n"), "40");
  EXPECT_EQ(mountIdOf("pos:\t0\n"), "");
}

}  // namespace
}  // namespace bulkhead::agent
