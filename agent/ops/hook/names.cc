#include "agent/ops/hook/names.h"

#include <algorithm>
#include <array>

namespace bulkhead::agent {
namespace {

constexpr std::size_t kUserMax = 32;           // useradd's own limit
constexpr std::size_t kPackageBytesMax = 256;  // 64 characters of four bytes
constexpr std::array<std::string_view, 2> kAdministrators = {"sudo", "wheel"};

bool isLower(char c) { return c >= 'a' && c <= 'z'; }
bool isDigit(char c) { return c >= '0' && c <= '9'; }

Error invalid(const std::string& field, const std::string& why) {
  return Error{Code::kInvalidArgument, field + ": " + why, field};
}

// Bytes that follow the first one of a character; -1 for a byte that begins none.
int continuationOf(unsigned char lead) {
  if (lead < 0x80) return 0;
  if (lead >= 0xc2 && lead < 0xe0) return 1;
  if (lead >= 0xe0 && lead < 0xf0) return 2;
  if (lead >= 0xf0 && lead < 0xf5) return 3;
  return -1;
}

bool isPrintableUtf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const int more = continuationOf(lead);
    if (more < 0 || lead < 0x20 || lead == 0x7f ||
        at + static_cast<std::size_t>(more) >= text.size())
      return false;
    for (int i = 1; i <= more; ++i)
      if ((static_cast<unsigned char>(text[at + static_cast<std::size_t>(i)]) & 0xc0U) != 0x80)
        return false;
    at += static_cast<std::size_t>(more) + 1;
  }
  return true;
}

bool lists(std::string_view members, std::string_view name) {
  while (!members.empty()) {
    const auto end = std::min(members.find(','), members.size());
    if (members.substr(0, end) == name) return true;
    members.remove_prefix(std::min(end + 1, members.size()));
  }
  return false;
}

}  // namespace

Result<std::string> parseSystemUser(std::string_view text) {
  const bool clean =
      !text.empty() && text.size() <= kUserMax && (isLower(text.front()) || text.front() == '_') &&
      std::all_of(text.begin(), text.end(),
                  [](char c) { return isLower(c) || isDigit(c) || c == '_' || c == '-'; });
  if (!clean) return invalid("admin", "is not the name of a UNIX user");
  return std::string(text);
}

Result<Ok> expectAdministrator(const Host& host, const std::string& user) {
  TRY_ASSIGN(const auto groups, host.readFile("/etc/group"));
  for (std::size_t at = 0; at < groups.size();) {
    const auto end = std::min(groups.find('\n', at), groups.size());
    const std::string_view line(groups.data() + at, end - at);
    at = end + 1;
    const auto name = line.substr(0, line.find(':'));
    const bool grants =
        std::find(kAdministrators.begin(), kAdministrators.end(), name) != kAdministrators.end();
    if (grants && lists(line.substr(line.rfind(':') + 1), user)) return Ok{};
  }
  if (user == "root") return Ok{};
  return Error{Code::kPermissionDenied,
               "admin: " + user + " is not in the group sudo or wheel; root decides who is",
               "admin"};
}

Result<std::string> parseOwner(std::string_view text) {
  const bool clean = !text.empty() && text.size() <= kUserMax && isLower(text.front()) &&
                     std::all_of(text.begin(), text.end(), [](char c) {
                       return isLower(c) || isDigit(c) || c == '_' || c == '-' || c == '.';
                     });
  if (!clean) return invalid("owner", "is not the name of an administrator or reseller");
  return std::string(text);
}

Result<std::string> parsePackageName(std::string_view text, const std::string& field) {
  if (text.empty() || text.size() > kPackageBytesMax) return invalid(field, "1 to 64 characters");
  if (text.front() == '-') return invalid(field, "would be taken for an option");
  if (!isPrintableUtf8(text)) return invalid(field, "is not printable UTF-8");
  return std::string(text);
}

}  // namespace bulkhead::agent
