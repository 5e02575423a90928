// XChaCha20-Poly1305 by libsodium.
#include "api/auth/factor_key.h"

#include <sodium.h>

#include <vector>

namespace bulkhead::api {
namespace {

constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
using Bytes = std::vector<unsigned char>;

const unsigned char* bytesOf(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string hexOf(const Bytes& bytes) {
  std::string text(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
  text.pop_back();
  return text;
}

}  // namespace

Result<FactorKey> FactorKey::load(const std::string& directory) {
  TRY_ASSIGN(const SecretFile secret,
             loadSecretFile(directory, kFileName, "nobody's second factor can be checked"));
  return FactorKey(secret);
}

std::string FactorKey::seal(std::string_view seed, std::string_view owner) const {
  Bytes out(kNonceBytes + seed.size() + kTagBytes);
  randombytes_buf(out.data(), kNonceBytes);
  (void)crypto_aead_xchacha20poly1305_ietf_encrypt(  // ignoring: it always answers 0
      out.data() + kNonceBytes, nullptr, bytesOf(seed), seed.size(), bytesOf(owner), owner.size(),
      nullptr, out.data(), secret_.bytes.data());
  return hexOf(out);
}

Result<std::string> FactorKey::open(std::string_view sealed, std::string_view owner) const {
  const Error damaged{Code::kInternal, "a second factor cannot be read with this server's key", ""};
  if (sealed.size() <= 2 * (kNonceBytes + kTagBytes)) return damaged;
  Bytes in(sealed.size() / 2);
  std::size_t got = 0;
  if (sodium_hex2bin(in.data(), in.size(), sealed.data(), sealed.size(), nullptr, &got, nullptr) !=
          0 ||
      got != in.size() || got <= kNonceBytes + kTagBytes)
    return damaged;
  std::string seed(got - kNonceBytes - kTagBytes, '\0');
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          reinterpret_cast<unsigned char*>(seed.data()), nullptr, nullptr, in.data() + kNonceBytes,
          got - kNonceBytes, bytesOf(owner), owner.size(), in.data(), secret_.bytes.data()) != 0)
    return damaged;
  return seed;
}

}  // namespace bulkhead::api
