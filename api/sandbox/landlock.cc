// Landlock: the state directory and nothing else.
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

#include "api/sandbox/sandbox.h"
#include "common/os/fd.h"

namespace bulkhead::api {
namespace {

// Debian 12's header knows only the first two versions; the kernel's numbers never change.
constexpr std::uint64_t kReadFile = 1U << 2U;
constexpr std::uint64_t kWriteFile = 1U << 1U;
constexpr std::uint64_t kReadDir = 1U << 3U;
constexpr std::uint64_t kRemoveFile = 1U << 5U;
constexpr std::uint64_t kMakeRegular = 1U << 8U;
constexpr std::uint64_t kTruncate = 1U << 14U;  // since version 3
constexpr int kVersionWithTruncate = 3;
constexpr int kVersionWithRefer = 2;

std::uint64_t handledBy(int version) {
  if (version >= kVersionWithTruncate) return (1U << 15U) - 1;
  if (version >= kVersionWithRefer) return (1U << 14U) - 1;
  return (1U << 13U) - 1;
}

Error failed(const char* what) {
  return Error{Code::kInternal, std::string("landlock: ") + what, ""};
}

Result<Ok> allowReading(int ruleset, const std::string& path) {
  const Fd file(::open(path.c_str(), O_PATH | O_CLOEXEC));
  if (!file) return Ok{};
  landlock_path_beneath_attr below{};
  below.allowed_access = kReadFile;
  below.parent_fd = file.get();
  if (::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &below, 0) != 0)
    return failed("no rule for a file");
  return Ok{};
}

Result<Ok> allowBelow(int ruleset, const std::string& directory, std::uint64_t access) {
  const Fd parent(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!parent)
    return Error{Code::kUnavailable, "the state directory " + directory + " cannot be opened", ""};
  landlock_path_beneath_attr below{};
  below.allowed_access = access;
  below.parent_fd = parent.get();
  if (::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &below, 0) != 0)
    return failed("no rule for the state directory");
  return Ok{};
}

}  // namespace

Result<std::string> confineFiles(const std::string& stateDirectory,
                                 const std::vector<std::string>& readable) {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed("no_new_privs");
  const long version =
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version < 1) return std::string("none");
  landlock_ruleset_attr attributes{};
  attributes.handled_access_fs = handledBy(static_cast<int>(version));
  // Only the part of the structure that we fill, so that any kernel understands it.
  const Fd ruleset(static_cast<int>(
      ::syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes.handled_access_fs, 0)));
  if (!ruleset) return failed("no ruleset");
  const std::uint64_t wanted =
      kReadFile | kWriteFile | kReadDir | kRemoveFile | kMakeRegular | kTruncate;
  TRY(allowBelow(ruleset.get(), stateDirectory, wanted & attributes.handled_access_fs));
  for (const auto& path : readable)
    TRY(allowReading(ruleset.get(), path));
  if (::syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0) return failed("not accepted");
  return "version " + std::to_string(version);
}

}  // namespace bulkhead::api
