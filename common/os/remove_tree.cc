#include "common/os/remove_tree.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vector>

#include "common/os/atomic_file.h"
#include "common/os/each_name.h"
#include "common/os/errors.h"
#include "common/os/open.h"

namespace bulkhead::os {
namespace {

constexpr int kAttempts = 4;
constexpr int kOpenAttempts = 16;  // of one that may be exchanged between a look and an open
constexpr int kDepthMax =
    24;  // open directories at a time; what lies deeper is moved up to the trash first
constexpr std::size_t kBatch =
    4096;  // names in memory: a tenant may have millions in one directory
constexpr int kRounds =
    200;  // a process that holds the tree open and writes faster than this is refused with kBusy

class Trash {
 public:
  explicit Trash(Fd directory) : directory_(std::move(directory)) {}

  // Takes an entry of `from` over under a name of our own. False: it is gone already.
  Result<bool> take(int from, const std::string& name) {
    const auto own = randomName();
    if (::renameat(from, name.c_str(), directory_.get(), own.c_str()) != 0) {
      if (errno == ENOENT) return false;
      return lastError(name);
    }
    pending_.push_back({own, 0});
    return true;
  }

  std::size_t size() const { return pending_.size(); }

  // Everything that lies in the trash, from a killed call.
  Result<Ok> takeLeftOvers() {
    TRY_ASSIGN(auto names, list(directory_.get()));
    for (auto& name : names)
      pending_.push_back({std::move(name), 0});
    return Ok{};
  }

  // The same where somebody else may have put any number of names.
  Result<Ok> clearAll() { return clear(directory_.get(), 1); }

  Result<Ok> empty() {
    while (!pending_.empty()) {
      auto entry = std::move(pending_.back());
      pending_.pop_back();
      if (++entry.rounds > kRounds)
        return Error{Code::kBusy, "the tree is still being written to", ""};
      TRY(remove(std::move(entry)));
    }
    return Ok{};
  }

 private:
  struct Entry {
    std::string name;
    int rounds;
  };

  static Result<std::vector<std::string>> list(int directory, std::size_t limit = kAllNames) {
    Fd readable(::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!readable) return lastError("tree");
    return listDirectory(std::move(readable), "tree", limit);
  }

  Result<Ok> remove(Entry entry) {
    const auto* name = entry.name.c_str();
    if (::unlinkat(directory_.get(), name, 0) == 0 || errno == ENOENT) return Ok{};
    if (errno != EISDIR && errno != EPERM) return lastError(entry.name);
    auto tree = openBeneath(directory_.get(), entry.name, O_RDONLY | O_DIRECTORY);
    if (!tree.ok() && tree.error().code == Code::kNotFound) return Ok{};
    if (!tree.ok()) return tree.error();
    TRY(clear(tree->get(), 1));
    if (::unlinkat(directory_.get(), name, AT_REMOVEDIR) == 0 || errno == ENOENT) return Ok{};
    if (errno != ENOTEMPTY && errno != EEXIST) return lastError(entry.name);
    pending_.push_back(std::move(entry));  // somebody wrote into it meanwhile
    return Ok{};
  }

  // Removes what lies in a directory. It may leave something that was put there meanwhile; the
  // caller looks again.
  Result<Ok> clear(int directory, int depth) {
    while (true) {
      TRY_ASSIGN(const auto names, list(directory, kBatch));
      std::size_t gone = 0;
      for (const auto& child : names) {
        TRY_ASSIGN(const bool removed, clearChild(directory, child, depth));
        if (removed) ++gone;
      }
      if (names.size() < kBatch || gone == 0) return Ok{};
    }
  }

  // Between any two lines here, the name may come to mean something else: a link, a file, another
  // directory of the tree.
  Result<bool> clearChild(int directory, const std::string& child, int depth) {
    const auto* name = child.c_str();
    if (::unlinkat(directory, name, 0) == 0 || errno == ENOENT) return true;
    if (errno != EISDIR && errno != EPERM) return lastError(child);
    if (depth >= kDepthMax) return take(directory, child);
    auto below = openBeneath(directory, child, O_RDONLY | O_DIRECTORY);
    for (int attempt = 0; !below.ok(); ++attempt) {
      struct stat now = {};
      const bool exchanged =
          ::fstatat(directory, name, &now, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISDIR(now.st_mode);
      if (exchanged) return false;
      // A directory now, but was it one when it was opened? A mount, for one, stays what it is.
      if (attempt == kOpenAttempts) return below.error();
      below = openBeneath(directory, child, O_RDONLY | O_DIRECTORY);
    }
    TRY(clear(below->get(), depth + 1));
    if (::unlinkat(directory, name, AT_REMOVEDIR) == 0 || errno == ENOENT) return true;
    if (errno != ENOTEMPTY && errno != EEXIST && errno != ENOTDIR) return lastError(child);
    return false;
  }

  Fd directory_;
  std::vector<Entry> pending_;
};

bool isPrivate(const struct stat& info) {
  return S_ISDIR(info.st_mode) && info.st_uid == ::geteuid() && (info.st_mode & 0077U) == 0;
}

// Opens a trash directory and locks it, so that its maker and a call that tidies up never work on
// one at a time. kBusy: somebody works there.
Result<Trash> openTrash(int parent, const std::string& name) {
  // Made by somebody else, in a directory that all write to: a file, a pipe, a link, another file
  // system (that one even refuses root). Not a private place, so as if it were not there.
  const Error notOurs{Code::kNotFound, name + ": is not a private directory", ""};
  struct stat info = {};
  if (::fstatat(parent, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0 || !isPrivate(info))
    return notOurs;
  Fd fd(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd && (errno == ENOTDIR || errno == ELOOP)) return notOurs;  // exchanged since
  if (!fd) return lastError(name);
  TRY_ASSIGN(info, statFd(fd.get(), name));
  if (!isPrivate(info)) return notOurs;
  if (retry([&] { return ::flock(fd.get(), LOCK_EX | LOCK_NB); }) != 0) return lastError(name);
  return Trash(std::move(fd));
}

// "PREFIX name-RANDOM": so a repeated call knows the rest of its own tree.
std::string trashNameFor(const std::string& name, const std::string& random) {
  constexpr std::size_t kShown = 128;  // a file name has 255 bytes at most
  return std::string(kTrashPrefix) + name.substr(0, kShown) + "-" + random;
}

// Finishes what killed or refused calls left. Only the trouble of this call's own name counts: the
// trouble of another tree, for example a mount in it, must not stop this one.
Result<Ok> finishEarlierCalls(int parent, const std::string& name) {
  const auto own = trashNameFor(name, "");
  return eachName(parent, "directory", [&](const std::string& entry) -> Result<Pass> {
    if (!entry.starts_with(kTrashPrefix)) return Pass::kGoOn;
    const auto finished = [&]() -> Result<Ok> {
      TRY_ASSIGN(auto trash, openTrash(parent, entry));
      TRY(trash.takeLeftOvers());
      TRY(trash.empty());
      (void)::unlinkat(parent, entry.c_str(),
                       AT_REMOVEDIR);  // ignoring: it is empty, and a later call finds it
      return Ok{};
    }();
    const bool mine = entry.starts_with(own) && entry.size() == own.size() + randomName().size();
    if (mine && !finished.ok() && finished.error().code != Code::kNotFound) return finished.error();
    return Pass::kGoOn;
  });
}

// False: another call that tidied up was in the way, and nothing is changed.
Result<bool> removeOnce(int directory, const std::string& name) {
  const auto trashName = trashNameFor(name, randomName());
  if (::mkdirat(directory, trashName.c_str(), 0700) != 0) return lastError(trashName);
  auto trash = openTrash(directory, trashName);
  if (!trash.ok()) {
    if (trash.error().code == Code::kNotFound || trash.error().code == Code::kBusy) return false;
    return trash.error();
  }
  auto taken = trash->take(directory, name);
  const auto emptied = trash->empty();
  if (::unlinkat(directory, trashName.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT &&
      taken.ok() && emptied.ok())
    return lastError(trashName);
  if (!emptied.ok())
    return emptied.error();  // what is left stays there, for the next call to finish
  return taken;
}

// ext4 and xfs move nothing of another project into a directory that hands its project on, and an
// owner may have said that it does.
void handNoProjectOn(int directory) {
  struct fsxattr attributes = {};
  if (::ioctl(directory, FS_IOC_FSGETXATTR, &attributes) != 0) return;  // not of this file system
  if ((attributes.fsx_xflags & FS_XFLAG_PROJINHERIT) == 0) return;
  attributes.fsx_xflags &= ~static_cast<unsigned>(FS_XFLAG_PROJINHERIT);
  // Ignoring the answer: moving then says what is in the way.
  (void)::ioctl(directory, FS_IOC_FSSETXATTR, &attributes);
}

// Empties a directory where it lies; what lies too deep is moved up into it.
Result<Ok> emptyInPlace(Fd directory) {
  handNoProjectOn(directory.get());
  Trash inPlace(std::move(directory));
  TRY(inPlace.clearAll());
  return inPlace.empty();
}

// False: look again. Between any two lines the name may come to mean something else, as long as
// somebody who may rename it still runs; then it is that which has to be wanted.
Result<bool> removeEntry(int directory, const std::string& name, const Wanted& wanted) {
  struct stat info = {};
  if (::fstatat(directory, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) return true;
  if (!wanted(info)) return true;
  const int flags = S_ISDIR(info.st_mode) ? AT_REMOVEDIR : 0;
  if (::unlinkat(directory, name.c_str(), flags) == 0 || errno == ENOENT) return true;
  if (errno == EISDIR || errno == ENOTDIR) return false;
  if (errno != ENOTEMPTY && errno != EEXIST) return lastError(name);
  auto tree = openBeneath(directory, name, O_RDONLY | O_DIRECTORY);
  if (!tree.ok()) {
    struct stat now = {};
    const bool still = ::fstatat(directory, name.c_str(), &now, AT_SYMLINK_NOFOLLOW) == 0 &&
                       now.st_ino == info.st_ino && now.st_dev == info.st_dev;
    if (still) return tree.error();
    return false;
  }
  TRY_ASSIGN(info, statFd(tree->get(), name));
  if (wanted(info)) TRY(emptyInPlace(std::move(*tree)));
  return false;
}

}  // namespace

Result<Ok> removeEntries(int directory, const std::string& what, const Wanted& wanted) {
  TRY(eachName(directory, what, [&](const std::string& name) -> Result<Pass> {
    for (int round = 0; round < kRounds; ++round) {
      TRY_ASSIGN(const bool done, removeEntry(directory, name, wanted));
      if (done) return Pass::kGoOn;
    }
    return Error{Code::kBusy, name + ": is still being written to", ""};
  }));
  return syncDirectory(directory);
}

Result<Ok> removeTree(int directory, const std::string& name) {
  TRY_ASSIGN(const auto parts, splitRelative(name));
  if (parts.size() != 1) return Error{Code::kPermissionDenied, "not one name: " + name, ""};
  TRY(finishEarlierCalls(directory, name));
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    struct stat present = {};
    if (::fstatat(directory, name.c_str(), &present, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno != ENOENT) return lastError(name);
      return syncDirectory(directory);
    }
    TRY(removeOnce(directory, name));
  }
  return Error{Code::kBusy, name + ": appears again and again", ""};
}

}  // namespace bulkhead::os
