#include "common/os/project_quota.h"

#include <linux/fs.h>
#include <linux/quota.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "common/core/number.h"

namespace bulkhead {
namespace {

constexpr std::uint64_t kQuotaBlock = 1024;  // the unit of dqb_bhardlimit on every file system

// A file system without projects answers ENOTTY or EOPNOTSUPP, one with quotas off ESRCH, a kernel
// without quotas ENOSYS.
Error refused(const char* what, int error) {
  switch (error) {
    case ENOTTY:
    case EOPNOTSUPP:
    case ENOSYS:
    case ESRCH:
      return Error{Code::kUnsupported,
                   "the file system has no project quotas (ext4 or xfs mounted with prjquota)", ""};
    case EPERM:
    case EACCES:
      return Error{Code::kPermissionDenied, std::string(what) + ": " + std::strerror(error), ""};
    default:
      return Error{Code::kInternal, std::string(what) + ": " + std::strerror(error), ""};
  }
}

long quotactlFd(int fd, unsigned command, std::uint32_t project, void* data) {
  return ::syscall(SYS_quotactl_fd, fd, QCMD(command, PRJQUOTA), project, data);
}

Result<fsxattr> readAttributes(int fd) {
  fsxattr attributes{};
  if (::ioctl(fd, FS_IOC_FSGETXATTR, &attributes) != 0) return refused("FS_IOC_FSGETXATTR", errno);
  return attributes;
}

}  // namespace

Result<std::uint32_t> readProject(int fd) {
  TRY_ASSIGN(const auto attributes, readAttributes(fd));
  return static_cast<std::uint32_t>(attributes.fsx_projid);
}

Result<Ok> writeProject(int fd, std::uint32_t project) {
  TRY_ASSIGN(auto attributes, readAttributes(fd));
  attributes.fsx_projid = project;
  attributes.fsx_xflags |= FS_XFLAG_PROJINHERIT;
  if (::ioctl(fd, FS_IOC_FSSETXATTR, &attributes) != 0) return refused("FS_IOC_FSSETXATTR", errno);
  return Ok{};
}

Result<ProjectUsage> readProjectQuota(int fd, std::uint32_t project) {
  if_dqblk block{};
  if (quotactlFd(fd, Q_GETQUOTA, project, &block) != 0) {
    if (errno == ENOENT) return ProjectUsage{};  // xfs: nobody ever used this project
    return refused("quotactl get", errno);
  }
  return ProjectUsage{block.dqb_bhardlimit * kQuotaBlock, block.dqb_ihardlimit, block.dqb_curspace,
                      block.dqb_curinodes};
}

Result<Ok> writeProjectQuota(int fd,
                             std::uint32_t project,
                             std::uint64_t bytesMax,
                             std::uint64_t inodesMax) {
  if_dqblk block{};
  // Soft limits would only warn on a terminal, which no account has.
  block.dqb_bhardlimit = bytesMax / kQuotaBlock + (bytesMax % kQuotaBlock == 0 ? 0 : 1);
  block.dqb_ihardlimit = inodesMax;
  block.dqb_valid = QIF_LIMITS;
  if (quotactlFd(fd, Q_SETQUOTA, project, &block) != 0) return refused("quotactl set", errno);
  return Ok{};
}

std::string projectUsageText(const ProjectUsage& usage) {
  std::string text;
  for (const auto number : {usage.bytesMax, usage.inodesMax, usage.bytesUsed, usage.inodesUsed})
    text += (text.empty() ? "" : " ") + std::to_string(number);
  return text + "\n";
}

Result<ProjectUsage> parseProjectUsage(std::string_view text) {
  std::array<std::uint64_t, 4> numbers{};
  std::size_t read = 0;
  for (; read < numbers.size(); ++read) {
    const char last = read + 1 == numbers.size() ? '\n' : ' ';
    const auto end = text.find(last);
    const auto number = parseNumber<std::uint64_t>(text.substr(0, end));
    if (end == std::string_view::npos || !number) break;
    numbers[read] = *number;
    text.remove_prefix(end + 1);
  }
  if (read != numbers.size() || !text.empty())
    return Error{Code::kInternal, "bulkhead-quota: not understood", ""};
  return ProjectUsage{numbers[0], numbers[1], numbers[2], numbers[3]};
}

}  // namespace bulkhead
