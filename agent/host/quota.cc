#include "agent/host/quota.h"

#include <algorithm>

namespace bulkhead::agent::quota {
namespace {

constexpr std::uint64_t kKib = 1024;
constexpr const char* kHomes =
    "/home";  // the limits stay with the file system when the home has gone

std::uint64_t wholeKib(std::uint64_t bytes) {
  return (bytes / kKib + (bytes % kKib == 0 ? 0 : 1)) * kKib;
}

std::string text(std::uint64_t limit) { return limit == 0 ? "unlimited" : std::to_string(limit); }

}  // namespace

bool isSupported(const FileSystemInfo& home) {
  return std::any_of(home.options.begin(), home.options.end(), [](const std::string& option) {
    return option == "prjquota" || option == "pquota";
  });
}

Result<Ok> adopt(Host& host, const Identity& who) {
  auto done = host.setProject(who.home, who.uid);
  if (!done.ok() && done.error().code == Code::kUnsupported) return Ok{};
  return done;
}

Result<Ok> checkHome(const Host& host, const Identity& who) {
  TRY_ASSIGN(const auto fileSystem, host.fileSystem(who.home));
  if (!isSupported(fileSystem))
    return Error{Code::kUnsupported,
                 "quota: " + fileSystem.mountPoint + " (" + fileSystem.type +
                     ") is not mounted with project quotas; mount it with the option prjquota",
                 ""};
  TRY_ASSIGN(const auto project, host.projectOf(who.home));
  if (project != who.uid)
    return Error{Code::kConflict,
                 "quota: " + who.home +
                     " is older than the project quotas of this host; its files would not count",
                 "username"};
  return Ok{};
}

Result<Ok> set(Host& host, const Identity& who, std::uint64_t bytesMax, std::uint64_t inodesMax) {
  return host.setProjectQuota(who.home, who.uid, wholeKib(bytesMax), inodesMax);
}

Result<ProjectQuota> get(const Host& host, const Identity& who) {
  return host.projectQuota(who.home, who.uid);
}

Result<Proof> prove(const Host& host,
                    const Identity& who,
                    std::uint64_t bytesMax,
                    std::uint64_t inodesMax) {
  TRY(checkHome(host, who));
  TRY_ASSIGN(const auto now, get(host, who));
  if (now.bytesMax != wholeKib(bytesMax) || now.inodesMax != inodesMax)
    return Error{Code::kInternal,
                 "quota: the file system says " + text(now.bytesMax) + " bytes and " +
                     text(now.inodesMax) + " inodes",
                 ""};
  return Proof{{"project quota", "project " + std::to_string(who.uid) + ": " + text(now.bytesMax) +
                                     " bytes, " + text(now.inodesMax) + " inodes; used " +
                                     std::to_string(now.bytesUsed) + " and " +
                                     std::to_string(now.inodesUsed)}};
}

Result<Ok> clear(Host& host, const Identity& who) {
  auto done = host.setProjectQuota(kHomes, who.uid, 0, 0);
  if (!done.ok() && done.error().code == Code::kUnsupported) return Ok{};
  return done;
}

}  // namespace bulkhead::agent::quota
