#include "api/boot/copy_task.h"

#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>
#include <optional>

#include "api/store/copy/copy.h"

namespace bulkhead::api {
namespace {

constexpr const char* kSqlite = "sqlite";

Result<Ok> becomeOwner(const struct stat& directory) {
  if (::geteuid() != 0 || directory.st_uid == 0) return Ok{};
  ::umask(077);
  if (::setgroups(0, nullptr) != 0 || ::setgid(directory.st_gid) != 0 ||
      ::setuid(directory.st_uid) != 0)
    return Error{Code::kInternal, "cannot become the owner of the state directory", ""};
  return Ok{};
}

// Read while this process is still root: the file may be root's.
Result<std::optional<mariadb::Access>> accessAt(const std::string& place, uid_t owner) {
  if (place == kSqlite) return std::optional<mariadb::Access>();
  TRY_ASSIGN(auto access, mariadb::readAccess(place, owner));
  return std::optional<mariadb::Access>(std::move(access));
}

std::string printed(const CopyProof& proof) {
  std::string text;
  for (const auto& table : proof.tables)
    text +=
        table.table + ": " + std::to_string(table.rows) + " rows, blake2b " + table.digest + "\n";
  return text +
         (proof.wasThere ? "all of it was there already\n" : "copied, read back and compared\n");
}

}  // namespace

Result<std::string> copyStores(const Options& options) {
  struct stat directory {};
  if (::stat(options.stateDirectory.c_str(), &directory) != 0)
    return Error{Code::kNotFound, "there is no " + options.stateDirectory, ""};
  TRY_ASSIGN(const auto from, accessAt(options.copyFrom, directory.st_uid));
  TRY_ASSIGN(const auto to, accessAt(options.copyTo, directory.st_uid));
  TRY(becomeOwner(directory));
  const std::string file = options.stateDirectory + "/panel.db";
  TRY_ASSIGN(const auto source, from ? sourceAt(*from) : sourceAt(file));
  TRY_ASSIGN(const auto target, to ? targetAt(*to) : targetAt(file));
  TRY_ASSIGN(const auto proof, copyStore(*source, *target));
  return printed(proof);
}

}  // namespace bulkhead::api
