// Random secrets and their hashes. A secret leaves the server once; the database keeps SHA-256 of
// it, which is enough because the secret itself has at least 160 random bits.
#pragma once
#include <string>
#include <string_view>

namespace bulkhead::api {

// "bhs_" or another prefix and 43 characters: 256 bits, URL-safe. The prefix lets scanners find
// leaked ones.
std::string newToken(std::string_view prefix);
// True for the shape that newToken() makes; the look-up decides the rest.
bool isToken(std::string_view text, std::string_view prefix);

// 64 hexadecimal digits, 256 bits: for programs that take nothing else in a token.
std::string newHexToken();
bool isHexToken(std::string_view text);

// For people to type: 160 bits as "XXXXXXXX-XXXXXXXX-XXXXXXXX-XXXXXXXX", without letters that look
// alike.
std::string newCode();
// The same with 120 bits, "XXXXXXXX-XXXXXXXX-XXXXXXXX": kept on paper, one of ten.
std::string newBackupCode();
// The one spelling of a typed code: upper case, no '-' or space, O as 0, I and L as 1.
std::string normalCode(std::string_view typed);

// Lower-case hexadecimal SHA-256.
std::string hashSecret(std::string_view secret);

inline constexpr std::string_view kSessionPrefix = "bhs_";
inline constexpr std::string_view kLinkPrefix = "bhl_";
inline constexpr std::string_view kResetPrefix = "bhr_";

}  // namespace bulkhead::api
