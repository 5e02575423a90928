// The lines of an account in passwd & co., its home and its disk quota.
#include <algorithm>

#include "agent/host/quota.h"
#include "agent/ops/account/checks.h"

namespace bulkhead::agent {
namespace {

using account_lines::File;
using account_lines::kOrder;
using account_lines::linesOf;
using account_lines::pathOf;
using account_lines::Relation;
using account_lines::relationOf;
using account_lines::split;

constexpr mode_t kHomeMode = 0700;

FindingCode codeOf(File file) {
  switch (file) {
    case File::kSubUid:
      return FindingCode::SUBUID_RANGE;
    case File::kSubGid:
      return FindingCode::SUBGID_RANGE;
    case File::kGroupShadow:
      return FindingCode::GSHADOW_ENTRY;
    case File::kGroup:
      return FindingCode::GROUP_ENTRY;
    case File::kShadow:
      return FindingCode::SHADOW_ENTRY;
    case File::kPasswd:
      return FindingCode::PASSWD_ENTRY;
  }
  return FindingCode::PASSWD_ENTRY;
}

bool isSecret(File file) { return file == File::kShadow || file == File::kGroupShadow; }

// Neither "!" nor "*" begins the hash of any password.
bool isLocked(std::string_view line) {
  const auto fields = split(line, ':');
  return fields.size() > 1 && (fields[1].starts_with('!') || fields[1].starts_with('*'));
}

void checkPassword(File file, std::string_view line, const std::string& name, Findings& findings) {
  if (!isSecret(file) || isLocked(line)) return;
  findings.add({FindingKind::ACCOUNT, name, FindingCode::PASSWORD_SET, "no password opens it",
                std::string(pathOf(file)) + ": a password is set, or none is needed",
                file == File::kShadow ? "passwd --lock " + name + ", unless somebody needs it"
                                      : "gpasswd --restrict " + name});
}

}  // namespace

AccountLines::AccountLines(const Host& host, Findings& findings) {
  for (std::size_t i = 0; i < kOrder.size(); ++i) {
    auto& book = books_.at(i);
    auto read = account_lines::readAccountFile(host, kOrder.at(i));
    if (!read.ok()) {
      findings.unreadable(FindingKind::HOST, pathOf(kOrder.at(i)), read.error());
      continue;
    }
    book.read = std::move(read).value();
    book.usable = book.read.present || kOrder.at(i) != File::kGroupShadow;
    for (const auto line : linesOf(book.read.content)) {
      const auto fields = split(line, ':');
      book.lines.emplace(fields[0], line);
      if (kOrder.at(i) != File::kPasswd && kOrder.at(i) != File::kGroup) continue;
      for (std::size_t f = 2; f < std::min<std::size_t>(fields.size(), 4); ++f)
        if (fields[f] != fields[0]) book.lines.emplace(fields[f], line);
    }
  }
}

void AccountLines::check(const AccountRecord& record, Findings& findings) const {
  const auto& who = record.identity;
  const auto id = std::to_string(who.uid);
  for (std::size_t i = 0; i < kOrder.size(); ++i) {
    const auto& book = books_.at(i);
    const auto file = kOrder.at(i);
    if (!book.usable) continue;
    std::vector<std::string_view> own;
    std::string_view stranger;
    for (const auto& key : {std::string_view(who.username), std::string_view(id)}) {
      const auto [from, to] = book.lines.equal_range(key);
      for (auto line = from; line != to; ++line) {
        const auto relation = relationOf(file, line->second, who);
        if (relation == Relation::kStranger) stranger = line->second;
        // One line is found by its name and by its id; two equal lines are two.
        const auto same = [&line](std::string_view other) {
          return other.data() == line->second.data();
        };
        if (relation == Relation::kOwn && std::none_of(own.begin(), own.end(), same))
          own.push_back(line->second);
      }
    }
    Finding finding{FindingKind::ACCOUNT,
                    who.username,
                    codeOf(file),
                    isSecret(file) ? "one line of " + who.username : lineOf(file, who),
                    "",
                    ""};
    if (!stranger.empty()) {
      finding.found = std::string(pathOf(file)) + ": " +
                      (isSecret(file) ? "another line" : std::string(stranger));
      finding.advice = "mend that line by hand: the panel overwrites no line that is not its own";
      findings.add(std::move(finding));
    } else if (own.size() > 1) {
      finding.found = std::string(pathOf(file)) + ": " + std::to_string(own.size()) + " lines";
      finding.advice = "delete all but one by hand";
      findings.add(std::move(finding));
    } else if (own.empty()) {
      finding.found = std::string(pathOf(file)) + ": no line";
      finding.advice = "bulkhead doctor --fix adds it";
      finding.repair = createAgain(record);
      findings.add(std::move(finding));
    } else {
      checkPassword(file, own.front(), who.username, findings);
    }
  }
}

void checkHome(const Host& host, const AccountRecord& record, Findings& findings) {
  const auto& who = record.identity;
  Finding finding{
      FindingKind::ACCOUNT,
      who.username,
      FindingCode::HOME_MISSING,
      who.home + ": a directory, " + octal(kHomeMode) + ", uid and gid " + std::to_string(who.uid),
      "",
      ""};
  const auto home = host.inspect(who.home);
  if (!home.ok() && home.error().code != Code::kNotFound)
    return findings.unreadable(FindingKind::ACCOUNT, who.username, home.error());
  if (!home.ok()) {
    finding.found = "nothing";
    finding.advice = "restore it from a backup; an empty one would only hide the loss";
    return findings.add(std::move(finding));
  }
  finding.found = octal(home->mode) + ", uid " + std::to_string(home->uid) + " gid " +
                  std::to_string(home->gid);
  if (home->type != FileType::kDirectory) {
    finding.code = FindingCode::HOME_KIND;
    finding.found =
        home->type == FileType::kSymlink ? "a symbolic link" : "something that is no directory";
    finding.advice = "move it away and put the account's directory back";
    return findings.add(std::move(finding));
  }
  if (home->uid != who.uid || home->gid != who.gid) {
    finding.code = FindingCode::HOME_OWNER;
    // A directory of root's is not the account's because it lies there: a backup may be on its way.
    const bool ours = home->uid == who.uid;
    finding.advice = ours ? "bulkhead doctor --fix hands it over"
                          : "find out whose the files in it are before anything is handed over";
    if (ours) finding.repair = createAgain(record);
    return findings.add(std::move(finding));
  }
  if (home->mode == kHomeMode) return;
  finding.code = FindingCode::HOME_MODE;
  finding.advice = "bulkhead doctor --fix closes it";
  finding.repair = createAgain(record);
  findings.add(std::move(finding));
}

void checkQuota(const Host& host, const AccountRecord& record, Findings& findings) {
  if (!record.quota) return;
  const auto& who = record.identity;
  // Of a home that is not there, checkHome() speaks.
  if (!host.inspect(who.home).ok()) return;
  const auto proof = quota::prove(host, who, record.quota->diskBytes, record.quota->inodes);
  if (proof.ok() || proof.error().code == Code::kUnsupported) return;
  const auto wanted = std::to_string(record.quota->diskBytes) + " bytes, " +
                      std::to_string(record.quota->inodes) + " inodes (0: unlimited)";
  if (proof.error().code == Code::kInternal)
    return findings.add({FindingKind::ACCOUNT, who.username, FindingCode::QUOTA_LIMITS, wanted,
                         proof.error().message, "bulkhead doctor --fix sets them again",
                         setQuota(record)});
  if (proof.error().code == Code::kConflict)
    return findings.add({FindingKind::ACCOUNT, who.username, FindingCode::QUOTA_PROJECT, wanted,
                         proof.error().message,
                         "its files must be copied into a new tree for them to count"});
  findings.unreadable(FindingKind::ACCOUNT, who.username, proof.error());
}

}  // namespace bulkhead::agent
