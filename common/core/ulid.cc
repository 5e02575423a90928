#include "common/core/ulid.h"

#include <sodium.h>

#include <array>
#include <string_view>

namespace bulkhead {
namespace {
constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kTimeDigits = 10;    // 48 bits, the two topmost of 50 are zero
constexpr std::size_t kRandomDigits = 16;  // 80 bits
constexpr std::uint64_t kTimeMask = (1ULL << 48U) - 1;
}  // namespace

std::string newUlid(std::int64_t nowMicros) {
  std::string text(kTimeDigits + kRandomDigits, '0');
  std::uint64_t milliseconds = static_cast<std::uint64_t>(nowMicros / 1000) & kTimeMask;
  for (std::size_t i = kTimeDigits; i-- > 0; milliseconds >>= 5U)
    text[i] = kDigits[milliseconds & 31U];
  std::array<unsigned char, kRandomDigits> random{};
  randombytes_buf(random.data(), random.size());
  for (std::size_t i = 0; i < kRandomDigits; ++i)
    text[kTimeDigits + i] = kDigits[random[i] & 31U];
  return text;
}

}  // namespace bulkhead
