// Pepper: what every password is mixed with before it is hashed, so that a copy of the database
// alone does not even let anybody begin to guess (ASVS 5.0, 11.4.2).
#pragma once
#include <string>
#include <string_view>

#include "api/auth/secret_file.h"
#include "common/core/result.h"

namespace bulkhead::api {

class Pepper {
 public:
  static constexpr const char* kFileName = "password-pepper.key";
  static Result<Pepper> load(const std::string& directory);
  explicit Pepper(SecretFile secret) : secret_(secret) {}

  bool isNew() const { return secret_.isNew; }
  // HMAC-SHA-256 of the password as 64 hexadecimal digits: what argon2id gets instead of it.
  std::string mixed(std::string_view password) const;

 private:
  SecretFile secret_;
};

}  // namespace bulkhead::api
