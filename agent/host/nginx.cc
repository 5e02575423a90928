#include "agent/host/nginx.h"

#include <algorithm>
#include <charconv>

#include "agent/host/nginx_reload.h"
#include "agent/host/vhost_edits.h"

namespace bulkhead::agent::nginx {
namespace {

constexpr const char* kLogs = "/var/log/nginx/domlogs";
constexpr const char* kWaiting = "/var/lib/bulkhead/nginx-waiting";
// Whoever waits for the lock looks every few milliseconds; a busy machine takes longer to let it.
constexpr std::chrono::milliseconds kGatherLimit{400};
constexpr std::chrono::milliseconds kGatherPause{20};
constexpr std::size_t kBatchMax = 200;  // sites of one reload; the rest is the next leader's

std::string markerPath(const DomainName& domain) {
  return std::string(kMarked) + "/" + domain.text();
}

Result<std::optional<std::string>> contentOf(const Host& host, const std::string& path) {
  auto content = host.readFile(path);
  if (content.ok()) return std::optional(std::move(content).value());
  if (content.error().code == Code::kNotFound) return std::optional<std::string>{};
  return content.error();
}

Result<std::string> textFor(const Vhost& vhost) {
  auto text = renderVhost(vhost);
  // What Nginx will read must say what the model says and nothing more.
  const auto back = parseVhost(text);
  if (!back.ok() || !(back.value() == vhost))
    return Error{Code::kInternal, "vhost: the text does not say what was meant", ""};
  return text;
}

// The vhost that the registry wants for this name; nullopt: none.
Result<std::optional<std::string>> desired(const Host& host, const DomainName& domain) {
  const Registry registry(host);
  const auto site = registry.findSite(domain);
  if (!site.ok() && site.error().code == Code::kNotFound) return std::optional<std::string>{};
  if (!site.ok()) return site.error();
  TRY_ASSIGN(const auto name, Username::parse(site->account));
  const auto account = registry.find(name);
  // A site of an account that is gone cannot be served by anybody.
  if (!account.ok() && account.error().code == Code::kNotFound) return std::optional<std::string>{};
  if (!account.ok()) return account.error();
  TRY_ASSIGN(auto text, siteText(site.value(), account->identity));
  return std::optional(std::move(text));
}

Result<Change> changeFor(const Host& host, const DomainName& domain) {
  Change change{sitePath(domain), std::nullopt, std::nullopt};
  TRY_ASSIGN(change.before, contentOf(host, change.path));
  TRY_ASSIGN(change.after, desired(host, domain));
  return change;
}

// The marker holds the account's name, so that its removal can be taken up again after a crash.
Result<Ok> mark(Host& host, const DomainName& domain, const std::string& username) {
  TRY(host.makeDirectory(kMarked, {0700, 0, 0}));
  return host.writeFile(markerPath(domain), username, {0600, 0, 0});
}

Result<Ok> unmark(Host& host, const std::vector<DomainName>& domains) {
  for (const auto& domain : domains)
    TRY(host.removeFile(markerPath(domain)));
  return Ok{};
}

bool isMarked(const Host& host, const DomainName& domain) {
  return host.inspect(markerPath(domain)).ok();
}

// `own` first, then what others have marked. What is no domain name is a file that a crash cut off.
std::vector<DomainName> batch(const Host& host, const std::vector<DomainName>& own) {
  auto all = own;
  const auto names = host.list(kMarked);
  if (!names.ok()) return all;
  for (const auto& name : names.value()) {
    if (all.size() >= kBatchMax) break;
    auto domain = DomainName::parse(name);
    if (domain.ok() && std::find(all.begin(), all.end(), domain.value()) == all.end())
      all.push_back(std::move(domain).value());
  }
  return all;
}

std::string waitingPath(const std::string& username) {
  return std::string(kWaiting) + "/" + username;
}

// Takes the lock for a short act. Who must wait for it says so, for gather() of whoever has it;
// that is only a hint, so a failure to leave it is nobody's failure.
template <typename Act>
Result<Ok> underLock(Host& host, const std::string& username, const Act& act) {
  auto lock = host.lock(Host::LockName::kNginx, std::chrono::milliseconds{0});
  if (lock.ok()) return act();
  if (lock.error().code != Code::kBusy) return lock.error();
  const auto folder = host.makeDirectory(kWaiting, {0700, 0, 0});
  if (folder.ok()) (void)host.writeFile(waitingPath(username), "", {0600, 0, 0});  // see above
  lock = host.lock(Host::LockName::kNginx, kPatience);
  auto done = lock.ok() ? act() : Result<Ok>(lock.error());
  (void)host.removeFile(waitingPath(username));  // ignoring: see above
  return done;
}

// Lets those in who have announced themselves, for a short time. The lock is free meanwhile.
void gather(Host& host) {
  for (auto rounds = kGatherLimit / kGatherPause; rounds > 0; --rounds) {
    const auto waiting = host.list(kWaiting);
    if (!waiting.ok() || waiting->empty()) return;
    host.pause(kGatherPause);
  }
  const auto left = host.list(kWaiting);  // by somebody who was killed
  for (const auto& name : left.ok() ? left.value() : std::vector<std::string>{})
    (void)host.removeFile(std::string(kWaiting) + "/" + name);  // ignoring: the next one tries
}

// Logs are named by the site; rotated ones have a suffix.
Result<Ok> removeLogs(Host& host, const DomainName& domain) {
  const auto names = host.list(kLogs);
  if (!names.ok()) return names.error().code == Code::kNotFound ? Result<Ok>(Ok{}) : names.error();
  const auto log = fileStem(domain) + ".log";
  for (const auto& name : names.value()) {
    if (name == log || name.starts_with(log + ".") || name.starts_with(log + "-"))
      TRY(host.removeFile(std::string(kLogs) + "/" + name));
  }
  return Ok{};
}

// Brings these sites in with one reload; without any if all is in place and running.
Result<Ok> bringIn(Host& host, const std::vector<DomainName>& domains) {
  std::vector<Change> changes;
  for (const auto& domain : domains) {
    TRY_ASSIGN(auto change, changeFor(host, domain));
    if (change.before == change.after) continue;
    if (change.before) TRY(keepEdited(host, change.path, *change.before));
    changes.push_back(std::move(change));
  }
  if (changes.empty()) {
    const auto running = generation(host);
    TRY_ASSIGN(const auto onDisk, generationOnDisk(host));
    if (onDisk == 0) return unmark(host, domains);  // there never was a site
    if (running.ok() && running.value() == onDisk) return unmark(host, domains);
  }
  TRY(activate(host, changes));
  // While the marker is there, so that a crash in between leaves no log of somebody who is gone.
  for (const auto& domain : domains) {
    TRY_ASSIGN(const auto wanted, desired(host, domain));
    if (!wanted) TRY(removeLogs(host, domain));
  }
  return unmark(host, domains);
}

// Makes the workers run what the registry says of `own`. Somebody else may have done it meanwhile.
Result<Ok> settle(Host& host, const std::vector<DomainName>& own) {
  gather(host);
  TRY_ASSIGN(const auto lock, host.lock(Host::LockName::kNginx, kPatience));
  if (std::none_of(own.begin(), own.end(),
                   [&host](const DomainName& domain) { return isMarked(host, domain); }))
    return Ok{};
  const auto all = batch(host, own);
  auto done = bringIn(host, all);
  // Another site may be the one that Nginx refuses: then everybody brings in their own.
  if (!done.ok() && done.error().code == Code::kInternal && all.size() > own.size())
    done = bringIn(host, own);
  return done;
}

// A dry run has no registry record to look at and nobody to wait for.
Result<Ok> previewSite(Host& host, const SiteRecord& site, const Identity& who) {
  TRY_ASSIGN(const auto vhost, Vhost::of(site, who));
  TRY_ASSIGN(auto text, textFor(vhost));
  TRY_ASSIGN(auto before, contentOf(host, sitePath(vhost.domain)));
  if (before == text) return Ok{};
  return activate(host, {{sitePath(vhost.domain), std::move(before), std::move(text)}});
}

// The account's own record of the name, or none. Another account's is never touched, whatever was
// known of the name before the lock was taken; and who holds a name is nobody's business.
Result<std::optional<SiteRecord>> ownSite(const Registry& registry,
                                          const std::string& username,
                                          const DomainName& domain) {
  auto found = registry.findSite(domain);
  if (!found.ok() && found.error().code == Code::kNotFound) return std::optional<SiteRecord>{};
  if (!found.ok()) return found.error();
  if (found->account != username)
    return Error{Code::kNotFound, "the account has no site " + domain.text(), "domain"};
  return std::optional(std::move(found).value());
}

Result<Ok> restoreRecord(Host& host,
                         const std::string& username,
                         const DomainName& domain,
                         const std::optional<SiteRecord>& previous) {
  TRY_ASSIGN(const auto lock, host.lock(Host::LockName::kNginx, kPatience));
  Registry registry(host);
  TRY(ownSite(registry, username, domain));
  TRY(previous ? registry.putSite(*previous) : registry.removeSite(domain));
  return unmark(host, {domain});
}

void addOnce(std::vector<DomainName>& all, const DomainName& domain) {
  if (std::find(all.begin(), all.end(), domain) == all.end()) all.push_back(domain);
}

// Names of the account in the registry, in Nginx and among the markers, which differ after a crash.
Result<std::vector<DomainName>> sitesOf(const Host& host, const Identity& who) {
  TRY_ASSIGN(const auto name, Username::parse(who.username));
  TRY_ASSIGN(const auto records, Registry(host).sitesOf(name));
  std::vector<DomainName> found;
  for (const auto& record : records) {
    TRY_ASSIGN(auto domain, DomainName::parse(record.domain));
    found.push_back(std::move(domain));
  }
  const auto files = host.list(kSites);
  if (!files.ok() && files.error().code != Code::kNotFound) return files.error();
  for (const auto& file : files.ok() ? files.value() : std::vector<std::string>{}) {
    const auto content = host.readFile(std::string(kSites) + "/" + file);
    if (!content.ok()) continue;  // an administrator's own link, for example
    const auto vhost = parseVhost(content.value());
    if (vhost.ok() && vhost->uid == who.uid) addOnce(found, vhost->domain);
  }
  const auto marked = host.list(kMarked);
  for (const auto& text : marked.ok() ? marked.value() : std::vector<std::string>{}) {
    const auto domain = DomainName::parse(text);
    if (!domain.ok()) continue;
    const auto account = host.readFile(markerPath(domain.value()));
    if (account.ok() && account.value() == who.username) addOnce(found, domain.value());
  }
  return found;
}

}  // namespace

Result<std::string> siteText(const SiteRecord& site, const Identity& who) {
  TRY_ASSIGN(const auto vhost, Vhost::of(site, who));
  return textFor(vhost);
}

std::string sitePath(const DomainName& domain) {
  return std::string(kSites) + "/" + fileStem(domain) + ".conf";
}

Result<std::uint64_t> generation(const Host& host) {
  Probe question;
  question.socketPath = kGenerationSocket;
  question.hostHeader = "localhost";
  question.path = "/generation";
  question.timeLimit = std::chrono::milliseconds{1000};
  TRY_ASSIGN(const auto reply, host.probe(question));
  std::uint64_t number = 0;
  const auto* end = reply.body.data() + reply.body.size();
  const auto [read, failure] = std::from_chars(reply.body.data(), end, number);
  if (reply.status != 200 || failure != std::errc() || read != end)
    return Error{Code::kUnavailable, "nginx: no generation is answered", ""};
  return number;
}

Result<Ok> applySite(Host& host, const SiteRecord& site) {
  TRY_ASSIGN(const auto domain, DomainName::parse(site.domain));
  TRY_ASSIGN(const auto name, Username::parse(site.account));
  TRY_ASSIGN(const auto account, Registry(host).find(name));
  std::optional<SiteRecord> previous;
  const auto marked = underLock(host, site.account, [&]() -> Result<Ok> {
    Registry registry(host);
    TRY(registry.checkDomain(name, domain));
    for (const auto& text : site.aliases) {
      TRY_ASSIGN(const auto alias, DomainName::parse(text));
      TRY(registry.checkDomain(name, alias));
    }
    TRY_ASSIGN(previous, ownSite(registry, site.account, domain));
    TRY(mark(host, domain, site.account));
    return registry.putSite(site);
  });
  TRY(marked);
  // Without the lock in between, those who waited for it put their sites beside ours.
  if (host.isPreview()) return previewSite(host, site, account.identity);
  auto done = settle(host, {domain});
  if (!done.ok()) TRY(restoreRecord(host, site.account, domain, previous));
  return done;
}

Result<Ok> removeSite(Host& host, const Identity& who, const DomainName& domain) {
  std::optional<SiteRecord> previous;
  const auto marked = underLock(host, who.username, [&]() -> Result<Ok> {
    Registry registry(host);
    TRY_ASSIGN(previous, ownSite(registry, who.username, domain));
    TRY(mark(host, domain, who.username));
    return registry.removeSite(domain);
  });
  TRY(marked);
  if (!host.isPreview()) {
    auto done = settle(host, {domain});
    if (!done.ok() && previous) TRY(restoreRecord(host, who.username, domain, previous));
    return done;
  }
  TRY_ASSIGN(auto before, contentOf(host, sitePath(domain)));
  if (!before) return Ok{};
  return activate(host, {{sitePath(domain), std::move(before), std::nullopt}});
}

Result<Ok> moveSite(Host& host, const DomainName& from, const SiteRecord& site) {
  TRY_ASSIGN(const auto to, DomainName::parse(site.domain));
  TRY_ASSIGN(const auto name, Username::parse(site.account));
  TRY_ASSIGN(const auto account, Registry(host).find(name));
  std::optional<SiteRecord> previous;
  const auto marked = underLock(host, site.account, [&]() -> Result<Ok> {
    Registry registry(host);
    TRY(registry.checkDomain(name, to));
    TRY_ASSIGN(previous, ownSite(registry, site.account, from));
    TRY(mark(host, from, site.account));
    TRY(mark(host, to, site.account));
    TRY(registry.putSite(site));
    return registry.removeSite(from);
  });
  TRY(marked);
  if (host.isPreview()) {
    TRY(previewSite(host, site, account.identity));
    TRY_ASSIGN(auto before, contentOf(host, sitePath(from)));
    if (!before) return Ok{};
    return activate(host, {{sitePath(from), std::move(before), std::nullopt}});
  }
  auto done = settle(host, {from, to});
  if (!done.ok() && previous) {
    TRY(restoreRecord(host, site.account, to, std::nullopt));
    TRY(restoreRecord(host, site.account, from, previous));
  }
  return done;
}

Result<Ok> giveAllTo(Host& host, const Username& from, const Username& to) {
  return underLock(host, from.text(), [&]() -> Result<Ok> {
    Registry registry(host);
    TRY_ASSIGN(const auto own, registry.sitesOf(from));
    for (auto site : own) {
      site.account = to.text();
      TRY(registry.putSite(site));
    }
    return Ok{};
  });
}

Result<Ok> removeAllOf(Host& host, const Identity& who) {
  std::vector<DomainName> own;
  const auto marked = underLock(host, who.username, [&]() -> Result<Ok> {
    TRY_ASSIGN(own, sitesOf(host, who));
    Registry registry(host);
    for (const auto& domain : own) {
      // A marker or a vhost that a crash has left may name what somebody else has by now.
      const auto record = registry.findSite(domain);
      const bool foreign = record.ok() && record->account != who.username;
      TRY(mark(host, domain, foreign ? record->account : who.username));
      if (!foreign) TRY(registry.removeSite(domain));
    }
    return Ok{};
  });
  TRY(marked);
  if (own.empty()) return Ok{};
  if (host.isPreview()) {
    std::vector<Change> changes;
    for (const auto& domain : own) {
      TRY_ASSIGN(auto before, contentOf(host, sitePath(domain)));
      if (before) changes.push_back({sitePath(domain), std::move(before), std::nullopt});
    }
    return activate(host, changes);
  }
  return settle(host, own);
}

Result<Proof> proveSite(const Host& host, const SiteRecord& site, const Identity& who) {
  TRY_ASSIGN(const auto vhost, Vhost::of(site, who));
  TRY_ASSIGN(const auto content, host.readFile(sitePath(vhost.domain)));
  const auto found = parseVhost(content);
  if (!found.ok() || !(found.value() == vhost))
    return Error{Code::kInternal, "nginx: the vhost is not as it was written", ""};
  TRY_ASSIGN(const auto onDisk, generationOnDisk(host));
  TRY_ASSIGN(const auto running, generation(host));
  // A later change may be under way: its generation is on disk and not yet answered.
  if (running > onDisk || running == 0)
    return Error{Code::kInternal, "nginx: the workers run another configuration", ""};
  Proof proof{{"vhost", sitePath(vhost.domain) + " reads back as meant"},
              {"nginx", "its workers answer generation " + std::to_string(running)}};
  TRY_ASSIGN(const auto edited, editedVersions(host, vhost.domain));
  if (!edited.empty())
    proof.push_back({"edited by hand", "what was replaced is kept as " + edited.back()});
  return proof;
}

Result<Proof> proveNoSite(const Host& host, const DomainName& domain) {
  const auto found = host.inspect(sitePath(domain));
  if (found.ok()) return Error{Code::kInternal, "nginx: " + sitePath(domain) + " is left", ""};
  if (found.error().code != Code::kNotFound) return found.error();
  return Proof{{"vhost", "none of " + domain.text() + " is left"}};
}

}  // namespace bulkhead::agent::nginx
