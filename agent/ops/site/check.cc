// site.check: each site of the registry against its file, then what else lies beside them and
// whether the running Nginx has it. See agent/ops/host/findings.h for what a finding is.
#include <set>

#include "agent/host/nginx.h"
#include "agent/host/nginx_reload.h"
#include "agent/host/systemd.h"
#include "agent/host/vhost_edits.h"
#include "agent/ops/host/findings.h"

namespace bulkhead::agent {
namespace {

struct SiteCheck {
  static constexpr auto kMethod = "siteCheck";
  using Params = rpc::CheckPage;
  using Reply = rpc::Findings;
  struct Plan {
    CheckNames page;
  };
  static Result<Plan> check(Params::Reader in, const Host& host) {
    TRY_ASSIGN(auto page, checkPage(in, host, "sites"));
    return Plan{std::move(page)};
  }
  static Result<Ok> answer(const Plan& plan, const Host& host, Reply::Builder out);
};

// A person has changed it: whoever applies the site takes that off the air.
bool isEdited(const Host& host, const std::string& domain) {
  const auto name = DomainName::parse(domain);
  if (!name.ok()) return true;
  const auto content = host.readFile(nginx::sitePath(*name));
  return content.ok() ? !nginx::isAsRendered(*content) : content.error().code != Code::kNotFound;
}
// What is mended by applying a site, of which an edited one is left to --revert.
void offer(const Host& host, Finding& finding, const SiteRecord& site, SiteMode mode) {
  if (!isEdited(host, site.domain)) {
    finding.repair = applySite(site, mode);
    return;
  }
  finding.revert = applySite(site, mode);
  finding.advice = "its file was changed by hand: bulkhead doctor --revert " + site.domain +
                   " writes it again and keeps the edited one in " + nginx::kEditedSites;
}

void checkFile(const Host& host,
               const SiteRecord& site,
               const AccountRecord& account,
               const DomainName& domain,
               Findings& findings) {
  const auto path = nginx::sitePath(domain);
  const auto wanted = nginx::siteText(site, account.identity);
  if (!wanted.ok()) return findings.unreadable(FindingKind::SITE, site.domain, wanted.error());
  const auto content = host.readFile(path);
  Finding finding{FindingKind::SITE,
                  site.domain,
                  FindingCode::VHOST_OUTDATED,
                  path + " as the registry says",
                  "",
                  "bulkhead doctor --fix writes it",
                  applySite(site, modeFor(account))};
  if (!content.ok() && content.error().code == Code::kNotFound) {
    finding.code = FindingCode::VHOST_MISSING;
    finding.found = "no such file";
    return findings.add(std::move(finding));
  }
  if (content.ok() && content.value() == wanted.value()) return;
  if (content.ok() && nginx::isAsRendered(content.value())) {
    finding.found = differenceOf(*wanted, *content);
    return findings.add(std::move(finding));
  }
  finding.code = FindingCode::VHOST_EDITED;
  finding.found = content.ok() ? "changed by hand: " + differenceOf(*wanted, *content)
                               : content.error().message;
  finding.advice = "bulkhead doctor --revert " + site.domain +
                   " writes it again and keeps the edited one in " + nginx::kEditedSites;
  // A link or a directory in its place is nothing that the panel would write through.
  if (content.ok()) finding.revert = std::exchange(finding.repair, {});
  finding.repair = {};
  findings.add(std::move(finding));
}

void checkSite(const Host& host, const std::string& name, Findings& findings) {
  const auto domain = DomainName::parse(name);
  const auto site =
      domain.ok() ? Registry(host).findSite(*domain) : Result<SiteRecord>(domain.error());
  if (!site.ok() && site.error().code == Code::kNotFound) return;  // removed meanwhile
  findings.checked();
  if (!site.ok())
    return findings.add({FindingKind::SITE, name, FindingCode::RECORD_UNREADABLE,
                         "a record that can be understood", site.error().message,
                         "restore it from a backup: until then no site can be changed"});
  const auto username = Username::parse(site->account);
  const auto account =
      username.ok() ? Registry(host).find(*username) : Result<AccountRecord>(username.error());
  if (!account.ok() && account.error().code == Code::kNotFound)
    return findings.add({FindingKind::SITE, name, FindingCode::SITE_WITHOUT_ACCOUNT,
                         "an account " + site->account, "the registry has no such account",
                         "nobody can serve it: remove " + std::string(kStateDirectory) + "/sites/" +
                             name + " when you know why it is there"});
  if (!account.ok()) return findings.unreadable(FindingKind::SITE, name, account.error());
  const bool stands =
      account->state == AccountState::kActive || account->state == AccountState::kSuspended;
  if (!stands) return;  // account.check says what is unfinished
  if (!site->renamedFrom.empty())
    return findings.add({FindingKind::SITE, name, FindingCode::UNFINISHED, "a whole site",
                         "its renaming from " + site->renamedFrom + " is not over",
                         "the same bulkhead domain rename completes it"});
  if (site->mode != modeFor(*account)) {
    Finding finding{FindingKind::SITE,
                    name,
                    FindingCode::SITE_MODE,
                    modeFor(*account) == SiteMode::kServe ? "served" : "suspended",
                    site->mode == SiteMode::kServe ? "served" : "suspended",
                    "bulkhead doctor --fix sets it as its account is"};
    offer(host, finding, *site, modeFor(*account));
    return findings.add(std::move(finding));
  }
  checkFile(host, *site, *account, *domain, findings);
}

std::set<std::string> filesOfSites(const std::vector<std::string>& names) {
  std::set<std::string> files;
  for (const auto& name : names)
    if (const auto domain = DomainName::parse(name); domain.ok())
      files.insert(fileStem(*domain) + ".conf");
  return files;
}

void checkFolder(const Host& host, const std::vector<std::string>& sites, Findings& findings) {
  const auto names = host.list(nginx::kSites);
  if (!names.ok() && names.error().code == Code::kNotFound) return;
  if (!names.ok()) return findings.unreadable(FindingKind::SITE, nginx::kSites, names.error());
  const auto expected = filesOfSites(sites);
  for (const auto& name : names.value()) {
    if (expected.contains(name)) continue;
    const auto path = std::string(nginx::kSites) + "/" + name;
    const auto content = host.readFile(path);
    const bool ours = content.ok() && parseVhost(*content).ok();
    findings.add(
        {FindingKind::SITE, name, ours ? FindingCode::ORPHAN_VHOST : FindingCode::FOREIGN_FILE,
         "files of the registry's sites alone",
         ours ? "a site that the registry does not know" : "a file that is not the panel's",
         "Nginx serves what it says: keep it elsewhere, or remove it and run systemctl "
         "reload nginx"});
  }
}

// After a crash: whoever changes that site next brings it in, but nobody may.
void checkMarked(const Host& host, Findings& findings) {
  const auto names = host.list(nginx::kMarked);
  for (const auto& name : names.ok() ? names.value() : std::vector<std::string>{}) {
    const auto domain = DomainName::parse(name);
    if (!domain.ok()) continue;
    Finding finding{FindingKind::SITE,
                    name,
                    FindingCode::SITE_UNSETTLED,
                    "its change is brought in",
                    "a change was begun and not ended",
                    "bulkhead doctor --fix ends it"};
    const auto site = Registry(host).findSite(*domain);
    if (site.ok()) offer(host, finding, *site, site->mode);
    if (!site.ok()) finding.advice = "remove the domain again: bulkhead domain delete";
    findings.add(std::move(finding));
  }
}

Repair reloadBy(const Host& host, const std::vector<std::string>& sites) {
  for (const auto& name : sites) {
    const auto domain = DomainName::parse(name);
    const auto site =
        domain.ok() ? Registry(host).findSite(*domain) : Result<SiteRecord>(domain.error());
    const auto username =
        site.ok() ? Username::parse(site->account) : Result<Username>(site.error());
    if (username.ok() && Registry(host).find(*username).ok() && !isEdited(host, name))
      return applySite(*site, site->mode);
  }
  return {};
}

void checkServer(const Host& host, const std::vector<std::string>& sites, Findings& findings) {
  const auto onDisk = nginx::generationOnDisk(host);
  if (!onDisk.ok())
    return findings.add({FindingKind::SITE, nginx::kGeneration, FindingCode::NGINX_GENERATION,
                         "a generation of the panel's", onDisk.error().message,
                         "no site can be changed: remove the file and run bulkhead setup"});
  if (*onDisk == 0) return;  // there never was a site
  findings.checked();
  const auto state = systemd::unitState(host, nginx::kUnit);
  if (!state.ok()) return findings.unreadable(FindingKind::SITE, nginx::kUnit, state.error());
  const auto complaint = nginx::complaintOf(host);
  if (!complaint.ok()) return findings.unreadable(FindingKind::SITE, "nginx", complaint.error());
  if (!complaint->empty())
    findings.add({FindingKind::SITE, "nginx", FindingCode::NGINX_CONFIGURATION,
                  "nginx -t accepts the configuration", *complaint,
                  "mend the file that it names: until then no site can be changed"});
  if (!state->isActive())
    return findings.add({FindingKind::SITE, "nginx", FindingCode::NGINX_STOPPED, "it runs",
                         std::string(nginx::kUnit) + " is " + state->active,
                         "systemctl start nginx",
                         complaint->empty() ? reloadBy(host, sites) : Repair{}});
  const auto running = nginx::generation(host);
  if (running.ok() && *running == *onDisk) return;
  findings.add({FindingKind::SITE, "nginx", FindingCode::NGINX_GENERATION,
                "its workers run generation " + std::to_string(*onDisk),
                running.ok() ? "generation " + std::to_string(*running) : running.error().message,
                "systemctl reload nginx", complaint->empty() ? reloadBy(host, sites) : Repair{}});
}

Result<Ok> SiteCheck::answer(const Plan& plan, const Host& host, Reply::Builder out) {
  Findings findings;
  for (const auto& name : plan.page.names)
    checkSite(host, name, findings);
  if (plan.page.more) {
    findings.next(plan.page.names.back());
  } else {
    constexpr std::size_t kAllSites = 200000;  // more than one directory is read of
    TRY_ASSIGN(const auto all, registryNames(host, "sites", {"", kAllSites}));
    checkFolder(host, all.names, findings);
    checkMarked(host, findings);
    checkServer(host, all.names, findings);
  }
  findings.fill(out);
  return Ok{};
}

}  // namespace

OpEntry siteCheck() { return entryFor<SiteCheck>(); }

}  // namespace bulkhead::agent
