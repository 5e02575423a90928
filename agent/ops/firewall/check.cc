// firewall.check: UFW's rules against what the panel and the accounts have asked for. See
// agent/ops/host/findings.h for what a finding is.
#include <algorithm>
#include <map>
#include <set>

#include "agent/ops/firewall/common.h"
#include "agent/ops/host/findings.h"

namespace bulkhead::agent {
namespace {

constexpr const char* kPanelComment = "bulkhead";  // of the rules that firewall.setup adds

struct FirewallCheck {
  static constexpr auto kMethod = "firewallCheck";
  using Params = rpc::CheckPage;
  using Reply = rpc::Findings;
  using Plan = CheckPlan;
  static Result<Plan> check(Params::Reader in, const Host& /*host*/) { return checkPlan(in); }
  static Result<Ok> answer(const Plan& plan, const Host& host, Reply::Builder out);
};

using Accounts = std::map<std::string, AccountRecord>;

Accounts accountsOf(const Host& host, std::set<std::string>& unreadable) {
  Accounts accounts;
  const auto names = registryNames(host, "accounts", {"", std::size_t{kUidLast - kUidFirst + 1}});
  for (const auto& text : names.ok() ? names->names : std::vector<std::string>{}) {
    const auto name = Username::parse(text);
    auto record = name.ok() ? Registry(host).find(*name) : Result<AccountRecord>(name.error());
    if (record.ok())
      accounts.emplace(text, std::move(record).value());
    else
      unreadable.insert(text);  // account.check says so
  }
  return accounts;
}

std::string described(const KeptPort& port) {
  return std::to_string(port.port) + (port.udp ? "/udp" : "/tcp");
}

bool isOpen(const std::vector<ufw::Rule>& rules, const std::string& account, const KeptPort& port) {
  const auto protocol = port.udp ? ufw::Protocol::kUdp : ufw::Protocol::kTcp;
  return std::any_of(rules.begin(), rules.end(), [&](const ufw::Rule& rule) {
    return rule.isOf(account) && rule.covers(port.port, protocol);
  });
}

void checkPanelRules(const Host& host, const ufw::Status& now, bool accounts, Findings& findings) {
  const bool set = std::any_of(now.rules.begin(), now.rules.end(),
                               [](const ufw::Rule& rule) { return rule.comment == kPanelComment; });
  // An administrator who keeps another firewall has never let the panel set this one up.
  if (!now.active && !set && !accounts) return;
  if (!now.active)
    return findings.add({FindingKind::FIREWALL, "ufw", FindingCode::FIREWALL_OFF, "it is active",
                         "inactive", "ufw enable, unless something else guards this host"});
  if (!set) return;
  const auto proof = ufw::proveSetup(host);
  if (proof.ok()) return;
  Finding finding{FindingKind::FIREWALL,
                  "ufw",
                  now.deniesIncoming && now.allowsOutgoing ? FindingCode::PANEL_PORT
                                                           : FindingCode::FIREWALL_DEFAULTS,
                  "deny incoming, allow outgoing, the panel's and sshd's ports open",
                  proof.error().message,
                  "bulkhead doctor --fix sets it up again",
                  setUpFirewall()};
  if (const auto possible = ufw::checkSetup(host); !possible.ok()) {
    finding.found = possible.error().message;
    finding.advice = "delete that rule, or keep the port shut on purpose";
    finding.repair = {};
  }
  if (const auto narrowed = ufw::narrowedPort(host); !narrowed.ok() || !narrowed->empty()) {
    finding.advice =
        "rules open it to some only: leave it so, or open it to all with bulkhead setup";
    finding.repair = {};
  }
  findings.add(std::move(finding));
}

void checkPorts(const std::vector<ufw::Rule>& rules, const Accounts& accounts, Findings& findings) {
  for (const auto& [name, record] : accounts) {
    for (const auto& port : record.ports) {
      findings.checked();
      if (isOpen(rules, name, port)) continue;
      Finding finding{FindingKind::FIREWALL,    described(port),
                      FindingCode::PORT_CLOSED, "a rule of " + name + " opens it",
                      "no such rule",           "bulkhead doctor --fix opens it again"};
      if (record.state == AccountState::kActive)
        finding.repair = openPort(record, port);
      else
        finding.advice = "it can be opened when the account is active";
      findings.add(std::move(finding));
    }
  }
}

void checkStrangers(const std::vector<ufw::Rule>& rules,
                    const Accounts& accounts,
                    const std::set<std::string>& unreadable,
                    Findings& findings) {
  for (const auto& rule : rules) {
    const bool ours = Username::parse(rule.comment).ok() && rule.isOf(rule.comment) &&
                      AccountPort::parse(rule.first).ok();
    if (!ours || rule.ipv6 || unreadable.contains(rule.comment)) continue;
    const KeptPort port{rule.first, rule.protocol == "udp"};
    const auto account = accounts.find(rule.comment);
    const std::string remove = "ufw delete allow proto " + rule.protocol + " to any port " +
                               std::to_string(rule.first) + ", if nobody needs it";
    if (account == accounts.end()) {
      findings.add({FindingKind::FIREWALL, described(port), FindingCode::ORPHAN_RULE,
                    "rules of accounts that exist", "it is open for " + rule.comment, remove});
      continue;
    }
    const auto& ports = account->second.ports;
    if (std::find(ports.begin(), ports.end(), port) != ports.end()) continue;
    findings.add({FindingKind::FIREWALL, described(port), FindingCode::PORT_UNRECORDED,
                  "ports that the panel opened",
                  "it is open for " + rule.comment + ", who did not ask for it by the panel",
                  remove});
  }
}

Result<Ok> FirewallCheck::answer(const Plan& /*plan*/, const Host& host, Reply::Builder out) {
  Findings findings;
  std::set<std::string> unreadable;
  const auto accounts = accountsOf(host, unreadable);
  const bool ports = std::any_of(accounts.begin(), accounts.end(),
                                 [](const auto& entry) { return !entry.second.ports.empty(); });
  const auto now = ufw::status(host);
  findings.checked();
  if (now.ok()) {
    checkPanelRules(host, *now, ports, findings);
    checkPorts(now->rules, accounts, findings);
    checkStrangers(now->rules, accounts, unreadable, findings);
  } else if (ports || now.error().code != Code::kNotFound) {
    findings.unreadable(FindingKind::FIREWALL, "ufw", now.error());
  }
  findings.fill(out);
  return Ok{};
}

}  // namespace

OpEntry firewallCheck() { return entryFor<FirewallCheck>(); }

}  // namespace bulkhead::agent
