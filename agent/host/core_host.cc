// Keeps what it read while the file's own identity says that nobody wrote it since.
#include "agent/host/core_host.h"

#include <ctime>
#include <optional>

namespace bulkhead::agent {
namespace {

constexpr std::size_t kFilesMax = 256;     // kept at once; a larger host reads some of them again
constexpr std::size_t kContentMax = 4096;  // of one; an account's record has some hundred bytes
constexpr std::int64_t kSettledNanos = 50'000'000;  // some ticks of the clock that stamps files

std::optional<struct stat> look(const std::string& path) {
  struct stat info = {};
  if (::lstat(path.c_str(), &info) != 0) return std::nullopt;
  return info;
}

std::int64_t nanos(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

// Writers replace files, so a new content is a new inode; a change of anything else moves ctime.
bool same(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_size == b.st_size &&
         nanos(a.st_ctim) == nanos(b.st_ctim) && nanos(a.st_mtim) == nanos(b.st_mtim);
}

// Two changes within one tick carry the same stamp; a file that was just written may be in it.
bool settled(const struct stat& info) {
  timespec now = {};
  return ::clock_gettime(CLOCK_REALTIME, &now) == 0 &&
         nanos(now) - nanos(info.st_ctim) > kSettledNanos;
}

}  // namespace

Result<std::string> CoreHost::readFile(const std::string& path) const {
  const auto now = std::chrono::steady_clock::now();
  const auto before = look(path);
  if (const auto found = kept_.find(path); found != kept_.end()) {
    if (before && now < found->second.until && same(*before, found->second.file))
      return found->second.content;
    kept_.erase(found);
  }
  auto content = RealHost::readFile(path);
  if (!content.ok() || !before || content->size() > kContentMax || !settled(*before))
    return content;
  const auto after = look(path);
  if (!after || !same(*before, *after)) return content;
  if (kept_.size() >= kFilesMax) kept_.clear();
  kept_.emplace(path, Kept{*content, *after, now + kProofLife});
  return content;
}

}  // namespace bulkhead::agent
