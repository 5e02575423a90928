// The text of an API token: "bhk_live_", 43 random characters (256 bits) and a checksum of 6, all
// of base 62. The checksum is no secret: by it scanners tell a leaked token from chance, and the
// server turns away what was never one before it asks the database.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace bulkhead::api {

inline constexpr std::string_view kApiTokenPrefix = "bhk_live_";

std::string newApiToken();
// True for prefix, length, letters and checksum of one; whether it exists, the look-up decides.
bool isApiToken(std::string_view text);

// CRC-32 as zlib and PNG have it.
std::uint32_t crc32Of(std::string_view bytes);

}  // namespace bulkhead::api
