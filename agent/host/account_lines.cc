#include "agent/host/account_lines.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace bulkhead::agent::account_lines {
namespace {

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Relation relationInPasswd(const std::vector<std::string_view>& fields, const Identity& who) {
  if (fields.size() < 6) return fields[0] == who.username ? Relation::kStranger : Relation::kNone;
  const bool sameUid = number(fields[2]) == who.uid;
  const bool sameGid = number(fields[3]) == who.gid;
  if (fields[0] == who.username)
    return sameUid && sameGid && fields[5] == who.home ? Relation::kOwn : Relation::kStranger;
  return sameUid || sameGid ? Relation::kStranger : Relation::kNone;
}

Relation relationInGroup(const std::vector<std::string_view>& fields, const Identity& who) {
  const bool sameGid = fields.size() > 2 && number(fields[2]) == who.gid;
  if (fields[0] == who.username) return sameGid ? Relation::kOwn : Relation::kStranger;
  if (sameGid) return Relation::kStranger;
  return fields.size() > 3 && listsMember(fields[3], who.username) ? Relation::kMember
                                                                   : Relation::kNone;
}

Relation relationInGroupShadow(const std::vector<std::string_view>& fields, const Identity& who) {
  if (fields[0] == who.username) return Relation::kOwn;
  for (std::size_t i = 2; i < fields.size(); ++i)
    if (listsMember(fields[i], who.username)) return Relation::kMember;
  return Relation::kNone;
}

// A range that overlaps would let one account's containers write another's files.
Relation relationInSubIds(const std::vector<std::string_view>& fields, const Identity& who) {
  const bool named = fields[0] == who.username || number(fields[0]) == who.uid;
  if (fields.size() < 3) return named ? Relation::kStranger : Relation::kNone;
  const auto first = number(fields[1]);
  const auto count = number(fields[2]);
  if (!first || !count || *count == 0) return named ? Relation::kStranger : Relation::kNone;
  if (named)
    return *first == who.subUidFirst && *count == who.subUidCount ? Relation::kOwn
                                                                  : Relation::kStranger;
  const std::uint64_t end = std::uint64_t{who.subUidFirst} + who.subUidCount;
  const bool overlaps = *first < who.subUidFirst ? *count > who.subUidFirst - *first : *first < end;
  return overlaps ? Relation::kStranger : Relation::kNone;
}

}  // namespace

const char* pathOf(File file) {
  switch (file) {
    case File::kSubUid:
      return "/etc/subuid";
    case File::kSubGid:
      return "/etc/subgid";
    case File::kGroupShadow:
      return "/etc/gshadow";
    case File::kGroup:
      return "/etc/group";
    case File::kShadow:
      return "/etc/shadow";
    case File::kPasswd:
      return "/etc/passwd";
  }
  return "";
}

// "!*" can be the hash of no password, so neither a login nor su succeeds; nologin keeps ssh keys
// out too.
std::string lineOf(File file, const Identity& who) {
  const auto uid = std::to_string(who.uid);
  const auto gid = std::to_string(who.gid);
  switch (file) {
    case File::kSubUid:
    case File::kSubGid:
      return who.username + ":" + std::to_string(who.subUidFirst) + ":" +
             std::to_string(who.subUidCount);
    case File::kGroupShadow:
      return who.username + ":!::";
    case File::kGroup:
      return who.username + ":x:" + gid + ":";
    case File::kShadow:
      return who.username + ":!*:::::::";
    case File::kPasswd:
      return who.username + ":x:" + uid + ":" + gid + ":Bulkhead account:" + who.home +
             ":/usr/sbin/nologin";
  }
  return "";
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t at = 0;;) {
    const auto end = text.find(separator, at);
    parts.push_back(text.substr(at, end - at));
    if (end == std::string_view::npos) return parts;
    at = end + 1;
  }
}

std::vector<std::string_view> linesOf(std::string_view content) {
  auto lines = split(content, '\n');
  if (lines.back().empty()) lines.pop_back();
  return lines;
}

bool listsMember(std::string_view list, std::string_view name) {
  const auto members = split(list, ',');
  return std::find(members.begin(), members.end(), name) != members.end();
}

Relation relationOf(File file, std::string_view line, const Identity& who) {
  const auto fields = split(line, ':');
  switch (file) {
    case File::kSubUid:
    case File::kSubGid:
      return relationInSubIds(fields, who);
    case File::kGroupShadow:
      return relationInGroupShadow(fields, who);
    case File::kGroup:
      return relationInGroup(fields, who);
    case File::kShadow:
      return fields[0] == who.username ? Relation::kOwn : Relation::kNone;
    case File::kPasswd:
      return relationInPasswd(fields, who);
  }
  return Relation::kNone;
}

bool isKeyedTo(File file, std::string_view line, const Identity& who) {
  const auto key = split(line, ':').front();
  return key == who.username ||
         ((file == File::kSubUid || file == File::kSubGid) && number(key) == who.uid);
}

Result<Read> readAccountFile(const Host& host, File file) {
  const auto info = host.inspect(pathOf(file));
  if (!info.ok()) {
    const bool optional =
        file == File::kSubUid || file == File::kSubGid || file == File::kGroupShadow;
    if (info.error().code == Code::kNotFound && optional) return Read{};
    return info.error();
  }
  TRY_ASSIGN(auto content, host.readFile(pathOf(file)));
  return Read{std::move(content), {info->mode, info->uid, info->gid}, true};
}

Error strangerIn(File file, const Identity& who) {
  return Error{Code::kAlreadyExists,
               std::string(pathOf(file)) + ": a line that is not the account's holds the name " +
                   who.username + ", its id " + std::to_string(who.uid) +
                   " or a part of its sub-ids",
               "username"};
}

Result<Ok> writeAll(Host& host, const std::vector<Edit>& edits) {
  for (const auto& edit : edits)
    TRY(host.writeFile(pathOf(edit.file), edit.content, edit.attributes));
  return Ok{};
}

}  // namespace bulkhead::agent::account_lines
