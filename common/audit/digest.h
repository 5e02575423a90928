// SHA-256 in the written form that the audit log uses: 64 lower-case hexadecimal digits.
#pragma once
#include <string>
#include <string_view>

namespace bulkhead {

inline constexpr std::size_t kDigestTextBytes = 64;

std::string sha256Hex(std::string_view text);
// Of the 32 bytes that `prevHex` stands for, followed by the text. `prevHex` must be a digest's
// text.
std::string chainHashHex(std::string_view prevHex, std::string_view text);
bool isDigestText(std::string_view text);

}  // namespace bulkhead
