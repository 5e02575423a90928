// What can be shown on any machine: a file system without projects is a typed answer. The limits
// themselves are tested in a machine whose kernel has quotas.
#include "common/os/project_quota.h"

#include <fcntl.h>

#include <gtest/gtest.h>

#include "common/os/fd.h"

namespace bulkhead {
namespace {

TEST(ProjectQuota, SaysUnsupportedWhereThereAreNoProjects) {
  const Fd proc(::open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  ASSERT_TRUE(proc.valid());
  EXPECT_EQ(readProject(proc.get()).error().code, Code::kUnsupported);
  EXPECT_EQ(writeProject(proc.get(), 20001).error().code, Code::kUnsupported);
}

TEST(ProjectQuota, RefusesWhatIsNotAFile) {
  EXPECT_EQ(readProject(-1).error().code, Code::kInternal);
  EXPECT_EQ(readProjectQuota(-1, 20001).error().code, Code::kInternal);
  EXPECT_EQ(writeProjectQuota(-1, 20001, 1, 1).error().code, Code::kInternal);
}

TEST(ProjectQuota, IsToldAsTextAndReadBack) {
  const ProjectUsage usage{1048576, 1000, 4096, UINT64_MAX};
  EXPECT_EQ(projectUsageText(usage), "1048576 1000 4096 18446744073709551615\n");
  const auto again = parseProjectUsage(projectUsageText(usage));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->bytesMax, usage.bytesMax);
  EXPECT_EQ(again->inodesMax, usage.inodesMax);
  EXPECT_EQ(again->bytesUsed, usage.bytesUsed);
  EXPECT_EQ(again->inodesUsed, usage.inodesUsed);
}

TEST(ProjectQuota, TakesNoOtherText) {
  for (const auto* text : {"", "\n", "1 2 3\n", "1 2 3 4", "1 2 3 4 5\n", "1 2 3 4\n\n",
                           "1 2 3 x\n", "1 2  3 4\n", "-1 2 3 4\n", "1 2 3 18446744073709551616\n"})
    EXPECT_EQ(parseProjectUsage(text).error().code, Code::kInternal) << text;
}

}  // namespace
}  // namespace bulkhead
