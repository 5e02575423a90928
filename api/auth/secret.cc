// Secrets from the kernel's random numbers, by libsodium.
#include "api/auth/secret.h"

#include <sodium.h>

#include <array>

namespace bulkhead::api {
namespace {
constexpr std::size_t kTokenBytes = 32;
constexpr std::size_t kTokenChars = 43;  // base64 of the above, without padding
constexpr std::size_t kCodeChars = 32;   // of 5 bits
constexpr std::size_t kBackupCodeChars = 24;
constexpr std::size_t kCodeGroup = 8;
constexpr std::string_view kCodeAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

template <std::size_t kChars>
std::string randomCode() {
  std::array<unsigned char, kChars> random{};
  randombytes_buf(random.data(), random.size());
  std::string code;
  for (std::size_t i = 0; i < random.size(); ++i) {
    if (i > 0 && i % kCodeGroup == 0) code += '-';
    code += kCodeAlphabet[random[i] & 31U];
  }
  return code;
}

}  // namespace

std::string newToken(std::string_view prefix) {
  std::array<unsigned char, kTokenBytes> random{};
  randombytes_buf(random.data(), random.size());
  std::array<char, kTokenChars + 1> text{};
  sodium_bin2base64(text.data(), text.size(), random.data(), random.size(),
                    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  return std::string(prefix) + text.data();
}

bool isToken(std::string_view text, std::string_view prefix) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return text.size() == prefix.size() + kTokenChars && text.substr(0, prefix.size()) == prefix &&
         text.substr(prefix.size()).find_first_not_of(kAlphabet) == std::string_view::npos;
}

std::string newHexToken() {
  std::array<unsigned char, kTokenBytes> random{};
  randombytes_buf(random.data(), random.size());
  std::array<char, kTokenBytes * 2 + 1> text{};
  sodium_bin2hex(text.data(), text.size(), random.data(), random.size());
  return text.data();
}

bool isHexToken(std::string_view text) {
  return text.size() == kTokenBytes * 2 &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string newCode() { return randomCode<kCodeChars>(); }
std::string newBackupCode() { return randomCode<kBackupCodeChars>(); }

std::string normalCode(std::string_view typed) {
  std::string code;
  for (char c : typed) {
    if (c == '-' || c == ' ') continue;
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (c == 'O') c = '0';
    if (c == 'I' || c == 'L') c = '1';
    code += c;
  }
  return code;
}

std::string hashSecret(std::string_view secret) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(secret.data()),
                     secret.size());
  std::array<char, crypto_hash_sha256_BYTES * 2 + 1> text{};
  sodium_bin2hex(text.data(), text.size(), hash.data(), hash.size());
  return text.data();
}

}  // namespace bulkhead::api
