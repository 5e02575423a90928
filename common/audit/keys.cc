#include "common/audit/keys.h"

#include <sodium.h>

#include <cstdlib>

#include "common/audit/digest.h"

namespace bulkhead {
namespace {

static_assert(kAuditSecretBytes == crypto_auth_hmacsha256_KEYBYTES);
static_assert(kAuditSecretBytes == crypto_sign_SEEDBYTES);
static_assert(kAuditSecretBytes == crypto_hash_sha256_BYTES);

constexpr std::string_view kSeedPrefix = "bkas_";  // found by scanners for secrets
constexpr std::size_t kCheckDigits = 8;            // of a digest: finds a typing error
constexpr std::size_t kSignatureDigits = 2 * crypto_sign_BYTES;

const unsigned char* bytesOf(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string hexOf(const unsigned char* bytes, std::size_t count) {
  std::string text(2 * count + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), bytes, count);
  text.pop_back();
  return text;
}

bool readHex(std::string_view text, unsigned char* bytes, std::size_t count) {
  std::size_t got = 0;
  return text.size() == 2 * count &&
         sodium_hex2bin(bytes, count, text.data(), text.size(), nullptr, &got, nullptr) == 0 &&
         got == count;
}

struct KeyPair {
  explicit KeyPair(const AuditSecret& seed) {
    crypto_sign_seed_keypair(open.data(), secret.data(), seed.bytes().data());
  }
  KeyPair(const KeyPair&) = delete;
  KeyPair& operator=(const KeyPair&) = delete;
  ~KeyPair() { sodium_memzero(secret.data(), secret.size()); }
  std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> open{};
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret{};
};

std::string checkDigits(std::string_view digits) {
  return sha256Hex(digits).substr(0, kCheckDigits);
}

}  // namespace

AuditSecret::~AuditSecret() { sodium_memzero(bytes_.data(), bytes_.size()); }

AuditSecret AuditSecret::derive(std::string_view label) const {
  AuditSecret derived;
  crypto_auth_hmacsha256(derived.bytes_.data(), bytesOf(label), label.size(), bytes_.data());
  return derived;
}

std::string AuditKeys::macHex(std::string_view hashHex) const {
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  (void)readHex(hashHex, hash.data(), hash.size());  // the caller's own hash: always a digest
  std::array<unsigned char, crypto_auth_hmacsha256_BYTES> code{};
  crypto_auth_hmacsha256(code.data(), hash.data(), hash.size(), mac.bytes().data());
  return hexOf(code.data(), code.size());
}

std::string AuditKeys::sign(std::string_view text) const {
  const KeyPair pair(signing);
  std::array<unsigned char, crypto_sign_BYTES> signature{};
  crypto_sign_detached(signature.data(), nullptr, bytesOf(text), text.size(), pair.secret.data());
  return hexOf(signature.data(), signature.size());
}

AuditKeys auditKeysOf(const AuditSecret& mac, const AuditSecret& signing) {
  AuditKeys keys;
  keys.mac = mac;
  keys.signing = signing;
  const KeyPair pair(signing);
  keys.publicKey = hexOf(pair.open.data(), pair.open.size());
  return keys;
}

void AuditKeys::evolve() {
  mac = mac.derive("evolve");
  ++epoch;
}

bool isSignedBy(std::string_view publicKey, std::string_view text, std::string_view signature) {
  std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> key{};
  std::array<unsigned char, crypto_sign_BYTES> bytes{};
  return signature.size() == kSignatureDigits && readHex(publicKey, key.data(), key.size()) &&
         readHex(signature, bytes.data(), bytes.size()) &&
         crypto_sign_verify_detached(bytes.data(), bytesOf(text), text.size(), key.data()) == 0;
}

AuditSeed AuditSeed::make() {
  if (sodium_init() < 0) std::abort();  // no source of randomness: better no seed than a known one
  AuditSecret::Bytes bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  AuditSeed seed{AuditSecret(bytes)};
  sodium_memzero(bytes.data(), bytes.size());
  return seed;
}

Result<AuditSeed> AuditSeed::parse(std::string_view text) {
  const Error refused{Code::kInvalidArgument, "that is not a seed of an audit log", ""};
  if (!text.starts_with(kSeedPrefix)) return refused;
  text.remove_prefix(kSeedPrefix.size());
  if (text.size() != 2 * kAuditSecretBytes + kCheckDigits) return refused;
  const auto digits = text.substr(0, 2 * kAuditSecretBytes);
  AuditSecret::Bytes bytes{};
  if (text.substr(digits.size()) != checkDigits(digits) ||
      !readHex(digits, bytes.data(), bytes.size()))
    return refused;
  AuditSeed seed{AuditSecret(bytes)};
  sodium_memzero(bytes.data(), bytes.size());
  return seed;
}

std::string AuditSeed::text() const {
  const std::string digits = hexOf(secret_.bytes().data(), kAuditSecretBytes);
  return std::string(kSeedPrefix) + digits + checkDigits(digits);
}

AuditKeys AuditSeed::keys() const {
  return auditKeysOf(secret_.derive("mac"), secret_.derive("sign"));
}

}  // namespace bulkhead
