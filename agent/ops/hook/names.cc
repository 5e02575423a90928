#include "agent/ops/hook/names.h"

#include <algorithm>
#include <array>

namespace bulkhead::agent {
namespace {

constexpr std::size_t kUserMax = 32;  // useradd's own limit
constexpr std::array<std::string_view, 2> kAdministrators = {"sudo", "wheel"};

bool isLower(char c) { return c >= 'a' && c <= 'z'; }
bool isDigit(char c) { return c >= '0' && c <= '9'; }

Error invalid(const std::string& field, const std::string& why) {
  return Error{Code::kInvalidArgument, field + ": " + why, field};
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

Result<PlanName> parsePackageName(std::string_view text, const std::string& field) {
  auto name = PlanName::parse(text);
  if (!name.ok()) return invalid(field, name.error().message);
  return name;
}

}  // namespace bulkhead::agent
