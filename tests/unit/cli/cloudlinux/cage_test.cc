#include "cli/cloudlinux/cage.h"

#include <gtest/gtest.h>

namespace bulkhead::cli::cloudlinux {
namespace {

std::string listed(const std::vector<CageMount>& mounts) {
  std::string out;
  for (const auto& mount : mounts)
    out += mount.path + (mount.writable ? " " : " read-only ");
  return out;
}

TEST(CageMounts, FollowCagefsMp) {
  EXPECT_EQ(listed(mountsOf("# all\n/opt\n@/var/spool/cron,700\n%/home/fcgi\n*/var/lib/p/uid\n"
                            "!/var/lib/p/public  \n\n",
                            1001, "alice")),
            "/home/fcgi/alice /opt /var/lib/p/public read-only /var/lib/p/uid/1001 ");
}

TEST(CageMounts, LeaveOutWhatNeedsANameOfNobody) {
  EXPECT_EQ(listed(mountsOf("%/home/fcgi\n/opt", 1999, "")), "/opt ");
}

}  // namespace
}  // namespace bulkhead::cli::cloudlinux
