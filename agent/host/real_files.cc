// RealHost's files: each path goes through directories that only root can change, so what is
// checked is what is used.
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/host/real_host.h"
#include "common/os/atomic_file.h"
#include "common/os/errors.h"
#include "common/os/open.h"
#include "common/os/remove_tree.h"

namespace bulkhead::agent {
namespace {

constexpr mode_t kFileModes = 0777;        // never set-uid, whoever asks
constexpr mode_t kDirectoryModes = 01777;  // nor set-gid
constexpr std::size_t kNamesMax = 200000;  // of one directory: a host with as many sites

FileType typeOf(mode_t mode) {
  if (S_ISREG(mode)) return FileType::kRegular;
  if (S_ISDIR(mode)) return FileType::kDirectory;
  if (S_ISLNK(mode)) return FileType::kSymlink;
  if (S_ISSOCK(mode)) return FileType::kSocket;
  return FileType::kOther;
}

FileInfo infoOf(const struct stat& info) {
  return {typeOf(info.st_mode), info.st_uid, info.st_gid, info.st_mode & 07777U,
          static_cast<std::uint64_t>(info.st_size)};
}

Result<Ok> checkMode(mode_t mode, mode_t allowed) {
  if ((mode & ~allowed) == 0) return Ok{};
  return Error{Code::kInternal, "a mode with more than permission bits", ""};
}

// Absent is fine where something is to be removed.
Result<Ok> unlessAbsent(const Error& error) {
  if (error.code == Code::kNotFound) return Ok{};
  return error;
}

}  // namespace

Result<std::string> RealHost::readFile(const std::string& path) const {
  TRY_ASSIGN(const auto place, os::openRootParent(path));
  constexpr int kFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  const Fd file(::openat(place.directory.get(), place.name.c_str(), kFlags));
  if (!file) return os::lastError(path);
  TRY_ASSIGN(const auto info, os::statFd(file.get(), path));
  if (!S_ISREG(info.st_mode))
    return Error{Code::kPermissionDenied, path + ": is not a regular file", ""};
  return os::readAll(file.get(), kFileBytesMax, path);
}

Result<FileInfo> RealHost::inspect(const std::string& path) const {
  struct stat info = {};
  if (path == "/") {
    if (::lstat("/", &info) != 0) return os::lastError(path);
    return infoOf(info);
  }
  TRY_ASSIGN(const auto place, os::openRootParent(path));
  if (::fstatat(place.directory.get(), place.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0)
    return os::lastError(path);
  return infoOf(info);
}

namespace {

Result<std::vector<std::string>> namesIn(const std::string& path) {
  TRY_ASSIGN(const auto place, os::openRootParent(path));
  Fd directory(::openat(place.directory.get(), place.name.c_str(),
                        O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory) return os::lastError(path);
  TRY_ASSIGN(auto names, os::listDirectory(std::move(directory), path, kNamesMax + 1));
  if (names.size() > kNamesMax) return Error{Code::kLimitExceeded, path + ": too many entries", ""};
  return names;
}

bool isTemporary(const std::string& name) { return name.starts_with(os::kTemporaryPrefix); }

}  // namespace

Result<std::vector<std::string>> RealHost::list(const std::string& path) const {
  TRY_ASSIGN(auto names, namesIn(path));
  std::erase_if(names, isTemporary);
  return names;
}

Result<std::vector<std::string>> RealHost::temporaries(const std::string& path) const {
  TRY_ASSIGN(auto names, namesIn(path));
  std::erase_if(names, [](const std::string& name) { return !isTemporary(name); });
  return names;
}

Result<Ok> RealHost::writeFile(const std::string& path,
                               std::string_view content,
                               const Attributes& attributes) {
  TRY(checkMode(attributes.mode, kFileModes));
  TRY_ASSIGN(const auto place, os::openRootParent(path));
  auto written = os::replaceFile(place.directory.get(), place.name, content,
                                 {attributes.mode, attributes.uid, attributes.gid});
  if (!written.ok()) return Error{written.error().code, path + ": " + written.error().message, ""};
  return written;
}

Result<Ok> RealHost::removeFile(const std::string& path) {
  const auto place = os::openRootParent(path);
  if (!place.ok()) return unlessAbsent(place.error());
  if (::unlinkat(place->directory.get(), place->name.c_str(), 0) != 0)
    return unlessAbsent(os::lastError(path));
  return os::syncDirectory(place->directory.get());
}

Result<Ok> RealHost::makeDirectory(const std::string& path, const Attributes& attributes) {
  TRY(checkMode(attributes.mode, kDirectoryModes));
  TRY_ASSIGN(const auto place, os::openRootParent(path));
  const auto* name = place.name.c_str();
  // Closed to everybody until it has its owner; nobody but root can exchange the name meanwhile.
  if (::mkdirat(place.directory.get(), name, 0700) != 0 && errno != EEXIST)
    return os::lastError(path);
  const Fd directory(
      ::openat(place.directory.get(), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory) return os::lastError(path);
  if (::fchown(directory.get(), attributes.uid, attributes.gid) != 0) return os::lastError(path);
  if (::fchmod(directory.get(), attributes.mode) != 0) return os::lastError(path);
  return os::syncDirectory(place.directory.get());
}

Result<Ok> RealHost::move(const std::string& from, const std::string& to, uid_t owner) {
  TRY_ASSIGN(const auto source, os::openRootParent(from));
  TRY_ASSIGN(const auto target, os::openRootParent(to));
  struct stat info = {};
  if (::fstatat(source.directory.get(), source.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0)
    return os::lastError(from);
  if (info.st_uid != owner || S_ISLNK(info.st_mode))
    return Error{Code::kConflict, from + ": is not what it should be", ""};
  // Only root can exchange the name meanwhile, and nothing is ever written over.
  if (::renameat2(source.directory.get(), source.name.c_str(), target.directory.get(),
                  target.name.c_str(), RENAME_NOREPLACE) != 0)
    return os::lastError(to);
  TRY(os::syncDirectory(target.directory.get()));
  return os::syncDirectory(source.directory.get());
}

Result<Ok> RealHost::removeEmptyDirectory(const std::string& path) {
  const auto place = os::openRootParent(path);
  if (!place.ok()) return unlessAbsent(place.error());
  if (::unlinkat(place->directory.get(), place->name.c_str(), AT_REMOVEDIR) != 0) {
    if (errno == ENOTEMPTY || errno == EEXIST) return Ok{};
    return unlessAbsent(os::lastError(path));
  }
  return os::syncDirectory(place->directory.get());
}

Result<Ok> RealHost::removeTree(const std::string& path) {
  const auto place = os::openRootParent(path);
  if (!place.ok()) return unlessAbsent(place.error());
  return os::removeTree(place->directory.get(), place->name);
}

Result<Ok> RealHost::removeTemporaries(const std::string& path) {
  const auto directory = os::openRootDirectory(path);
  if (!directory.ok()) return unlessAbsent(directory.error());
  return os::removeTemporaries(directory->get());
}

}  // namespace bulkhead::agent
