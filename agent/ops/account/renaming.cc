#include "agent/ops/account/renaming.h"

#include <algorithm>
#include <chrono>

#include "agent/host/account_files.h"
#include "agent/host/container.h"
#include "agent/host/engine.h"
#include "agent/host/nginx.h"
#include "agent/host/ufw.h"
#include "agent/ops/service/spec.h"
#include "agent/ops/site/page.h"
#include "agent/registry/records.h"

namespace bulkhead::agent {
namespace {

constexpr const char* kCrontabs = "/var/spool/cron/crontabs/";
constexpr const char* kLinger = "/var/lib/systemd/linger/";

// Of all sites together: before, until the first one answers, and afterwards, when one has to and
// the others are looked at as long as there is time. The operation has 180 s for all it does.
constexpr std::chrono::seconds kWitnessLimit{5};
constexpr std::chrono::seconds kSitesLimit{20};

Result<Renaming> between(const Host& host,
                         const RenameIntent& intent,
                         const std::string& from,
                         const std::string& to) {
  TRY_ASSIGN(auto record, Registry(host).accountOf(intent));
  if (record.state != AccountState::kRenaming)
    return Error{Code::kConflict, "the account is " + std::string(stateName(record.state)),
                 "username"};
  return Renaming{identityFor(from, intent.uid), identityFor(to, intent.uid), std::move(record),
                  ""};
}

// True when it is there and the owner's: another's file of a name is nothing of the account.
Result<bool> isOwners(const Host& host, const std::string& path, uid_t owner) {
  const auto found = host.inspect(path);
  if (!found.ok() && found.error().code == Code::kNotFound) return false;
  if (!found.ok()) return found.error();
  return found->uid == owner;
}

enum class Needed { kYes, kNo };
Result<Ok> moveOnce(
    Host& host, const std::string& from, const std::string& to, uid_t owner, Needed needed) {
  TRY_ASSIGN(const bool old, isOwners(host, from, owner));
  TRY_ASSIGN(const bool moved, isOwners(host, to, owner));
  if (old && moved)
    return Error{Code::kConflict,
                 from + " and " + to + " are both there: which of them is to stay?", ""};
  if (old) return host.move(from, to, owner);
  if (moved || needed == Needed::kNo) return Ok{};
  return Error{Code::kConflict, from + ": is neither there nor at its new place", ""};
}

// An empty file: of two, nothing is lost with the one.
Result<Ok> moveLinger(Host& host, const Identity& before, const Identity& after) {
  const auto from = kLinger + before.username;
  const auto to = kLinger + after.username;
  TRY_ASSIGN(const bool old, isOwners(host, from, 0));
  TRY_ASSIGN(const bool moved, isOwners(host, to, 0));
  if (!old) return Ok{};
  return moved ? host.removeFile(from) : host.move(from, to, 0);
}

// The record changes its file: first the new one, so that at no time there is none.
Result<Ok> switchRecord(Host& host, const Renaming& renaming) {
  TRY_ASSIGN(const auto from, Username::parse(renaming.before.username));
  TRY_ASSIGN(const auto to, Username::parse(renaming.after.username));
  Registry registry(host);
  TRY(nginx::giveAllTo(host, from, to));
  auto record = renaming.record;
  record.identity = renaming.after;
  record.previousName = renaming.previousName;
  TRY(registry.put(record));
  auto old = renaming.record;
  old.identity = renaming.before;
  return registry.retire(old);
}

Result<std::vector<container::Spec>> specsOf(const Host& host,
                                             const AccountRecord& account,
                                             const std::vector<KeptService>& services) {
  std::vector<container::Spec> specs;
  if (services.empty()) return specs;
  TRY_ASSIGN(const auto catalogue, Catalogue::load(host));
  for (const auto& kept : services) {
    TRY_ASSIGN(auto spec, specFor(host, catalogue, account, kept));
    specs.push_back(std::move(spec));
  }
  return specs;
}

Result<Ok> expectNothingAt(const Host& host, const std::string& path) {
  const auto found = host.inspect(path);
  if (found.ok())
    return Error{Code::kAlreadyExists, "newName: " + path + " exists already", "newName"};
  if (found.error().code != Code::kNotFound) return found.error();
  return Ok{};
}

}  // namespace

Result<Renaming> renamingForth(const Host& host, const RenameIntent& intent) {
  TRY_ASSIGN(auto renaming, between(host, intent, intent.from, intent.to));
  renaming.previousName = intent.from;
  return renaming;
}

Result<Renaming> renamingBack(const Host& host, const RenameIntent& intent) {
  TRY_ASSIGN(auto renaming, between(host, intent, intent.to, intent.from));
  renaming.previousName = intent.formerName;
  return renaming;
}

Result<Ok> checkNewNameIsFree(const Host& host, const Username& to) {
  const Registry registry(host);
  const auto taken = registry.find(to);
  if (taken.ok())
    return Error{Code::kAlreadyExists, "newName: there is an account of this name", "newName"};
  if (taken.error().code != Code::kNotFound) return taken.error();
  const auto free = checkNameIsFree(host, to.text());
  if (!free.ok()) return Error{free.error().code, free.error().message, "newName"};
  for (const auto& path : {"/home/" + to.text(), kCrontabs + to.text(), kLinger + to.text(),
                           engine::contextDirectory(to.text())})
    TRY(expectNothingAt(host, path));
  return Ok{};
}

Result<Ok> moveNames(Host& host, const Renaming& renaming) {
  const auto& before = renaming.before;
  const auto& after = renaming.after;
  TRY(engine::stop(host, after));  // by uid
  TRY(host.killProcessesOf(after));
  TRY(renameAccountFiles(host, before, after));
  // Who began in between did so under the name before, and would leave things of that name.
  TRY(host.killProcessesOf(after));
  TRY(moveOnce(host, before.home, after.home, after.uid, Needed::kYes));
  TRY(moveOnce(host, kCrontabs + before.username, kCrontabs + after.username, after.uid,
               Needed::kNo));
  TRY(moveLinger(host, before, after));
  TRY(switchRecord(host, renaming));
  TRY(engine::moveContext(host, before, after));
  return ufw::giveAllTo(host, before.username, after.username);
}

Result<Ok> proveNothingStarts(const Host& host, const Identity& before) {
  TRY_ASSIGN(const bool crontab, isOwners(host, kCrontabs + before.username, before.uid));
  TRY_ASSIGN(const bool linger, isOwners(host, kLinger + before.username, 0));
  if (!crontab && !linger) return Ok{};
  return Error{Code::kInternal,
               (crontab ? kCrontabs : kLinger) + before.username + ": is there (again)", ""};
}

namespace {

// The engine is the tenant's: what may not be is as the catalogue has it.
Result<KeptService> allowed(const Host& host,
                            const Catalogue& catalogue,
                            const AccountRecord& account,
                            const KeptService& wanted) {
  for (const auto& kept : {wanted, KeptService{wanted.name, 0, 0, wanted.publishPort}})
    if (specFor(host, catalogue, account, kept).ok()) return kept;
  TRY(specFor(host, catalogue, account, {wanted.name}));
  return KeptService{wanted.name};
}

// Of a renaming that was taken back although the engine did not run.
std::vector<KeptService> unserved(const Host& host, const AccountRecord& account) {
  const auto left = Registry(host).renameOf(account.identity.uid);
  if (!left.ok() || left->from != account.identity.username) return {};
  return left->services;
}

}  // namespace

Result<std::vector<KeptService>> servicesOf(const Host& host, const AccountRecord& account) {
  std::vector<KeptService> services;
  TRY_ASSIGN(const auto catalogue, Catalogue::load(host));
  const auto before = unserved(host, account);
  for (const auto& name : catalogue.names()) {
    const auto found = container::inspect(host, account.identity, name);
    if (!found.ok() && found.error().code != Code::kNotFound)
      return Error{Code::kUnavailable,
                   "the account's engine does not say what runs: " + found.error().message, ""};
    const auto kept = std::find_if(before.begin(), before.end(),
                                   [&name](const KeptService& one) { return one.name == name; });
    if (!found.ok() && kept == before.end()) continue;
    if (found.ok() && !container::isPanels(*found, name)) continue;
    const auto wanted =
        found.ok() ? KeptService{name, found->cpuPercent, found->memoryBytes, found->publishPort}
                   : *kept;
    TRY_ASSIGN(auto service, allowed(host, catalogue, account, wanted));
    services.push_back(std::move(service));
  }
  return services;
}

Result<std::string> witnessOf(const Host& host, const Username& name) {
  TRY_ASSIGN(const auto sites, Registry(host).sitesOf(name));
  const auto deadline = host.now() + kWitnessLimit;
  for (const auto& site : sites) {
    if (host.now() >= deadline) break;
    if (site.mode != SiteMode::kServe) continue;
    TRY_ASSIGN(const auto domain, DomainName::parse(site.domain));
    if (answersAsItShould(host, domain, site.mode)) return site.domain;
  }
  return std::string();
}

Result<Ok> restartServices(Host& host,
                           const AccountRecord& account,
                           const std::vector<KeptService>& services) {
  TRY(engine::ensure(host, account.identity));
  TRY_ASSIGN(const auto specs, specsOf(host, account, services));
  for (const auto& spec : specs)
    TRY(container::apply(host, spec));
  return Ok{};
}

Result<Proof> proveServices(const Host& host,
                            const AccountRecord& account,
                            const std::vector<KeptService>& services) {
  TRY_ASSIGN(auto proof, engine::prove(host, account.identity));
  TRY_ASSIGN(const auto specs, specsOf(host, account, services));
  for (const auto& spec : specs) {
    TRY_ASSIGN(auto ready, container::prove(host, spec));
    append(proof, std::move(ready));
  }
  return proof;
}

Result<Proof> proveSites(const Host& host, const Username& name, const std::string& witness) {
  const auto deadline = host.now() + kSitesLimit;
  if (!witness.empty()) {
    TRY_ASSIGN(const auto domain, DomainName::parse(witness));
    TRY(awaitPage(host, domain, SiteMode::kServe));
  }
  TRY_ASSIGN(const auto sites, Registry(host).sitesOf(name));
  std::size_t right = 0;
  std::size_t wrong = 0;
  std::size_t notAsked = 0;
  for (const auto& site : sites) {
    if (site.mode != SiteMode::kServe) continue;
    TRY_ASSIGN(const auto domain, DomainName::parse(site.domain));
    if (site.domain != witness && host.now() >= deadline)
      ++notAsked;
    else if (site.domain == witness || answersAsItShould(host, domain, site.mode))
      ++right;
    else
      ++wrong;
  }
  auto detail = std::to_string(right) + " served sites answer";
  if (wrong > 0) detail += ", " + std::to_string(wrong) + " do not";
  if (notAsked > 0) detail += ", " + std::to_string(notAsked) + " not asked";
  return Proof{{"http probe", detail}};
}

}  // namespace bulkhead::agent
