// Deletes a tree that somebody may still be changing, without leaving it.
#pragma once
#include <sys/stat.h>

#include <functional>
#include <string>
#include <string_view>

#include "common/core/result.h"

namespace bulkhead::os {

inline constexpr std::string_view kTrashPrefix = ".bulkhead-trash-";

// Moves directory/name into a new directory that only root can enter, then deletes there: no link
// is followed, no mount is crossed (that is an error, and what is left is finished by the next call
// for the name), and neither depth nor size costs memory or descriptors. Also finishes what killed
// calls left beside it. Absent is fine. The directory must be root's.
Result<Ok> removeTree(int directory, const std::string& name);

// Removes every entry of the directory that `wanted` accepts, and all below it, in one pass: how
// much others have there costs time only. It works where the entries lie and makes nothing, for
// they may be what fills the file system; so nobody who may rename them should still run. `what`
// names the directory in errors.
using Wanted = std::function<bool(const struct stat&)>;
Result<Ok> removeEntries(int directory, const std::string& what, const Wanted& wanted);

}  // namespace bulkhead::os
