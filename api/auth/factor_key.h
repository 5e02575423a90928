// FactorKey: the key under which seeds of second factors lie in the database. It is a file beside
// it, not in it: who gets hold of a copy of the database alone cannot make codes.
#pragma once
#include <string>
#include <string_view>

#include "api/auth/secret_file.h"
#include "common/core/result.h"

namespace bulkhead::api {

class FactorKey {
 public:
  static constexpr const char* kFileName = "second-factor.key";

  // Creates the file (0600, 256 random bits) unless it is there. Refuses one that others can read
  // or that is not whole: with another key every enrolled administrator would be kept out.
  static Result<FactorKey> load(const std::string& directory);
  // Whether load() has made it just now: then nothing that was sealed before can be opened.
  bool isNew() const { return secret_.isNew; }

  // Authenticated, and bound to its owner: a row that was moved to another administrator opens
  // nothing. As hexadecimal text.
  std::string seal(std::string_view seed, std::string_view owner) const;
  // kInternal for what was sealed with another key, for another owner, or was damaged.
  Result<std::string> open(std::string_view sealed, std::string_view owner) const;

 private:
  explicit FactorKey(SecretFile secret) : secret_(secret) {}
  SecretFile secret_;
};

}  // namespace bulkhead::api
