// RealHost's file systems: where a path lies, project quotas, and what an account leaves in
// directories that all write to.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>

#include "agent/host/apart.h"
#include "agent/host/identity.h"
#include "agent/host/mounts.h"
#include "agent/host/quota.h"
#include "agent/host/real_host.h"
#include "common/os/each_name.h"
#include "common/os/errors.h"
#include "common/os/open.h"
#include "common/os/project_quota.h"
#include "common/os/remove_tree.h"

namespace bulkhead::agent {
namespace {

constexpr std::size_t kMountTableBytes = 4U << 20U;      // of a host with thousands of mounts
constexpr std::chrono::milliseconds kQuotaLimit{20000};  // it takes some hundredths of a second

Error noProjectQuotas() {
  return Error{Code::kUnsupported,
               "the file system has no project quotas (ext4 or xfs mounted with prjquota)", ""};
}

Result<std::string> readProc(const std::string& path) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return os::lastError(path);
  return os::readAll(file.get(), kMountTableBytes, path);
}

}  // namespace

Result<FileSystemInfo> RealHost::fileSystem(const std::string& path) const {
  TRY_ASSIGN(const auto directory, os::openDirectoryInRoots(path));
  TRY_ASSIGN(const auto fdInfo, readProc("/proc/self/fdinfo/" + std::to_string(directory.get())));
  TRY_ASSIGN(const auto mounts, readProc("/proc/self/mountinfo"));
  TRY_ASSIGN(auto found, findMount(mounts, mountIdOf(fdInfo)));
  struct statvfs space = {};
  if (::fstatvfs(directory.get(), &space) != 0) return os::lastError(path);
  found.totalBytes = std::uint64_t{space.f_blocks} * space.f_frsize;
  found.freeBytes = std::uint64_t{space.f_bavail} * space.f_frsize;
  return found;
}

Result<std::uint32_t> RealHost::projectOf(const std::string& path) const {
  TRY_ASSIGN(const auto directory, os::openDirectoryInRoots(path));
  return readProject(directory.get());
}

// CAP_SYS_ADMIN is bulkhead-quota's alone, and where nothing can be asked it is not started.
Result<std::string> RealHost::askQuota(const std::string& verb,
                                       const std::string& path,
                                       const std::vector<std::uint64_t>& numbers) const {
  TRY_ASSIGN(const auto place, fileSystem(path));
  if (!quota::isSupported(place)) return noProjectQuotas();
  Command command{Program::kQuota, {verb, path}, "", kQuotaLimit};
  for (const auto number : numbers)
    command.arguments.push_back(std::to_string(number));
  TRY(checkProgram(kQuotaProgram));  // its absence is not the file system's
  TRY_ASSIGN(auto done, query(command));
  if (done.exitCode == kQuotaUnsupported) return noProjectQuotas();
  if (done.exitCode != 0)
    return Error{Code::kInternal,
                 "bulkhead-quota " + verb + " ended with " + std::to_string(done.exitCode) + ": " +
                     done.output.substr(0, done.output.find('\n')),
                 ""};
  return std::move(done.output);
}

Result<ProjectQuota> RealHost::projectQuota(const std::string& path, std::uint32_t project) const {
  TRY_ASSIGN(const auto said, askQuota("get", path, {project}));
  TRY_ASSIGN(const auto usage, parseProjectUsage(said));
  return ProjectQuota{usage.bytesMax, usage.inodesMax, usage.bytesUsed, usage.inodesUsed};
}

Result<Ok> RealHost::setProject(const std::string& path, std::uint32_t project) {
  TRY_ASSIGN(const auto directory, os::openDirectoryInRoots(path));
  return writeProject(directory.get(), project);
}

Result<Ok> RealHost::setProjectQuota(const std::string& path,
                                     std::uint32_t project,
                                     std::uint64_t bytesMax,
                                     std::uint64_t inodesMax) {
  if (project == 0) return Error{Code::kInternal, "project 0 is everybody's", ""};
  TRY(askQuota("set", path, {project, bytesMax, inodesMax}));
  return Ok{};
}

Result<std::vector<std::string>> RealHost::leftovers(const Identity& who,
                                                     const std::string& directory) const {
  TRY(checkIdentity(who));
  const auto opened = os::openDirectoryInRoots(directory);
  if (!opened.ok() && opened.error().code == Code::kNotFound) return std::vector<std::string>{};
  if (!opened.ok()) return opened.error();
  std::vector<std::string> names;
  TRY(os::eachName(opened->get(), directory, [&](const std::string& name) -> Result<os::Pass> {
    struct stat info = {};
    const bool own = ::fstatat(opened->get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 &&
                     ownsUid(who, info.st_uid);
    if (own) names.push_back(name);
    return names.size() < kLeftoversMax ? os::Pass::kGoOn : os::Pass::kStop;
  }));
  std::sort(names.begin(), names.end());
  return names;
}

Result<Ok> RealHost::removeLeftovers(const Identity& who, const std::string& directory) {
  TRY(checkIdentity(who));
  const auto opened = os::openDirectoryInRoots(directory);
  if (!opened.ok() && opened.error().code == Code::kNotFound) return Ok{};
  if (!opened.ok()) return opened.error();
  return os::removeEntries(opened->get(), directory,
                           [&who](const struct stat& info) { return ownsUid(who, info.st_uid); });
}

}  // namespace bulkhead::agent
