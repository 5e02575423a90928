// Opening files without being led astray. Two situations exist: paths whose every directory is
// root's (nobody else can change them), and paths inside a tree that somebody else can change at
// any moment (openBeneath).
#pragma once
#include <sys/stat.h>
#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "common/core/result.h"
#include "common/os/fd.h"

namespace bulkhead::os {

// "/a/b" -> {"a", "b"}. Refuses what is not absolute and plain: "", "a", "/a/", "//", "/a/../b",
// NUL.
Result<std::vector<std::string>> splitPath(std::string_view path);
// The same for a path below something: "a/b".
Result<std::vector<std::string>> splitRelative(std::string_view path);

// Opens a directory (O_PATH) after proving that it and each of its parents is a real directory,
// belongs to root and cannot be written by others (a sticky one such as /tmp may: its entries are
// checked one by one). So whoever is not root cannot change what the path means, neither now nor
// later.
Result<Fd> openRootDirectory(const std::string& path);

// The directory of the path's last component, and that component.
struct Place {
  Fd directory;  // O_PATH
  std::string name;
};
Result<Place> openRootParent(const std::string& path);
// For reading: a directory right below one that only root can change; its own owner does not
// matter. "/" is taken too.
Result<Fd> openDirectoryInRoots(const std::string& path);

// openat2 below `directory` without links and magic links; on the same device only, unless kAny is
// said. Adds O_CLOEXEC, O_NOFOLLOW, O_NONBLOCK and O_NOCTTY (a FIFO planted there would block an
// open for ever). Works on trees that others change meanwhile.
enum class Device { kSame, kAny };
Result<Fd> openBeneath(int directory,
                       const std::string& relativePath,
                       int flags,
                       mode_t mode = 0,
                       Device device = Device::kSame);

Result<struct stat> statFd(int fd, const std::string& what);
// Everything until the end of the file; kLimitExceeded above maxBytes.
Result<std::string> readAll(int fd, std::size_t maxBytes, const std::string& what);
Result<Ok> writeAll(int fd, std::string_view content, const std::string& what);
// Names without "." and "..", sorted; at most `limit` of them, in no certain choice. Takes an fd
// that was opened for reading.
inline constexpr std::size_t kAllNames = static_cast<std::size_t>(-1);
Result<std::vector<std::string>> listDirectory(Fd directory,
                                               const std::string& what,
                                               std::size_t limit = kAllNames);

// 16 hexadecimal digits from the kernel.
std::string randomName();

}  // namespace bulkhead::os
