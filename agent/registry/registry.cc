// Layout below the state directory: uid-high-water, accounts/NAME, renames/UID, sites/DOMAIN.
// The files have no suffix because a domain of 253 bytes leaves room for two more in a file name.
#include "agent/registry/registry.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "agent/registry/records.h"

namespace bulkhead::agent {
namespace {

constexpr Attributes kFileAttributes{0600, 0, 0};
constexpr Attributes kFolderAttributes{0700, 0, 0};

Error corrupt(const std::string& path, const std::string& why) {
  return Error{Code::kInternal, "registry: " + path + ": " + why, ""};
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

template <typename T>
bool toNumber(std::string_view text, T& number) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failure == std::errc() && end == text.data() + text.size() && !text.empty();
}

// The ids that the host's own account files use, inside the range that matters here.
struct UsedIds {
  std::vector<uid_t> ids;
  struct Range {
    std::uint64_t first;
    std::uint64_t count;
  };
  std::vector<Range> subIds;

  bool has(uid_t uid) const { return std::find(ids.begin(), ids.end(), uid) != ids.end(); }
  bool overlaps(const Identity& who) const {
    return std::any_of(subIds.begin(), subIds.end(), [&who](const Range& range) {
      return range.first < std::uint64_t{who.subUidFirst} + who.subUidCount &&
             who.subUidFirst < range.first + range.count;
    });
  }
};

// Lines that are not understood are skipped: they are the administrator's, and can name no id that
// we could give.
Result<UsedIds> usedIds(const Host& host) {
  UsedIds used;
  for (const char* path : {"/etc/passwd", "/etc/group"}) {
    TRY_ASSIGN(const auto content, host.readFile(path));
    for (const auto line : split(content, '\n')) {
      const auto fields = split(line, ':');
      for (std::size_t i = 2; i < std::min<std::size_t>(fields.size(), 4);
           ++i)  // uid and gid; gid and members
        if (uid_t id = 0; toNumber(fields[i], id) && id >= kUidFirst && id <= kUidLast)
          used.ids.push_back(id);
    }
  }
  for (const char* path : {"/etc/subuid", "/etc/subgid"}) {
    auto content = host.readFile(path);
    if (!content.ok() && content.error().code == Code::kNotFound)
      continue;  // a host without sub-ids yet
    if (!content.ok()) return content.error();
    for (const auto line : split(*content, '\n')) {
      const auto fields = split(line, ':');
      UsedIds::Range range{};
      std::uint32_t first = 0;
      std::uint32_t count = 0;
      if (fields.size() != 3 || !toNumber(fields[1], first) || !toNumber(fields[2], count))
        continue;
      range.first = first;
      range.count = count;
      used.subIds.push_back(range);
    }
  }
  return used;
}

// account.delete keeps the intent of a renaming that it ends.
bool isBetweenNames(AccountState state) {
  return state == AccountState::kRenaming || state == AccountState::kDeleting;
}

bool holds(const std::string& held, const DomainName& wanted) {
  const auto other = DomainName::parse(held);
  return other.ok() && (*other == wanted || other->isBelow(wanted) || wanted.isBelow(*other));
}

}  // namespace

Host& Registry::writer() const {
  if (host_ == nullptr) throw std::logic_error("write through a registry that reads only");
  return *host_;
}

Result<std::vector<std::string>> Registry::names(const std::string& folder) const {
  auto listed = reader_->list(directory_ + "/" + folder);
  if (!listed.ok() && listed.error().code == Code::kNotFound) return std::vector<std::string>{};
  if (!listed.ok()) return listed.error();
  auto names = std::move(listed).value();
  // A write that was cut off leaves its temporary file, whose name begins with a dot.
  std::erase_if(names, [](const std::string& name) { return name.starts_with('.'); });
  return names;
}

// ---- accounts

Result<AccountRecord> Registry::read(const std::string& name) const {
  TRY_ASSIGN(const auto content, reader_->readFile(accountPath(name)));
  auto record = recallAccount(name, content);
  if (!record.ok()) return corrupt(accountPath(name), record.error().message);
  return record;
}

Result<AccountRecord> Registry::find(const Username& name) const {
  auto record = read(name.text());
  if (!record.ok() && record.error().code == Code::kNotFound)
    return Error{Code::kNotFound, "no such account: " + name.text(), "username"};
  return record;
}

Result<AccountRecord> Registry::findActive(const Username& name) const {
  TRY_ASSIGN(auto record, find(name));
  if (record.state == AccountState::kActive) return record;
  return Error{Code::kConflict, "the account is " + std::string(stateName(record.state)),
               "username"};
}

Result<std::vector<AccountRecord>> Registry::list(const std::string& after,
                                                  std::size_t limit) const {
  TRY_ASSIGN(const auto all, names("accounts"));
  std::vector<AccountRecord> page;
  for (auto name = std::upper_bound(all.begin(), all.end(), after);
       name != all.end() && page.size() < limit; ++name) {
    auto record = read(*name);
    if (!record.ok() && record.error().code == Code::kNotFound)
      continue;  // deleted since the directory was read
    if (!record.ok()) return record.error();
    page.push_back(std::move(record).value());
  }
  return page;
}

// The highest uid ever given. It may be missing on a new host only: with accounts, its loss means
// that a dead account's uid could come back to life, and so it stops every creation until an
// administrator has looked.
Result<uid_t> Registry::lastUid() const {
  const auto path = directory_ + "/uid-high-water";
  auto content = reader_->readFile(path);
  if (!content.ok() && content.error().code == Code::kNotFound) {
    TRY_ASSIGN(const auto accounts, names("accounts"));
    if (!accounts.empty()) return corrupt(path, "is missing although accounts exist");
    return kUidFirst - 1;
  }
  if (!content.ok()) return content.error();
  std::string_view text = *content;
  if (text.ends_with('\n')) text.remove_suffix(1);
  uid_t last = 0;
  if (!toNumber(text, last) || last < kUidFirst - 1 || last > kUidLast)
    return corrupt(path, "is not a managed uid");
  return last;
}

Result<Ok> Registry::makeFolders() {
  for (const auto& path : {directory_, directory_ + "/accounts", directory_ + "/sites"}) {
    const auto info = reader_->inspect(path);
    if (info.ok()) continue;
    if (info.error().code != Code::kNotFound) return info.error();
    TRY(writer().makeDirectory(path, kFolderAttributes));
  }
  return Ok{};
}

Result<AccountRecord> Registry::allocate(const Username& name, const ResourceLimits& limits) {
  auto present = find(name);
  if (present.ok() || present.error().code != Code::kNotFound) return present;
  return give(name.text(), limits);
}

Result<AccountRecord> Registry::allocateAgain(const AccountRecord& record) {
  if (record.state != AccountState::kCreating)
    return Error{Code::kConflict, "the account is " + std::string(stateName(record.state)),
                 "username"};
  return give(record.identity.username, record.limits);
}

Result<AccountRecord> Registry::give(const std::string& name, const ResourceLimits& limits) {
  TRY(makeFolders());
  TRY_ASSIGN(const auto used, usedIds(*reader_));
  TRY_ASSIGN(const auto last, lastUid());
  for (uid_t uid = last + 1; uid <= kUidLast; ++uid) {
    auto identity = identityFor(name, uid);
    if (used.has(uid) || used.overlaps(identity)) continue;
    // First the mark, then the record: a crash in between loses a uid, the other order could give
    // it twice.
    TRY(writer().writeFile(directory_ + "/uid-high-water", std::to_string(uid) + "\n",
                           kFileAttributes));
    AccountRecord record;
    record.identity = std::move(identity);
    record.limits = limits;
    TRY(put(record));
    return record;
  }
  return Error{Code::kLimitExceeded, "no uid is left in the managed range 20000-59999", ""};
}

Result<Ok> Registry::put(const AccountRecord& record) {
  TRY(makeFolders());
  return writer().writeFile(accountPath(record.identity.username), printAccount(record),
                            kFileAttributes);
}

Result<Ok> Registry::retire(const AccountRecord& record) {
  const auto filed = read(record.identity.username);
  if (filed.ok() && filed->identity.uid != record.identity.uid) return Ok{};  // another account's
  return writer().removeFile(accountPath(record.identity.username));
}

// ---- renaming

Result<Ok> Registry::beginRename(AccountRecord record, const RenameIntent& intent) {
  TRY(makeFolders());
  TRY(writer().makeDirectory(directory_ + "/renames", kFolderAttributes));
  TRY(writer().writeFile(renamePath(intent.uid), printRename(intent), kFileAttributes));
  record.resume = record.state;
  record.state = AccountState::kRenaming;
  return put(record);
}

Result<RenameIntent> Registry::renameOf(uid_t uid) const {
  const auto path = renamePath(uid);
  TRY_ASSIGN(const auto content, reader_->readFile(path));
  auto intent = parseRename(uid, content);
  if (!intent.ok()) return corrupt(path, intent.error().message);
  return intent;
}

Result<AccountRecord> Registry::accountOf(const RenameIntent& intent) const {
  std::optional<AccountRecord> found;
  for (const auto& name : {intent.from, intent.to}) {
    auto record = read(name);
    if (!record.ok() && record.error().code == Code::kNotFound) continue;
    if (!record.ok()) return record.error();
    if (record->identity.uid != intent.uid || !isBetweenNames(record->state)) continue;
    // Of two, the one that says more: what is being deleted is not renamed any more.
    if (!found || record->state == AccountState::kDeleting) found = std::move(record).value();
  }
  if (found) return *found;
  return Error{Code::kNotFound, "no account is renamed from " + intent.from + " to " + intent.to,
               "username"};
}

Result<RenameIntent> Registry::findRename(const Username& name) const {
  const auto own = read(name.text());
  if (!own.ok() && own.error().code != Code::kNotFound) return own.error();
  if (own.ok() && isBetweenNames(own->state)) {
    auto intent = renameOf(own->identity.uid);
    if (intent.ok() || intent.error().code != Code::kNotFound) return intent;
  }
  TRY_ASSIGN(const auto all, names("renames"));
  for (const auto& file : all) {
    uid_t uid = 0;
    if (!toNumber(file, uid)) continue;  // somebody has put it there
    const auto intent = renameOf(uid);
    // Of another account, which is not to stop this one: its own calls meet it above.
    if (!intent.ok()) continue;
    if (intent->to != name.text() && intent->from != name.text()) continue;
    const auto account = accountOf(*intent);
    if (account.ok()) return intent;
    if (account.error().code != Code::kNotFound) return account.error();
  }
  return Error{Code::kNotFound, name.text() + " is not being renamed", "username"};
}

Result<Ok> Registry::endRename(uid_t uid) { return writer().removeFile(renamePath(uid)); }

// ---- sites

Result<SiteRecord> Registry::readSite(const std::string& domain) const {
  TRY_ASSIGN(const auto content, reader_->readFile(sitePath(domain)));
  auto site = parseSite(domain, content);
  if (!site.ok()) return corrupt(sitePath(domain), site.error().message);
  return site;
}

Result<SiteRecord> Registry::findSite(const DomainName& domain) const {
  auto site = readSite(domain.text());
  if (!site.ok() && site.error().code == Code::kNotFound)
    return Error{Code::kNotFound, "no such site: " + domain.text(), "domain"};
  return site;
}

Result<std::vector<SiteRecord>> Registry::sites() const {
  TRY_ASSIGN(const auto all, names("sites"));
  std::vector<SiteRecord> sites;
  sites.reserve(all.size());
  for (const auto& domain : all) {
    auto site = readSite(domain);
    if (!site.ok() && site.error().code == Code::kNotFound)
      continue;  // removed since the directory was read
    if (!site.ok()) return site.error();
    sites.push_back(std::move(site).value());
  }
  return sites;
}

Result<std::vector<SiteRecord>> Registry::sitesOf(const Username& name) const {
  TRY_ASSIGN(auto all, sites());
  std::erase_if(all, [&name](const SiteRecord& site) { return site.account != name.text(); });
  return all;
}

Result<Ok> Registry::checkDomain(const Username& name, const DomainName& domain) const {
  TRY_ASSIGN(const auto all, sites());
  for (const auto& site : all) {
    if (site.account == name.text()) continue;
    const auto taken = [&domain](const std::string& held) { return holds(held, domain); };
    // A name that is being left is kept until the renaming is over: it may have to be taken back.
    if (taken(site.domain) || taken(site.renamedFrom) ||
        std::any_of(site.aliases.begin(), site.aliases.end(), taken))
      return Error{Code::kConflict, "domain: held by another account: " + domain.text(), "domain"};
  }
  return Ok{};
}

Result<Ok> Registry::putSite(const SiteRecord& site) {
  TRY(makeFolders());
  return writer().writeFile(sitePath(site.domain), printSite(site), kFileAttributes);
}

Result<Ok> Registry::removeSite(const DomainName& domain) {
  return writer().removeFile(sitePath(domain.text()));
}

}  // namespace bulkhead::agent
