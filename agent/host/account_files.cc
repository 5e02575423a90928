#include "agent/host/account_files.h"

#include <algorithm>
#include <optional>

#include "agent/host/account_lines.h"

namespace bulkhead::agent {
namespace {

using account_lines::Edit;
using account_lines::File;
using account_lines::firstList;
using account_lines::isKeyedTo;
using account_lines::kOrder;
using account_lines::linesOf;
using account_lines::listsMember;
using account_lines::pathOf;
using account_lines::readAccountFile;
using account_lines::Relation;
using account_lines::relationOf;
using account_lines::split;
using account_lines::strangerIn;
using account_lines::writeAll;

constexpr std::chrono::milliseconds kLockPatience{
    10000};  // useradd holds it for well under a second

// The file with the account's line in it; nullopt when it is there already.
Result<std::optional<std::string>> withLine(File file,
                                            const std::string& content,
                                            const Identity& who,
                                            Holder holder) {
  const auto wanted = account_lines::lineOf(file, who);
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
  const auto fields = split(line, ':');
  std::string kept;
  for (std::size_t i = 0; i < fields.size(); ++i)
    kept += (i == 0 ? "" : ":") +
            (i < firstList(file) ? std::string(fields[i]) : withoutMember(fields[i], name));
  return kept;
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
  if (file != File::kGroup && file != File::kGroupShadow) return false;
  for (std::size_t i = firstList(file); i < fields.size(); ++i)
    if (listsMember(fields[i], name)) return true;
  return false;
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

Result<bool> isIdTaken(const Host& host, const Identity& who) {
  bool taken = false;
  for (const auto file : kOrder) {
    TRY_ASSIGN(const auto read, readAccountFile(host, file));
    for (const auto line : linesOf(read.content)) {
      const bool named = isKeyedTo(file, line, who);
      if (named && file == File::kPasswd) return false;
      taken = taken || (!named && relationOf(file, line, who) == Relation::kStranger);
    }
  }
  return taken;
}

Result<Ok> removeUnfinished(Host& host, const Identity& who) {
  TRY_ASSIGN(const auto lock, host.lock(Host::LockName::kAccountFiles, kLockPatience));
  std::vector<Edit> edits;
  for (auto file = kOrder.rbegin(); file != kOrder.rend(); ++file) {
    TRY_ASSIGN(const auto read, readAccountFile(host, *file));
    std::string kept;
    for (const auto line : linesOf(read.content))
      if (line != account_lines::lineOf(*file, who)) kept += std::string(line) + "\n";
    if (kept.size() < read.content.size()) edits.push_back({*file, kept, read.attributes});
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

namespace {

std::string replacedMember(std::string_view list, const std::string& from, const std::string& to) {
  std::string all;
  for (const auto member : split(list, ','))
    all += (all.empty() ? "" : ",") + (member == from ? to : std::string(member));
  return all;
}

// A line of the account, or one that lists it, under the new name.
std::string renamedLine(File file,
                        std::string_view line,
                        const Identity& from,
                        const Identity& to) {
  auto fields = split(line, ':');
  const bool own = fields.front() == from.username;
  std::string all;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const bool members =
        (file == File::kGroup || file == File::kGroupShadow) && i >= firstList(file);
    std::string field(fields[i]);
    if (i == 0 && own) field = to.username;
    if (i == 5 && own && file == File::kPasswd) field = to.home;
    if (members) field = replacedMember(field, from.username, to.username);
    all += (i == 0 ? "" : ":") + field;
  }
  return all;
}

Result<std::string> renamedContent(File file,
                                   const std::string& content,
                                   const Identity& from,
                                   const Identity& to) {
  std::string kept;
  for (const auto line : linesOf(content)) {
    const bool already = relationOf(file, line, to) == Relation::kOwn;
    const auto relation = relationOf(file, line, from);
    const bool ours = relation == Relation::kOwn || relation == Relation::kMember ||
                      ((file == File::kSubUid || file == File::kSubGid) &&
                       split(line, ':').front() == from.username);
    // The shadow files know no uid: there, whatever has the new name before its time is refused by
    // the look at the names before the first change.
    if (!already && split(line, ':').front() == to.username) return strangerIn(file, to);
    kept += (ours ? renamedLine(file, line, from, to) : std::string(line)) + "\n";
  }
  return kept;
}

}  // namespace

Result<Ok> renameAccountFiles(Host& host, const Identity& from, const Identity& to) {
  TRY_ASSIGN(const auto lock, host.lock(Host::LockName::kAccountFiles, kLockPatience));
  TRY_ASSIGN(const auto read, readAccountFile(host, File::kPasswd));
  bool found = false;
  for (const auto line : linesOf(read.content))
    found = found || relationOf(File::kPasswd, line, from) == Relation::kOwn ||
            relationOf(File::kPasswd, line, to) == Relation::kOwn;
  if (!found)
    return Error{Code::kConflict, "/etc/passwd: has no line of " + from.username, "username"};
  std::vector<Edit> edits;
  for (const auto file : kOrder) {
    TRY_ASSIGN(const auto before, readAccountFile(host, file));
    if (!before.present) continue;
    TRY_ASSIGN(auto content, renamedContent(file, before.content, from, to));
    if (content != before.content) edits.push_back({file, std::move(content), before.attributes});
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
