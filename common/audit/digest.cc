#include "common/audit/digest.h"

#include <sodium.h>

#include <algorithm>
#include <array>

namespace bulkhead {
namespace {

using Digest = std::array<unsigned char, crypto_hash_sha256_BYTES>;

const unsigned char* bytesOf(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string hexOf(const Digest& digest) {
  std::array<char, kDigestTextBytes + 1> text{};
  sodium_bin2hex(text.data(), text.size(), digest.data(), digest.size());
  return {text.data(), kDigestTextBytes};
}

unsigned char nibble(char c) {
  return static_cast<unsigned char>(c <= '9' ? c - '0' : c - 'a' + 10);
}

}  // namespace

bool isDigestText(std::string_view text) {
  return text.size() == kDigestTextBytes && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

std::string sha256Hex(std::string_view text) {
  Digest digest{};
  crypto_hash_sha256(digest.data(), bytesOf(text), text.size());
  return hexOf(digest);
}

std::string chainHashHex(std::string_view prevHex, std::string_view text) {
  Digest prev{};
  for (std::size_t i = 0; i < prev.size() && 2 * i + 1 < prevHex.size(); ++i)
    prev[i] = static_cast<unsigned char>(nibble(prevHex[2 * i]) << 4U | nibble(prevHex[2 * i + 1]));
  Digest digest{};
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  crypto_hash_sha256_update(&state, prev.data(), prev.size());
  crypto_hash_sha256_update(&state, bytesOf(text), text.size());
  crypto_hash_sha256_final(&state, digest.data());
  return hexOf(digest);
}

}  // namespace bulkhead
