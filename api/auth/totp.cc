// Time steps over liboath's HOTP, so that used steps can be told from new ones.
#include "api/auth/totp.h"

#include <sodium.h>

#include <array>
#include <memory>

#include <liboath/oath.h>

namespace bulkhead::api {
namespace {

constexpr std::size_t kSeedBytes = 20;
constexpr unsigned kDigits = 6;
constexpr std::int64_t kStepMicros = 30LL * 1'000'000;
constexpr std::int64_t kNeighbours = 1;  // clocks differ, and people type slowly
constexpr const char* kIssuer = "Bulkhead";

std::string digitsOf(std::string_view typed) {
  std::string digits;
  for (const char c : typed)
    if (c != ' ') digits += c;
  return digits;
}

}  // namespace

std::string newTotpSeed() {
  std::string seed(kSeedBytes, '\0');
  randombytes_buf(seed.data(), seed.size());
  return seed;
}

std::string base32Of(std::string_view seed) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string text;
  unsigned buffer = 0;
  unsigned bits = 0;
  for (const char c : seed) {
    buffer = (buffer << 8U) | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 5; bits -= 5)
      text += kAlphabet[(buffer >> (bits - 5)) & 31U];
  }
  if (bits > 0) text += kAlphabet[(buffer << (5 - bits)) & 31U];
  return text;
}

std::string totpUri(std::string_view seed, std::string_view name) {
  // Names of administrators need no escaping in an address.
  return "otpauth://totp/" + std::string(kIssuer) + ":" + std::string(name) +
         "?secret=" + base32Of(seed) + "&issuer=" + kIssuer + "&algorithm=SHA1&digits=6&period=30";
}

bool isTotpCode(std::string_view typed) {
  const std::string digits = digitsOf(typed);
  return digits.size() == kDigits && digits.find_first_not_of("0123456789") == std::string::npos;
}

std::int64_t totpStep(std::int64_t nowMicros) { return nowMicros / kStepMicros; }

std::string totpCode(std::string_view seed, std::int64_t step) {
  std::array<char, kDigits + 1> code{};
  const int failed =
      oath_hotp_generate(seed.data(), seed.size(), static_cast<std::uint64_t>(step), kDigits,
                         /*add_checksum=*/false, OATH_HOTP_DYNAMIC_TRUNCATION, code.data());
  return failed == OATH_OK ? std::string(code.data()) : std::string();
}

std::optional<std::int64_t> matchingStep(std::string_view seed,
                                         std::string_view typed,
                                         std::int64_t nowMicros,
                                         std::int64_t usedStep) {
  if (!isTotpCode(typed)) return std::nullopt;
  const std::string digits = digitsOf(typed);
  const std::int64_t now = totpStep(nowMicros);
  std::optional<std::int64_t> found;
  // All of them, whichever fits: the time taken tells nothing.
  for (std::int64_t step = now - kNeighbours; step <= now + kNeighbours; ++step) {
    const std::string code = totpCode(seed, step);
    const bool same =
        code.size() == digits.size() && sodium_memcmp(code.data(), digits.data(), code.size()) == 0;
    if (same && step > usedStep && !found) found = step;
  }
  return found;
}

}  // namespace bulkhead::api
