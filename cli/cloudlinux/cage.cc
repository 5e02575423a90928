#include "cli/cloudlinux/cage.h"

#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "common/os/errors.h"

namespace bulkhead::cli::cloudlinux {
namespace {

constexpr std::string_view kDefaultMounts = "/opt\n*/var/lib/bulkhead/cpapi/uid\n";

// The least with which a program in any language starts. Not /etc, /var, /run or /sys.
constexpr const char* kSystem[] = {"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"};
constexpr const char* kFiles[] = {"/dev/null",        "/dev/zero",
                                  "/dev/full",        "/dev/random",
                                  "/dev/urandom",     "/dev/tty",
                                  "/etc/ld.so.cache", "/etc/nsswitch.conf",
                                  "/etc/localtime",   "/etc/cl.selector/native.conf"};
constexpr const char* kDirectories[] = {"/etc/alternatives", "/proc"};

bool below(const std::string& path, const std::string& directory) {
  return path == directory || path.starts_with(directory + "/");
}

// All of it happens in a child that is about to become somebody else; the first failure ends it.
class Builder {
 public:
  explicit Builder(std::string root) : root_(std::move(root)) {}

  Result<Ok> makeRoot() {
    if (::unshare(CLONE_NEWNS) != 0) return os::lastError("a mount namespace");
    // Else the mounts below would appear in the host.
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
      return os::lastError("private mounts");
    if (::mount("tmpfs", root_.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=4m") != 0)
      return os::lastError("a file system for the cage");
    return Ok{};
  }

  // Shows the path inside as it is outside; does nothing when there is none or a part of the cage
  // shows it already: making a mount point there would make it in the host.
  Result<Ok> show(const std::string& path, bool writable) {
    struct stat info = {};
    if (::lstat(path.c_str(), &info) != 0) return Ok{};
    for (const auto& done : shown_)
      if (below(path, done)) return Ok{};
    TRY(makeParents(path));
    const auto target = root_ + path;
    if (S_ISLNK(info.st_mode)) return copyLink(path);
    if (S_ISDIR(info.st_mode)) {
      if (::mkdir(target.c_str(), 0755) != 0 && errno != EEXIST) return os::lastError(path);
    } else {
      TRY(writeFile(path, ""));
    }
    struct statvfs flags = {};
    if (::statvfs(path.c_str(), &flags) != 0) return os::lastError(path);
    if (::mount(path.c_str(), target.c_str(), nullptr, MS_BIND | MS_REC, nullptr) != 0)
      return os::lastError(path);
    const unsigned long kept = flags.f_flag & (ST_RDONLY | ST_NODEV | ST_NOEXEC);
    unsigned long more = MS_NOSUID;
    if (!writable) more |= MS_RDONLY;
    if (::mount(nullptr, target.c_str(), nullptr, MS_REMOUNT | MS_BIND | kept | more, nullptr) != 0)
      return os::lastError(path);
    shown_.push_back(path);
    return Ok{};
  }

  Result<Ok> writeFile(const std::string& path, const std::string& content) {
    TRY(makeParents(path));
    std::ofstream file(root_ + path, std::ios::binary);
    file << content;
    file.close();
    if (!file) return os::lastError(path);
    return Ok{};
  }

  Result<Ok> makeTemporary() {
    const auto path = root_ + "/tmp";
    if (::mkdir(path.c_str(), 0755) != 0 || ::chmod(path.c_str(), 01777) != 0)
      return os::lastError("/tmp");
    return Ok{};
  }

  Result<Ok> moveIn() {
    const auto old = root_ + "/.old";
    if (::mkdir(old.c_str(), 0700) != 0) return os::lastError(old);
    if (::syscall(SYS_pivot_root, root_.c_str(), old.c_str()) != 0)
      return os::lastError("pivot_root");
    if (::chdir("/") != 0) return os::lastError("/");
    if (::umount2("/.old", MNT_DETACH) != 0) return os::lastError("the old root");
    if (::rmdir("/.old") != 0) return os::lastError("the old root");
    return Ok{};
  }

 private:
  Result<Ok> makeParents(const std::string& path) {
    for (auto slash = path.find('/', 1); slash != std::string::npos;
         slash = path.find('/', slash + 1)) {
      const auto directory = root_ + path.substr(0, slash);
      if (::mkdir(directory.c_str(), 0755) != 0 && errno != EEXIST) return os::lastError(directory);
    }
    return Ok{};
  }
  Result<Ok> copyLink(const std::string& path) {
    char target[4096];
    const auto size = ::readlink(path.c_str(), target, sizeof target - 1);
    if (size <= 0) return os::lastError(path);
    target[size] = '\0';
    if (::symlink(target, (root_ + path).c_str()) != 0 && errno != EEXIST)
      return os::lastError(path);
    return Ok{};
  }

  std::string root_;
  std::vector<std::string> shown_;
};

// The lines of passwd or group whose third field is 0 or the number.
std::string trimmedDatabase(const char* path, std::uint64_t number) {
  std::ifstream file(path);
  std::string out;
  for (std::string line; std::getline(file, line);) {
    const auto first = line.find(':');
    const auto second = line.find(':', first == std::string::npos ? first : first + 1);
    if (second == std::string::npos) continue;
    const auto third = std::min(line.find(':', second + 1), line.size());
    const auto field = line.substr(second + 1, third - second - 1);
    if (field == "0" || field == std::to_string(number)) out += line + "\n";
  }
  return out;
}

}  // namespace

std::vector<CageMount> mountsOf(std::string_view cagefsMp, uid_t uid, const std::string& name) {
  std::vector<CageMount> mounts;
  for (std::size_t start = 0; start < cagefsMp.size();) {
    const auto end = std::min(cagefsMp.find('\n', start), cagefsMp.size());
    std::string line(cagefsMp.substr(start, end - start));
    start = end + 1;
    line.erase(std::find_if(line.begin(), line.end(), [](char c) { return c == ' ' || c == '\t'; }),
               line.end());
    const char kind = line.empty() ? '#' : line.front();
    if (kind == '/') {
      mounts.push_back({line, true});
    } else if (kind == '!') {
      mounts.push_back({line.substr(1), false});
    } else if (kind == '*') {
      mounts.push_back({line.substr(1) + "/" + std::to_string(uid), true});
    } else if (kind == '%' && !name.empty()) {
      mounts.push_back({line.substr(1) + "/" + name, true});
    }
  }
  // A directory before what lies in it, which it then shows already.
  std::sort(mounts.begin(), mounts.end(),
            [](const CageMount& a, const CageMount& b) { return a.path < b.path; });
  return mounts;
}

Result<Cage> Cage::make(std::string cagefsMp) {
  std::string root = "/run/bulkhead-cage-XXXXXX";
  if (::mkdtemp(root.data()) == nullptr) return os::lastError("the cage's mount point");
  return Cage(std::move(root),
              cagefsMp.empty() ? std::string(kDefaultMounts) : std::move(cagefsMp));
}

Cage::Cage(Cage&& other) noexcept
    : root_(std::move(other.root_)), cagefsMp_(std::move(other.cagefsMp_)) {
  other.root_.clear();
}

Cage::~Cage() {
  if (!root_.empty()) (void)::rmdir(root_.c_str());  // ignoring: an empty directory in /run
}

Result<Ok> Cage::enter(uid_t uid,
                       gid_t gid,
                       const std::string& name,
                       const std::string& home) const {
  Builder builder(root_);
  TRY(builder.makeRoot());
  for (const auto* path : kSystem)
    TRY(builder.show(path, /*writable=*/false));
  TRY(builder.writeFile("/etc/passwd", trimmedDatabase("/etc/passwd", uid)));
  TRY(builder.writeFile("/etc/group", trimmedDatabase("/etc/group", gid)));
  for (const auto* path : kFiles)
    TRY(builder.show(path, /*writable=*/std::string_view(path).starts_with("/dev/")));
  for (const auto* path : kDirectories)
    TRY(builder.show(path, /*writable=*/false));
  TRY(builder.makeTemporary());
  for (const auto& mount : mountsOf(cagefsMp_, uid, name))
    TRY(builder.show(mount.path, mount.writable));
  if (home.size() > 1) TRY(builder.show(home, /*writable=*/true));
  return builder.moveIn();
}

}  // namespace bulkhead::cli::cloudlinux
