// Replaces a file so that every reader, and the disk after a crash, has either the old or the new
// content, whole.
#pragma once
#include <sys/types.h>

#include <string>
#include <string_view>

#include "common/core/result.h"

namespace bulkhead::os {

inline constexpr std::string_view kTemporaryPrefix = ".bulkhead-tmp-";

struct Ownership {
  mode_t mode = 0600;
  uid_t uid = 0;
  gid_t gid = 0;
};

// `directory` may be O_PATH. The temporary file lies in the same directory and is removed on every
// failure, disk full included. Only a process that is killed leaves one behind:
// removeTemporaries(). Refuses to replace what is not a regular file.
Result<Ok> replaceFile(int directory,
                       const std::string& name,
                       std::string_view content,
                       const Ownership& ownership);

// Creates the file unless something of that name exists; says whether it did. Never a half-written
// one.
Result<bool> createFile(int directory,
                        const std::string& name,
                        std::string_view content,
                        mode_t mode);

// Removes what killed writers left in the directory. Only when nobody writes there.
Result<Ok> removeTemporaries(int directory);

// Makes the directory's entries durable.
Result<Ok> syncDirectory(int directory);

}  // namespace bulkhead::os
