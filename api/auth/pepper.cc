#include "api/auth/pepper.h"

#include <sodium.h>

namespace bulkhead::api {

Result<Pepper> Pepper::load(const std::string& directory) {
  TRY_ASSIGN(const SecretFile secret,
             loadSecretFile(directory, kFileName, "nobody's password can be checked"));
  return Pepper(secret);
}

std::string Pepper::mixed(std::string_view password) const {
  static_assert(SecretFile::kBytes == crypto_auth_hmacsha256_KEYBYTES);
  std::array<unsigned char, crypto_auth_hmacsha256_BYTES> code{};
  (void)crypto_auth_hmacsha256(  // ignoring: it always answers 0
      code.data(), reinterpret_cast<const unsigned char*>(password.data()), password.size(),
      secret_.bytes.data());
  std::string text(code.size() * 2 + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), code.data(), code.size());
  text.pop_back();
  return text;
}

}  // namespace bulkhead::api
