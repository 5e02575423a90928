// Secrets of this server that lie in a file beside its databases, not in them: whoever gets hold of
// a copy of a database alone can do nothing with what they protect.
#pragma once
#include <array>
#include <cstddef>
#include <string>

#include "common/core/result.h"

namespace bulkhead::api {

struct SecretFile {
  static constexpr std::size_t kBytes = 32;
  std::array<unsigned char, kBytes> bytes{};
  bool isNew = false;  // made just now: what was protected by an earlier one is lost

  SecretFile() = default;
  SecretFile(const SecretFile&) = default;
  SecretFile& operator=(const SecretFile&) = default;
  ~SecretFile();  // leaves nothing in memory
};

// Creates the file (0600, 256 random bits) unless it is there. kPermissionDenied for one that
// others can read or that is not whole, with `withoutIt` saying what that costs.
Result<SecretFile> loadSecretFile(const std::string& directory,
                                  const std::string& name,
                                  const std::string& withoutIt);

}  // namespace bulkhead::api
