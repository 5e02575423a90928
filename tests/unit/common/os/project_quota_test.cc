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

}  // namespace
}  // namespace bulkhead
