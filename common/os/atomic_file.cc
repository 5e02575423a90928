#include "common/os/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "common/os/errors.h"
#include "common/os/open.h"

namespace bulkhead::os {
namespace {

// Removes the temporary file unless it got its name.
class Temporary {
 public:
  explicit Temporary(int directory)
      : directory_(directory), name_(std::string(kTemporaryPrefix) + randomName()) {}
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  ~Temporary() {
    if (created_)
      (void)::unlinkat(directory_, name_.c_str(), 0);  // ignoring: removeTemporaries() comes by
  }
  // Mode 0600 until the content is there: nobody else sees a secret through a window.
  Result<Fd> create() {
    Fd file(::openat(directory_, name_.c_str(),
                     O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file) return lastError("temporary file");
    created_ = true;
    return file;
  }
  const char* name() const { return name_.c_str(); }
  void keep() { created_ = false; }

 private:
  int directory_;
  std::string name_;
  bool created_ = false;
};

// fsync is the last step: its failure means that the content is lost, and asking again would say
// "fine".
Result<Ok> fill(int file, std::string_view content, mode_t mode, const std::string& name) {
  TRY(writeAll(file, content, name));
  if (::fchmod(file, mode) != 0) return lastError(name);
  if (::fsync(file) != 0) return lastError(name);
  return Ok{};
}

}  // namespace

Result<Ok> syncDirectory(int directory) {
  const Fd readable(::openat(
      directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));  // an O_PATH one cannot be synced
  if (!readable || ::fsync(readable.get()) != 0) return lastError("directory");
  return Ok{};
}

Result<Ok> replaceFile(int directory,
                       const std::string& name,
                       std::string_view content,
                       const Ownership& ownership) {
  struct stat present = {};
  if (::fstatat(directory, name.c_str(), &present, AT_SYMLINK_NOFOLLOW) == 0 &&
      !S_ISREG(present.st_mode))
    return Error{Code::kPermissionDenied, name + ": is not a regular file", ""};
  Temporary temporary(directory);
  TRY_ASSIGN(const auto file, temporary.create());
  if (::fchown(file.get(), ownership.uid, ownership.gid) != 0) return lastError(name);
  TRY(fill(file.get(), content, ownership.mode, name));
  if (::renameat(directory, temporary.name(), directory, name.c_str()) != 0) return lastError(name);
  temporary.keep();
  return syncDirectory(directory);
}

Result<bool> createFile(int directory,
                        const std::string& name,
                        std::string_view content,
                        mode_t mode) {
  Temporary temporary(directory);
  TRY_ASSIGN(const auto file, temporary.create());
  TRY(fill(file.get(), content, mode, name));
  if (::renameat2(directory, temporary.name(), directory, name.c_str(), RENAME_NOREPLACE) != 0) {
    if (errno == EEXIST) return false;
    return lastError(name);
  }
  temporary.keep();
  TRY(syncDirectory(directory));
  return true;
}

Result<Ok> removeTemporaries(int directory) {
  Fd readable(::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!readable) return lastError("directory");
  TRY_ASSIGN(const auto names, listDirectory(std::move(readable), "directory"));
  for (const auto& name : names)
    if (name.starts_with(kTemporaryPrefix) && ::unlinkat(directory, name.c_str(), 0) != 0 &&
        errno != ENOENT)
      return lastError(name);
  return Ok{};
}

}  // namespace bulkhead::os
