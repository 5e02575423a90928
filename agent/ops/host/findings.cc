#include "agent/ops/host/findings.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "agent/host/engine_reply.h"
#include "agent/host/line_diff.h"
#include "agent/ops/account/common.h"

namespace bulkhead::agent {
namespace {

using Severity = rpc::Finding::Severity;
constexpr std::size_t kDifferencesShown = 6;  // lines

void fillFinding(const Finding& finding, rpc::Finding::Builder out) {
  const auto shown = [](const std::string& text) { return printable(text, kFindingTextMax); };
  out.setKind(finding.kind);
  out.setObject(shown(finding.object));
  out.setCode(finding.code);
  out.setSeverity(severityOf(finding.code));
  out.setDesired(shown(finding.desired));
  out.setFound(shown(finding.found));
  out.setAdvice(shown(finding.advice));
  if (finding.repair) finding.repair(out.initRepair());
  if (finding.revert) finding.revert(out.initRevert());
}

Repair withUsername(const AccountRecord& record,
                    rpc::AccountRef::Builder (rpc::Repair::Builder::*init)()) {
  return [name = record.identity.username, init](rpc::Repair::Builder out) {
    (out.*init)().setUsername(name);
  };
}

}  // namespace

rpc::Finding::Severity severityOf(FindingCode code) {
  switch (code) {
    case FindingCode::UNREADABLE:
      return Severity::UNKNOWN;
    // One account, or somebody without a name in the panel, could reach what is another's.
    case FindingCode::SYSCTL:
    case FindingCode::FILE_OWNER:
    case FindingCode::AUDIT_LOG:
    case FindingCode::RECORD_UNREADABLE:
    case FindingCode::UID_COUNTER:
    case FindingCode::FOREIGN_USER:
    case FindingCode::FOREIGN_GROUP:
    case FindingCode::FOREIGN_SUB_IDS:
    case FindingCode::PASSWORD_SET:
    case FindingCode::HOME_KIND:
    case FindingCode::HOME_OWNER:
    case FindingCode::HOME_MODE:
    case FindingCode::PROCESSES:
    case FindingCode::ENGINE_RUNS:
    case FindingCode::FIREWALL_OFF:
    case FindingCode::FIREWALL_DEFAULTS:
      return Severity::DANGER;
    case FindingCode::TEMPORARY_FILE:
    case FindingCode::STALE_LOCK:
    case FindingCode::ID_RANGE:
    case FindingCode::FOREIGN_HOME:
    case FindingCode::FOREIGN_FILE:
    case FindingCode::UNFINISHED:
    case FindingCode::SITE_UNSETTLED:
    case FindingCode::PORT_UNRECORDED:
    case FindingCode::ORPHAN_RULE:
      return Severity::NOTICE;
    case FindingCode::UNIT_FAILED:
    case FindingCode::PASSWD_ENTRY:
    case FindingCode::SHADOW_ENTRY:
    case FindingCode::GROUP_ENTRY:
    case FindingCode::GSHADOW_ENTRY:
    case FindingCode::SUBUID_RANGE:
    case FindingCode::SUBGID_RANGE:
    case FindingCode::HOME_MISSING:
    case FindingCode::SLICE_LIMITS:
    case FindingCode::SLICE_OVERRIDDEN:
    case FindingCode::QUOTA_LIMITS:
    case FindingCode::QUOTA_PROJECT:
    case FindingCode::ENGINE_STOPPED:
    case FindingCode::ENGINE_CONTEXT:
    case FindingCode::SERVICE_MISSING:
    case FindingCode::SERVICE_DIFFERS:
    case FindingCode::SITE_WITHOUT_ACCOUNT:
    case FindingCode::SITE_MODE:
    case FindingCode::VHOST_MISSING:
    case FindingCode::VHOST_OUTDATED:
    case FindingCode::VHOST_EDITED:
    case FindingCode::ORPHAN_VHOST:
    case FindingCode::NGINX_CONFIGURATION:
    case FindingCode::NGINX_GENERATION:
    case FindingCode::NGINX_STOPPED:
    case FindingCode::PANEL_PORT:
    case FindingCode::PORT_CLOSED:
    case FindingCode::PANEL_ONLY:
    case FindingCode::AGENT_ONLY:
    case FindingCode::STATE_DIFFERS:
      return Severity::BROKEN;
  }
  return Severity::BROKEN;
}

void Findings::add(Finding finding) {
  if (all_.size() < kFindingsMax)
    all_.push_back(std::move(finding));
  else
    ++dropped_;
}

void Findings::unreadable(FindingKind kind, const std::string& object, const Error& error) {
  add({kind, object, FindingCode::UNREADABLE, "it can be looked at",
       std::string(codeName(error.code)) + ": " + error.message,
       "mend what is named there and look again"});
}

void Findings::fill(rpc::Findings::Builder out) const {
  auto list = out.initFindings(static_cast<capnp::uint>(all_.size()));
  for (capnp::uint i = 0; i < list.size(); ++i)
    fillFinding(all_[i], list[i]);
  out.setChecked(static_cast<std::uint32_t>(checked_));
  out.setNext(next_);
  out.setDropped(static_cast<std::uint32_t>(dropped_));
}

Result<CheckPlan> checkPlan(rpc::CheckPage::Reader in) {
  const std::size_t limit = in.getLimit();
  if (limit == 0 || limit > kCheckedObjectsMax)
    return Error{Code::kInvalidArgument, "limit: 1 to 200", "limit"};
  // Compared with names only, never a part of a path.
  const auto after = view(in.getAfter());
  if (!after.empty() && !Username::parse(after).ok() && !DomainName::parse(after).ok())
    return Error{Code::kInvalidArgument, "after: a name of an earlier answer", "after"};
  return CheckPlan{std::string(after), limit};
}

Result<CheckNames> registryNames(const Host& host, const char* folder, const CheckPlan& plan) {
  auto listed = host.list(std::string(kStateDirectory) + "/" + folder);
  if (!listed.ok() && listed.error().code == Code::kNotFound) return CheckNames{};
  if (!listed.ok()) return listed.error();
  CheckNames page;
  for (auto& name : listed.value()) {
    if (name <= plan.after || name.starts_with('.')) continue;
    page.more = page.names.size() == plan.limit;
    if (page.more) break;
    page.names.push_back(std::move(name));
  }
  return page;
}

Result<CheckNames> checkPage(rpc::CheckPage::Reader in, const Host& host, const char* folder) {
  TRY_ASSIGN(const auto plan, checkPlan(in));
  return registryNames(host, folder, plan);
}

Repair createAgain(const AccountRecord& record) {
  return [name = record.identity.username, limits = record.limits](rpc::Repair::Builder out) {
    auto call = out.initAccountCreate();
    call.setUsername(name);
    agent::fill(limits, call.initLimits());
  };
}

Repair suspendAgain(const AccountRecord& record) {
  return withUsername(record, &rpc::Repair::Builder::initAccountSuspend);
}

Repair ensureEngine(const AccountRecord& record) {
  return withUsername(record, &rpc::Repair::Builder::initEngineEnsure);
}

Repair setLimits(const AccountRecord& record) {
  return [name = record.identity.username, limits = record.limits](rpc::Repair::Builder out) {
    auto call = out.initLimitsSet();
    call.setUsername(name);
    agent::fill(limits, call.initLimits());
  };
}

Repair setQuota(const AccountRecord& record) {
  return [name = record.identity.username,
          quota = record.quota.value_or(KeptQuota{})](rpc::Repair::Builder out) {
    auto call = out.initQuotaSet();
    call.setUsername(name);
    call.setDiskBytes(quota.diskBytes);
    call.setInodes(quota.inodes);
  };
}

Repair applyService(const AccountRecord& record, const KeptService& service) {
  return [name = record.identity.username, service](rpc::Repair::Builder out) {
    auto call = out.initServiceApply();
    call.setUsername(name);
    call.setService(service.name);
    call.setCpuPercent(service.cpuPercent);
    call.setMemoryBytes(service.memoryBytes);
    call.setPublishPort(service.publishPort);
  };
}

Repair applySite(const SiteRecord& site, SiteMode mode) {
  return [site, mode](rpc::Repair::Builder out) {
    auto call = out.initSiteApply();
    call.setUsername(site.account);
    call.setDomain(site.domain);
    auto aliases = call.initAliases(static_cast<capnp::uint>(site.aliases.size()));
    for (capnp::uint i = 0; i < aliases.size(); ++i)
      aliases.set(i, site.aliases[i].c_str());
    call.setMode(mode == SiteMode::kServe ? rpc::SiteApply::Mode::SERVE
                                          : rpc::SiteApply::Mode::SUSPENDED);
  };
}

SiteMode modeFor(const AccountRecord& account) {
  return account.state == AccountState::kSuspended ? SiteMode::kSuspended : SiteMode::kServe;
}

Repair openPort(const AccountRecord& record, const KeptPort& port) {
  return [name = record.identity.username, port](rpc::Repair::Builder out) {
    auto call = out.initFirewallOpen();
    call.setUsername(name);
    call.setPort(port.port);
    call.setProtocol(port.udp ? rpc::FirewallPort::Protocol::UDP
                              : rpc::FirewallPort::Protocol::TCP);
  };
}

Repair setUpFirewall() {
  return [](rpc::Repair::Builder out) { out.initFirewallSetup(); };
}

std::string differenceOf(std::string_view wanted, std::string_view found) {
  const auto all = lineDiff(wanted, found, "wanted", "found");
  std::string text;
  std::size_t shown = 0;
  for (std::size_t at = 0; at < all.size();) {
    const auto end = std::min(all.find('\n', at), all.size());
    const auto line = std::string_view(all).substr(at, end - at);
    at = end + 1;
    const bool changed = line.starts_with('+') || line.starts_with('-');
    if (!changed || line.starts_with("+++ ") || line.starts_with("--- ")) continue;
    const auto start = line.find_first_not_of(' ', 1);
    if (start == std::string_view::npos) continue;
    if (++shown > kDifferencesShown) return text + " ...";
    text += (text.empty() ? "" : " ") + std::string(1, line.front()) + "[" +
            std::string(line.substr(start)) + "]";
  }
  return text.empty() ? "blanks or line ends only" : text;
}

std::string octal(mode_t mode) {
  std::array<char, 8> text{};
  (void)std::snprintf(text.data(), text.size(), "%04o", static_cast<unsigned>(mode & 07777U));
  return text.data();
}

}  // namespace bulkhead::agent
