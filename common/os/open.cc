#include "common/os/open.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/random.h>
#include <sys/syscall.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "common/os/errors.h"

namespace bulkhead::os {
namespace {

constexpr int kOpenAttempts = 8;  // openat2 answers EAGAIN when a rename happens during the walk

Error notPlain(std::string_view path) {
  return Error{Code::kPermissionDenied, "not a plain path: " + std::string(path.substr(0, 100)),
               ""};
}

bool othersCanWrite(const struct stat& info) {
  return (info.st_mode & (S_IWGRP | S_IWOTH)) != 0 && (info.st_mode & S_ISVTX) == 0;
}

Result<Ok> checkRootDirectory(int fd, const std::string& path) {
  TRY_ASSIGN(const auto info, statFd(fd, path));
  if (!S_ISDIR(info.st_mode))
    return Error{Code::kPermissionDenied, path + ": is not a directory", ""};
  if (info.st_uid != 0)
    return Error{Code::kPermissionDenied, path + ": does not belong to root", ""};
  if (othersCanWrite(info))
    return Error{Code::kPermissionDenied, path + ": others than root can write it", ""};
  return Ok{};
}

}  // namespace

Result<std::vector<std::string>> splitRelative(std::string_view path) {
  std::vector<std::string> parts;
  if (path.find('\0') != std::string_view::npos) return notPlain(path);
  std::string_view rest = path;
  while (true) {
    const auto slash = rest.find('/');
    const auto part = rest.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return notPlain(path);
    parts.emplace_back(part);
    if (slash == std::string_view::npos) return parts;
    rest.remove_prefix(slash + 1);
  }
}

Result<std::vector<std::string>> splitPath(std::string_view path) {
  if (path.empty() || path.front() != '/') return notPlain(path);
  if (path == "/") return std::vector<std::string>{};
  return splitRelative(path.substr(1));
}

Result<Fd> openRootDirectory(const std::string& path) {
  TRY_ASSIGN(const auto parts, splitPath(path));
  Fd current(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!current) return lastError("/");
  std::string walked = "/";
  TRY(checkRootDirectory(current.get(), walked));
  for (const auto& part : parts) {
    walked += (walked.size() == 1 ? "" : "/") + part;
    Fd next(::openat(current.get(), part.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!next) return lastError(walked);
    TRY(checkRootDirectory(next.get(), walked));
    current = std::move(next);
  }
  return current;
}

Result<Place> openRootParent(const std::string& path) {
  TRY_ASSIGN(auto parts, splitPath(path));
  if (parts.empty()) return Error{Code::kPermissionDenied, "the root directory has no parent", ""};
  const auto slash = path.rfind('/');
  TRY_ASSIGN(auto directory, openRootDirectory(slash == 0 ? "/" : path.substr(0, slash)));
  return Place{std::move(directory), std::move(parts.back())};
}

Result<Fd> openDirectoryInRoots(const std::string& path) {
  if (path == "/") {
    Fd root(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!root) return lastError(path);
    return root;
  }
  TRY_ASSIGN(const auto place, openRootParent(path));
  constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  Fd directory(::openat(place.directory.get(), place.name.c_str(), kFlags));
  if (!directory) return lastError(path);
  return directory;
}

Result<Fd> openBeneath(
    int directory, const std::string& relativePath, int flags, mode_t mode, Device device) {
  struct open_how how = {};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC | O_NOFOLLOW);
  if ((flags & O_PATH) == 0) how.flags |= O_NONBLOCK | O_NOCTTY;
  how.mode = mode;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  if (device == Device::kSame) how.resolve |= RESOLVE_NO_XDEV;
  for (int attempt = 1;; ++attempt) {
    const auto fd = ::syscall(SYS_openat2, directory, relativePath.c_str(), &how, sizeof how);
    if (fd >= 0) return Fd(static_cast<int>(fd));
    if (errno == ENOSYS)
      return Error{Code::kUnsupported, "this kernel has no openat2; Linux 5.6 or newer is needed",
                   ""};
    if (errno == EINTR) continue;
    if (errno != EAGAIN || attempt >= kOpenAttempts) return lastError(relativePath);
  }
}

Result<struct stat> statFd(int fd, const std::string& what) {
  struct stat info = {};
  // The empty path makes this work on O_PATH descriptors of every kind.
  if (::fstatat(fd, "", &info, AT_EMPTY_PATH) != 0) return lastError(what);
  return info;
}

Result<std::string> readAll(int fd, std::size_t maxBytes, const std::string& what) {
  std::string content;
  struct stat info = {};
  // The size is a hint: files of /proc say 0.
  const bool sized = ::fstat(fd, &info) == 0 && info.st_size > 0;
  std::size_t room =
      sized ? std::min<std::size_t>(static_cast<std::size_t>(info.st_size) + 1, maxBytes + 1)
            : 4096;
  while (true) {
    const auto used = content.size();
    content.resize(used + room);
    const auto count = retry([&] { return ::read(fd, content.data() + used, room); });
    if (count < 0) return lastError(what);
    content.resize(used + static_cast<std::size_t>(count));
    if (count == 0) return content;
    if (content.size() > maxBytes)
      return Error{Code::kLimitExceeded, what + ": larger than " + std::to_string(maxBytes), ""};
    // Mostly the end comes now: no room is made for what will not come.
    room = std::min({std::max<std::size_t>(content.size(), 4096), std::size_t{64U << 10U},
                     maxBytes + 1 - content.size()});
  }
}

Result<Ok> writeAll(int fd, std::string_view content, const std::string& what) {
  while (!content.empty()) {
    const auto count = retry([&] { return ::write(fd, content.data(), content.size()); });
    if (count < 0) return lastError(what);
    content.remove_prefix(static_cast<std::size_t>(count));
  }
  return Ok{};
}

Result<std::vector<std::string>> listDirectory(Fd directory,
                                               const std::string& what,
                                               std::size_t limit) {
  const auto close = [](DIR* stream) { (void)::closedir(stream); };  // ignoring: it was only read
  std::unique_ptr<DIR, decltype(close)> stream(::fdopendir(directory.get()), close);
  if (!stream) return lastError(what);
  (void)directory.release();  // the stream owns it now
  std::vector<std::string> names;
  while (true) {
    errno = 0;
    const auto* entry = ::readdir(stream.get());
    if (entry == nullptr || names.size() == limit) {
      if (entry == nullptr && errno != 0) return lastError(what);
      std::sort(names.begin(), names.end());
      return names;
    }
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
}

std::string randomName() {
  std::uint64_t number = 0;
  if (::getrandom(&number, sizeof number, 0) != sizeof number)
    throw std::runtime_error("getrandom failed");
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string name;
  for (int i = 0; i < 16; ++i, number >>= 4U)
    name += kHex[number & 15U];
  return name;
}

}  // namespace bulkhead::os
