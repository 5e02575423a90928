// Who has ids of the accounts' ranges, or a home, without being an account.
#include <charconv>
#include <map>
#include <optional>
#include <set>

#include "agent/host/account_lines.h"
#include "agent/ops/host/checks.h"

namespace bulkhead::agent {
namespace {

using account_lines::File;
using account_lines::linesOf;
using account_lines::pathOf;
using account_lines::readAccountFile;
using account_lines::split;

struct Known {
  std::map<std::string, uid_t> accounts;
  std::set<std::string> betweenNames;  // both names of every renaming that is under way
  uid_t lastUid = 0;
};

template <typename T>
std::optional<T> number(std::string_view text) {
  T value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || failure != std::errc() || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

bool isManaged(std::optional<uid_t> id) { return id && *id >= kUidFirst && *id <= kUidLast; }

Known known(const Host& host, Findings& findings) {
  Known known;
  const auto names = registryNames(host, "accounts", {"", std::size_t{kUidLast - kUidFirst + 1}});
  if (!names.ok()) {
    findings.unreadable(FindingKind::HOST, "registry", names.error());
    return known;
  }
  const Registry registry(host);
  for (const auto& text : names->names) {
    const auto name = Username::parse(text);
    if (!name.ok()) continue;  // account.check says so
    const auto record = registry.find(*name);
    if (!record.ok()) {
      known.betweenNames.insert(text);
      continue;
    }
    known.accounts[text] = record->identity.uid;
    known.lastUid = std::max(known.lastUid, record->identity.uid);
    if (record->state != AccountState::kRenaming && record->state != AccountState::kDeleting)
      continue;
    const auto intent = registry.renameOf(record->identity.uid);
    if (intent.ok()) known.betweenNames.insert({intent->from, intent->to});
  }
  return known;
}

bool isExplained(const Known& known, const std::string& name, uid_t uid) {
  const auto found = known.accounts.find(name);
  return (found != known.accounts.end() && found->second == uid) ||
         known.betweenNames.contains(name);
}

void checkIds(const Host& host,
              File file,
              FindingCode code,
              const Known& known,
              std::set<uid_t>& users,
              Findings& findings) {
  const auto read = readAccountFile(host, file);
  if (!read.ok()) return findings.unreadable(FindingKind::HOST, pathOf(file), read.error());
  for (const auto line : linesOf(read->content)) {
    const auto fields = split(line, ':');
    if (fields.size() < 4) continue;
    const auto id = number<uid_t>(fields[2]);
    const auto group = file == File::kPasswd ? number<uid_t>(fields[3]) : std::nullopt;
    if (id && file == File::kPasswd) users.insert(*id);
    const std::string name(fields[0]);
    const auto taken = isManaged(id) ? *id : isManaged(group) ? *group : 0;
    if (taken == 0) continue;
    findings.checked();
    if (isExplained(known, name, taken)) continue;
    findings.add({FindingKind::HOST, name, code, "ids 20000-59999 are accounts' alone",
                  std::string(pathOf(file)) + " gives it " + std::to_string(taken),
                  code == FindingCode::FOREIGN_USER
                      ? "give it an id below 20000 (usermod --uid), or delete it if nobody needs it"
                      : "give it an id below 20000 (groupmod --gid), or delete it"});
  }
}

void checkSubIds(const Host& host, File file, const Known& known, Findings& findings) {
  constexpr std::uint64_t kEnd =
      kSubUidBase + (std::uint64_t{kUidLast} - kUidFirst + 1) * kSubUidCount;
  const auto read = readAccountFile(host, file);
  if (!read.ok()) return findings.unreadable(FindingKind::HOST, pathOf(file), read.error());
  for (const auto line : linesOf(read->content)) {
    const auto fields = split(line, ':');
    if (fields.size() < 3) continue;
    const auto first = number<std::uint64_t>(fields[1]);
    const auto count = number<std::uint64_t>(fields[2]);
    if (!first || !count || *count == 0) continue;
    const bool inside = *first < kEnd && (*first >= kSubUidBase || *count > kSubUidBase - *first);
    if (!inside) continue;
    const std::string name(fields[0]);
    // account.check compares a line of an account with what it should be.
    if (known.accounts.contains(name) || known.betweenNames.contains(name)) continue;
    findings.add({FindingKind::HOST, name, FindingCode::FOREIGN_SUB_IDS,
                  "sub-ids from " + std::to_string(kSubUidBase) + " on are accounts' alone",
                  std::string(pathOf(file)) + ": " + std::string(line),
                  "delete that line: whoever has it can write files of an account's containers"});
  }
}

void checkHomes(const Host& host,
                const Known& known,
                const std::set<uid_t>& users,
                Findings& findings) {
  const auto names = host.list("/home");
  if (!names.ok()) return findings.unreadable(FindingKind::HOST, "/home", names.error());
  for (const auto& name : names.value()) {
    if (known.accounts.contains(name) || known.betweenNames.contains(name)) continue;
    const auto info = host.inspect("/home/" + name);
    if (!info.ok() || info->uid == 0) continue;
    // A person of this host; who has an account's id without being one is said elsewhere.
    if (users.contains(info->uid)) continue;
    findings.add({FindingKind::HOST, "/home/" + name, FindingCode::FOREIGN_HOME,
                  "every home has an owner", "uid " + std::to_string(info->uid) + " is nobody",
                  "look whose it was; nothing removes it by itself"});
  }
}

void checkCounter(const Host& host, const Known& known, Findings& findings) {
  const auto path = std::string(kStateDirectory) + "/uid-high-water";
  const auto text = host.readFile(path);
  if (!text.ok() && text.error().code == Code::kNotFound && known.accounts.empty()) return;
  findings.checked();
  std::optional<uid_t> last;
  if (text.ok()) last = number<uid_t>(std::string_view(*text).substr(0, text->find('\n')));
  if (last && *last >= known.lastUid) return;
  findings.add({FindingKind::HOST, path, FindingCode::UID_COUNTER,
                "at least " + std::to_string(known.lastUid),
                last        ? std::to_string(*last)
                : text.ok() ? "no number"
                            : text.error().message,
                "a dead account's uid could come back to life: restore it from a backup, or write "
                "the highest uid that was ever given, before another account is created"});
}

}  // namespace

void checkPeople(const Host& host, Findings& findings) {
  const auto accounts = known(host, findings);
  std::set<uid_t> users;
  checkIds(host, File::kPasswd, FindingCode::FOREIGN_USER, accounts, users, findings);
  std::set<uid_t> none;
  checkIds(host, File::kGroup, FindingCode::FOREIGN_GROUP, accounts, none, findings);
  checkSubIds(host, File::kSubUid, accounts, findings);
  checkSubIds(host, File::kSubGid, accounts, findings);
  checkHomes(host, accounts, users, findings);
  checkCounter(host, accounts, findings);
}

}  // namespace bulkhead::agent
