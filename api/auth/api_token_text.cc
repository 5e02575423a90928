#include "api/auth/api_token_text.h"

#include <sodium.h>

namespace bulkhead::api {
namespace {

constexpr std::string_view kAlphabet =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::size_t kRandomChars = 43;   // 43 * log2(62) = 256.03 bits
constexpr std::size_t kChecksumChars = 6;  // 62^6 is more than 2^32
constexpr std::uint32_t kPolynomial = 0xedb88320U;

std::string checksumOf(std::string_view random) {
  std::size_t rest = crc32Of(random);
  std::string text(kChecksumChars, kAlphabet.front());
  for (std::size_t i = kChecksumChars; i-- > 0; rest /= kAlphabet.size())
    text[i] = kAlphabet[rest % kAlphabet.size()];
  return text;
}

}  // namespace

std::uint32_t crc32Of(std::string_view bytes) {
  std::uint32_t crc = 0xffffffffU;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit)
      crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? kPolynomial : 0U);
  }
  return ~crc;
}

std::string newApiToken() {
  std::string random;
  for (std::size_t i = 0; i < kRandomChars; ++i)
    random += kAlphabet[randombytes_uniform(static_cast<std::uint32_t>(kAlphabet.size()))];
  return std::string(kApiTokenPrefix) + random + checksumOf(random);
}

bool isApiToken(std::string_view text) {
  if (text.size() != kApiTokenPrefix.size() + kRandomChars + kChecksumChars ||
      !text.starts_with(kApiTokenPrefix))
    return false;
  text.remove_prefix(kApiTokenPrefix.size());
  return text.find_first_not_of(kAlphabet) == std::string_view::npos &&
         text.substr(kRandomChars) == checksumOf(text.substr(0, kRandomChars));
}

}  // namespace bulkhead::api
