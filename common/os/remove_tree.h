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

// Removes in the same way every entry of the directory that `wanted` accepts, in one pass and with
// one trash directory, which `label` names. How much others have there costs time only.
Result<Ok> removeEntries(int directory,
                         const std::string& label,
                         const std::function<bool(const struct stat&)>& wanted);

}  // namespace bulkhead::os
