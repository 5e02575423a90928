#include "agent/host/dbuser_map.h"

#include <charconv>
#include <set>
#include <string_view>

#include "common/types/id_ranges.h"

namespace bulkhead::agent::dbuser_map {
namespace {

constexpr const char* kDirectory = "/etc/container";
constexpr std::chrono::milliseconds kPatience{10000};  // others hold it while they write one file

using Lines = std::set<std::string>;  // sorted, so that the same users make the same file

Result<Lines> read(const Host& host) {
  const auto content = host.readFile(kPath);
  if (!content.ok() && content.error().code == Code::kNotFound) return Lines{};
  if (!content.ok()) return content.error();
  Lines lines;
  std::string_view rest = *content;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    if (const auto line = rest.substr(0, end); !line.empty()) lines.emplace(line);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return lines;
}

std::string_view userOf(std::string_view line) { return line.substr(0, line.find(' ')); }

// 0, which is no account's, for a line that is not ours to understand.
uid_t uidOf(std::string_view line) {
  const auto last = line.substr(line.rfind(' ') + 1);
  uid_t uid = 0;
  const auto [end, problem] = std::from_chars(last.data(), last.data() + last.size(), uid);
  return problem == std::errc{} && end == last.data() + last.size() ? uid : 0;
}

Lines linesOf(const Identity& who, const std::vector<DatabaseUserName>& users) {
  Lines lines;
  for (const auto& user : users)
    lines.insert(user.text() + " " + who.username + " " + std::to_string(who.uid));
  return lines;
}

Result<std::unique_ptr<Host::Lock>> lock(Host& host) {
  return host.lock(Host::LockName::kDatabaseUsers, kPatience);
}

// Under the lock: the file that has `lines` instead of those that `goes` says.
template <typename Goes>
Result<Ok> replace(Host& host, const Goes& goes, const Lines& lines) {
  TRY_ASSIGN(const auto before, read(host));
  Lines after = lines;
  for (const auto& line : before)
    if (!goes(line)) after.insert(line);
  if (after == before) return Ok{};
  if (after.empty()) return host.removeFile(kPath);
  if (!host.inspect(kDirectory).ok()) TRY(host.makeDirectory(kDirectory, {0755, 0, 0}));
  std::string content;
  for (const auto& line : after)
    content += line + "\n";
  return host.writeFile(kPath, content, {0644, 0, 0});
}

}  // namespace

Result<Ok> check(const Host& host,
                 const Identity& who,
                 const std::vector<DatabaseUserName>& users) {
  TRY_ASSIGN(const auto lines, read(host));
  std::set<std::string_view> taken;
  for (const auto& line : lines)
    if (uidOf(line) != who.uid) taken.insert(userOf(line));
  for (const auto& user : users)
    if (taken.contains(user.text()))
      return Error{Code::kConflict, user.text() + " is another account's database user",
                   "databaseUsers"};
  return Ok{};
}

Result<Ok> put(Host& host, const Identity& who, const std::vector<DatabaseUserName>& users) {
  TRY_ASSIGN(const auto held, lock(host));
  TRY(check(host, who, users));
  return replace(
      host, [&](const std::string& line) { return uidOf(line) == who.uid; }, linesOf(who, users));
}

Result<Proof> prove(const Host& host,
                    const Identity& who,
                    const std::vector<DatabaseUserName>& users) {
  TRY_ASSIGN(const auto lines, read(host));
  Lines own;
  for (const auto& line : lines)
    if (uidOf(line) == who.uid) own.insert(line);
  if (own != linesOf(who, users))
    return Error{Code::kInternal, std::string(kPath) + ": is not as it was written", ""};
  return Proof{{"dbuser-map", std::to_string(own.size()) + " database users of " + who.username}};
}

Result<Ok> clear(Host& host) {
  TRY_ASSIGN(const auto held, lock(host));
  return replace(
      host,
      [](const std::string& line) { return uidOf(line) >= kUidFirst && uidOf(line) <= kUidLast; },
      {});
}

}  // namespace bulkhead::agent::dbuser_map
