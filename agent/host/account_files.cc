#include "agent/host/account_files.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <optional>

namespace bulkhead::agent {
namespace {

constexpr std::chrono::milliseconds kLockPatience{
    10000};  // useradd holds it for well under a second

enum class File { kSubUid, kSubGid, kGroupShadow, kGroup, kShadow, kPasswd };
// The way in; the way out is the reverse.
constexpr std::array<File, 6> kOrder = {File::kSubUid, File::kSubGid, File::kGroupShadow,
                                        File::kGroup,  File::kShadow, File::kPasswd};

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

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool listsMember(std::string_view list, std::string_view name) {
  const auto members = split(list, ',');
  return std::find(members.begin(), members.end(), name) != members.end();
}

// What a line is to an account. A stranger's line holds something that must be the account's alone.
enum class Relation { kNone, kOwn, kMember, kStranger };

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

// The lines of a file; a last line without newline is a line too.
std::vector<std::string_view> linesOf(std::string_view content) {
  auto lines = split(content, '\n');
  if (lines.back().empty()) lines.pop_back();
  return lines;
}

struct Read {
  std::string content;
  Attributes attributes;
  bool present = false;
};

// gshadow, subuid and subgid may be absent. A missing sub-id file is made; a missing gshadow means
// that this system keeps none.
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

// The file with the account's line in it; nullopt when it is there already.
Result<std::optional<std::string>> withLine(File file,
                                            const std::string& content,
                                            const Identity& who,
                                            Holder holder) {
  const auto wanted = lineOf(file, who);
  bool present = false;
  for (const auto line : linesOf(content)) {
    const auto relation = relationOf(file, line, who);
    if (relation == Relation::kStranger) return strangerIn(file, who);
    // Before the account stands, only the very line that we write is our own of an earlier try.
    // Anything else of that name is the rest of a dead user: its password or its groups would
    // become the tenant's.
    if (holder != Holder::kAccount && relation == Relation::kMember) return strangerIn(file, who);
    if (holder != Holder::kAccount && relation == Relation::kOwn && line != wanted)
      return strangerIn(file, who);
    present = present || relation == Relation::kOwn;
  }
  if (present) return std::optional<std::string>{};
  const bool unfinished = !content.empty() && content.back() != '\n';
  return std::optional<std::string>(content + (unfinished ? "\n" : "") + wanted + "\n");
}

std::string withoutMember(std::string_view list, const std::string& name) {
  std::string kept;
  bool first = true;
  for (const auto member : split(list, ',')) {
    if (member == name) continue;
    kept += (first ? "" : ",") + std::string(member);
    first = false;
  }
  return kept;
}

std::string withoutMembership(File file, std::string_view line, const std::string& name) {
  const std::size_t firstList = file == File::kGroup ? 3 : 2;
  const auto fields = split(line, ':');
  std::string kept;
  for (std::size_t i = 0; i < fields.size(); ++i)
    kept += (i == 0 ? "" : ":") +
            (i < firstList ? std::string(fields[i]) : withoutMember(fields[i], name));
  return kept;
}

bool isKeyedTo(File file, std::string_view line, const Identity& who) {
  const auto key = split(line, ':').front();
  return key == who.username ||
         ((file == File::kSubUid || file == File::kSubGid) && number(key) == who.uid);
}

// The file without the account; equal to `content` when there was nothing of it. Every other byte
// stays.
std::string withoutAccount(File file, const std::string& content, const Identity& who) {
  std::string kept;
  for (std::size_t at = 0; at < content.size();) {
    const auto newline = content.find('\n', at);
    const auto end = newline == std::string::npos ? content.size() : newline + 1;
    const std::string_view whole(content.data() + at, end - at);
    const auto line = whole.substr(0, whole.size() - (newline == std::string::npos ? 0 : 1));
    at = end;
    const auto relation = relationOf(file, line, who);
    // All sub-id lines of the account go, also those that somebody added by hand.
    const bool ours =
        relation == Relation::kOwn ||
        ((file == File::kSubUid || file == File::kSubGid) && isKeyedTo(file, line, who));
    if (ours) continue;
    if (relation == Relation::kMember)
      kept += withoutMembership(file, line, who.username) + std::string(whole.substr(line.size()));
    else
      kept += whole;
  }
  return kept;
}

bool listsName(File file, std::string_view line, const std::string& name) {
  const auto fields = split(line, ':');
  const std::size_t firstList = file == File::kGroup ? 3 : 2;
  if (file != File::kGroup && file != File::kGroupShadow) return false;
  for (std::size_t i = firstList; i < fields.size(); ++i)
    if (listsMember(fields[i], name)) return true;
  return false;
}

struct Edit {
  File file;
  std::string content;
  Attributes attributes;
};

Result<Ok> writeAll(Host& host, const std::vector<Edit>& edits) {
  for (const auto& edit : edits)
    TRY(host.writeFile(pathOf(edit.file), edit.content, edit.attributes));
  return Ok{};
}

}  // namespace

Result<Ok> checkNameIsFree(const Host& host, const std::string& username) {
  for (const auto file : kOrder) {
    TRY_ASSIGN(const auto read, readAccountFile(host, file));
    for (const auto line : linesOf(read.content))
      if (split(line, ':').front() == username || listsName(file, line, username))
        return Error{Code::kAlreadyExists,
                     "username: " + std::string(pathOf(file)) + " has the name already",
                     "username"};
  }
  return Ok{};
}

Result<Holder> holderOf(const Host& host, const Identity& who) {
  TRY_ASSIGN(const auto read, readAccountFile(host, File::kPasswd));
  auto holder = Holder::kNobody;
  for (const auto line : linesOf(read.content)) {
    const auto relation = relationOf(File::kPasswd, line, who);
    if (relation == Relation::kStranger) return Holder::kStranger;
    if (relation == Relation::kOwn) holder = Holder::kAccount;
  }
  return holder;
}

Result<Ok> ensureAccountFiles(Host& host, const Identity& who) {
  TRY_ASSIGN(const auto lock, host.lock(Host::LockName::kAccountFiles, kLockPatience));
  TRY_ASSIGN(const auto holder, holderOf(host, who));
  std::vector<Edit>
      edits;  // all are made up before the first is written: a refusal changes nothing
  for (const auto file : kOrder) {
    TRY_ASSIGN(const auto read, readAccountFile(host, file));
    if (!read.present && file == File::kGroupShadow) continue;
    TRY_ASSIGN(auto content, withLine(file, read.content, who, holder));
    if (content) edits.push_back({file, std::move(*content), read.attributes});
  }
  return writeAll(host, edits);
}

Result<Ok> removeAccountFiles(Host& host, const Identity& who) {
  TRY_ASSIGN(const auto lock, host.lock(Host::LockName::kAccountFiles, kLockPatience));
  TRY_ASSIGN(const auto holder, holderOf(host, who));
  if (holder == Holder::kStranger)
    return Error{Code::kConflict,
                 "/etc/passwd: somebody else holds the name " + who.username + " or the uid " +
                     std::to_string(who.uid),
                 ""};
  std::vector<Edit> edits;
  for (auto file = kOrder.rbegin(); file != kOrder.rend(); ++file) {
    TRY_ASSIGN(const auto read, readAccountFile(host, *file));
    auto content = withoutAccount(*file, read.content, who);
    if (content != read.content) edits.push_back({*file, std::move(content), read.attributes});
  }
  return writeAll(host, edits);
}

Result<Proof> proveAccountFiles(const Host& host, const Identity& who) {
  Proof proof;
  for (auto file = kOrder.rbegin(); file != kOrder.rend(); ++file) {
    TRY_ASSIGN(const auto read, readAccountFile(host, *file));
    if (!read.present && *file == File::kGroupShadow) continue;
    std::vector<std::string_view> own;
    for (const auto line : linesOf(read.content))
      if (relationOf(*file, line, who) == Relation::kOwn) own.push_back(line);
    if (own.size() != 1)
      return Error{Code::kInternal,
                   std::string(pathOf(*file)) + ": " + std::to_string(own.size()) + " lines of " +
                       who.username + ", wanted 1",
                   ""};
    if (*file != File::kShadow && *file != File::kGroupShadow) {
      proof.push_back({pathOf(*file), std::string(own.front())});
      continue;
    }
    // What these hold is secret, so the evidence only says what it means.
    const auto password = split(own.front(), ':').at(1);
    if (password.empty() || (password.front() != '!' && password.front() != '*'))
      return Error{
          Code::kInternal,
          std::string(pathOf(*file)) + ": the password of " + who.username + " is not locked", ""};
    proof.push_back({pathOf(*file), who.username + " locked"});
  }
  return proof;
}

Result<Proof> proveNoAccountFiles(const Host& host, const Identity& who) {
  Proof proof;
  for (auto file = kOrder.rbegin(); file != kOrder.rend(); ++file) {
    TRY_ASSIGN(const auto read, readAccountFile(host, *file));
    if (withoutAccount(*file, read.content, who) != read.content)
      return Error{Code::kInternal,
                   std::string(pathOf(*file)) + ": still has a line of " + who.username, ""};
    proof.push_back({pathOf(*file), "no line of " + who.username});
  }
  return proof;
}

}  // namespace bulkhead::agent
