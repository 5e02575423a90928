// Project quotas of ext4 and xfs by system call: a directory tree carries a project id, the file
// system counts and limits what carries it, whoever owns the files (containers write as sub-uids).
// No quota tool runs, so no device node is needed and no output is parsed.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "common/core/result.h"

namespace bulkhead {

struct ProjectUsage {
  std::uint64_t bytesMax = 0;  // hard limit, 0 = unlimited
  std::uint64_t inodesMax = 0;
  std::uint64_t bytesUsed = 0;
  std::uint64_t inodesUsed = 0;
};

// `fd` is open for reading; O_PATH is not enough. kUnsupported where the file system has no
// projects.
Result<std::uint32_t> readProject(int fd);
// Sets the id and lets everything that is made in the directory inherit it. Needs ownership or
// CAP_FOWNER.
Result<Ok> writeProject(int fd, std::uint32_t project);

// `fd` is any file on the file system. kUnsupported where project quotas are off. Needs
// CAP_SYS_ADMIN.
Result<ProjectUsage> readProjectQuota(int fd, std::uint32_t project);
// Bytes are rounded up to whole KiB, which is what the kernel keeps.
Result<Ok> writeProjectQuota(int fd,
                             std::uint32_t project,
                             std::uint64_t bytesMax,
                             std::uint64_t inodesMax);

// How bulkhead-quota tells it, the numbers in the order above: "1048576 1000 4096 1\n". kInternal
// for any other text.
std::string projectUsageText(const ProjectUsage& usage);
Result<ProjectUsage> parseProjectUsage(std::string_view text);
// The exit code of bulkhead-quota that stands for kUnsupported.
inline constexpr int kQuotaUnsupported = 3;

}  // namespace bulkhead
