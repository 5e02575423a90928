#include "agent/ops/account/renaming.h"

#include <algorithm>

#include "agent/host/account_files.h"
#include "agent/host/container.h"
#include "agent/host/engine.h"
#include "agent/host/nginx.h"
#include "agent/host/ufw.h"
#include "agent/ops/site/page.h"
#include "agent/registry/records.h"

namespace bulkhead::agent {
namespace {

constexpr const char* kCrontabs = "/var/spool/cron/crontabs/";
constexpr const char* kLinger = "/var/lib/systemd/linger/";

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

// For what may be missing, another owner's file of the old name is nothing of the account.
enum class Needed { kYes, kNo };
Result<Ok> moveOnce(
    Host& host, const std::string& from, const std::string& to, uid_t owner, Needed needed) {
  const auto moved = host.inspect(to);
  if (moved.ok() && moved->uid == owner) return Ok{};
  if (!moved.ok() && moved.error().code != Code::kNotFound) return moved.error();
  const auto old = host.inspect(from);
  if (old.ok() && old->uid == owner) return host.move(from, to, owner);
  if (!old.ok() && old.error().code != Code::kNotFound) return old.error();
  if (needed == Needed::kNo) return Ok{};
  return Error{Code::kConflict, from + ": is neither there nor at its new place", ""};
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

Result<container::Spec> specOf(const Host& host,
                               const Catalogue& catalogue,
                               const Identity& who,
                               const KeptService& kept) {
  container::Spec spec;
  spec.who = who;
  TRY_ASSIGN(spec.service, catalogue.find(kept.name));
  TRY_ASSIGN(spec.imageId, Catalogue::imageId(host, spec.service));
  spec.cpuPercent = kept.cpuPercent;
  spec.memoryBytes = kept.memoryBytes;
  spec.publishPort = kept.publishPort;
  return spec;
}

Result<std::vector<container::Spec>> specsOf(const Host& host,
                                             const Identity& who,
                                             const std::vector<KeptService>& services) {
  std::vector<container::Spec> specs;
  if (services.empty()) return specs;
  TRY_ASSIGN(const auto catalogue, Catalogue::load(host));
  for (const auto& kept : services) {
    TRY_ASSIGN(auto spec, specOf(host, catalogue, who, kept));
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
  TRY(moveOnce(host, before.home, after.home, after.uid, Needed::kYes));
  TRY(moveOnce(host, kCrontabs + before.username, kCrontabs + after.username, after.uid,
               Needed::kNo));
  TRY(moveOnce(host, kLinger + before.username, kLinger + after.username, 0, Needed::kNo));
  TRY(switchRecord(host, renaming));
  TRY(engine::moveContext(host, before, after));
  return ufw::giveAllTo(host, before.username, after.username);
}

Result<std::vector<KeptService>> servicesOf(const Host& host, const Identity& who) {
  std::vector<KeptService> services;
  TRY_ASSIGN(const auto catalogue, Catalogue::load(host));
  for (const auto& name : catalogue.names()) {
    const auto found = container::inspect(host, who, name);
    if (!found.ok() && found.error().code == Code::kNotFound) continue;
    if (!found.ok())
      return Error{Code::kUnavailable,
                   "the account's engine does not say what runs: " + found.error().message, ""};
    if (!container::isPanels(*found, name)) continue;
    // The engine is the tenant's: a port that no service may have is none of the panel's.
    const auto port = AccountPort::parse(found->publishPort);
    services.push_back({name, found->cpuPercent, found->memoryBytes,
                        port.ok() ? found->publishPort : std::uint16_t{0}});
  }
  return services;
}

Result<Ok> restartServices(Host& host,
                           const AccountRecord& record,
                           const std::vector<KeptService>& services) {
  TRY(engine::ensure(host, record.identity));
  TRY_ASSIGN(const auto specs, specsOf(host, record.identity, services));
  for (const auto& spec : specs)
    TRY(container::apply(host, spec));
  return Ok{};
}

Result<Proof> proveServices(const Host& host,
                            const AccountRecord& record,
                            const std::vector<KeptService>& services) {
  TRY_ASSIGN(auto proof, engine::prove(host, record.identity));
  TRY_ASSIGN(const auto specs, specsOf(host, record.identity, services));
  for (const auto& spec : specs) {
    TRY_ASSIGN(auto ready, container::prove(host, spec));
    append(proof, std::move(ready));
  }
  const bool web = std::any_of(specs.begin(), specs.end(), [](const container::Spec& spec) {
    return spec.service.ready == CatalogueService::Ready::kSocket;
  });
  if (!web) return proof;
  TRY_ASSIGN(const auto name, Username::parse(record.identity.username));
  TRY_ASSIGN(const auto sites, Registry(host).sitesOf(name));
  std::size_t answered = 0;
  for (const auto& site : sites) {
    if (site.mode != SiteMode::kServe) continue;
    TRY_ASSIGN(const auto domain, DomainName::parse(site.domain));
    TRY(awaitPage(host, domain, site.mode));
    ++answered;
  }
  proof.push_back({"http probe", std::to_string(answered) + " served sites answer"});
  return proof;
}

}  // namespace bulkhead::agent
