// Codes of an authenticator app (RFC 6238: SHA-1, 6 digits, 30 seconds, which is what every app
// knows), by liboath.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bulkhead::api {

std::string newTotpSeed();  // 160 bits, as RFC 4226 recommends
// For apps to type or scan; `name` is what the app shows.
std::string base32Of(std::string_view seed);
std::string totpUri(std::string_view seed, std::string_view name);

// 6 digits, as people type them: with or without a space.
bool isTotpCode(std::string_view typed);
// The time step whose code this is: the current one or a neighbour (clocks differ), and newer than
// `usedStep`. A code that was seen once is worth nothing.
std::optional<std::int64_t> matchingStep(std::string_view seed,
                                         std::string_view typed,
                                         std::int64_t nowMicros,
                                         std::int64_t usedStep);
std::string totpCode(std::string_view seed, std::int64_t step);  // "" when liboath refuses
std::int64_t totpStep(std::int64_t nowMicros);

}  // namespace bulkhead::api
