#include "agent/host/ufw.h"

#include <algorithm>
#include <array>

#include "agent/host/ufw_rules.h"

namespace bulkhead::agent::ufw {
namespace {

constexpr std::chrono::milliseconds kUfwLimit{
    30000};                               // a call takes 0.2-0.5 s, and waits for the kernel's lock
constexpr std::size_t kPortsOfRule = 15;  // iptables' multiport takes no more

std::string firstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

Result<Ok> call(Host& host, std::vector<std::string> arguments) {
  const auto what = arguments.front();
  TRY_ASSIGN(const auto done, host.run({Program::kUfw, std::move(arguments), "", kUfwLimit}));
  if (done.exitCode == 0) return Ok{};
  return Error{Code::kUnavailable,
               "ufw " + what + " ended with " + std::to_string(done.exitCode) + ": " +
                   firstLine(done.output),
               ""};
}

// Options of a rule never come from data: ports are numbers and the comment is an account's name.
std::vector<std::string> ruleArguments(const std::string& ports, Protocol protocol) {
  return {"allow", "proto", nameOf(protocol), "to", "any", "port", ports};
}

Result<Ok> addRule(Host& host,
                   const std::string& ports,
                   Protocol protocol,
                   const std::string& comment) {
  auto arguments = ruleArguments(ports, protocol);
  arguments.insert(arguments.end(), {"comment", comment});
  return call(host, std::move(arguments));
}

Result<Ok> deleteRule(Host& host, std::uint16_t port, Protocol protocol) {
  auto arguments = ruleArguments(std::to_string(port), protocol);
  arguments.insert(arguments.begin(), "delete");
  return call(host, std::move(arguments));
}

// One rule holds many ports: each call of ufw takes a quarter of a second and more.
Result<Ok> addPanelRules(Host& host, const std::vector<std::uint16_t>& ports, Protocol protocol) {
  for (std::size_t at = 0; at < ports.size(); at += kPortsOfRule) {
    std::string list;
    for (std::size_t i = at; i < std::min(at + kPortsOfRule, ports.size()); ++i)
      list += (list.empty() ? "" : ",") + std::to_string(ports[i]);
    TRY(addRule(host, list, protocol, "bulkhead"));
  }
  return Ok{};
}

std::string describe(std::uint16_t port, Protocol protocol) {
  return std::to_string(port) + "/" + nameOf(protocol);
}

Error heldByOther(const Rule& rule, std::uint16_t port, Protocol protocol) {
  return Error{
      Code::kConflict,
      "port: " + describe(port, protocol) +
          (rule.comment.empty() ? " has a rule of the host" : " has a rule of another owner"),
      "port"};
}

bool hasOwnRule(const std::vector<Rule>& rules,
                const std::string& account,
                std::uint16_t port,
                Protocol protocol) {
  return std::any_of(rules.begin(), rules.end(), [&](const Rule& rule) {
    return rule.isOf(account) && rule.covers(port, protocol);
  });
}

struct Port {
  std::uint16_t number;
  Protocol protocol;
};

// The ways in: ssh, names, sites, the panel.
constexpr std::array<Port, 7> kPanelPorts = {{{22, Protocol::kTcp},
                                              {53, Protocol::kTcp},
                                              {53, Protocol::kUdp},
                                              {80, Protocol::kTcp},
                                              {443, Protocol::kTcp},
                                              {2083, Protocol::kTcp},
                                              {2087, Protocol::kTcp}}};

Result<std::vector<Port>> wantedPorts(const Host& host) {
  std::vector<Port> ports(kPanelPorts.begin(), kPanelPorts.end());
  TRY_ASSIGN(const auto ssh, sshPorts(host));
  for (const auto number : ssh)
    if (number != 22) ports.push_back({number, Protocol::kTcp});
  return ports;
}

enum class Opening { kMissing, kOpen, kDenied };

Opening openingOf(const std::vector<Rule>& rules, const Port& port) {
  auto opening = Opening::kMissing;
  for (const auto& rule : rules) {
    if (!rule.fromAnywhere || !rule.covers(port.number, port.protocol)) continue;
    if (rule.action != "allow" && rule.action != "limit") return Opening::kDenied;
    if (!rule.ipv6) opening = Opening::kOpen;
  }
  return opening;
}

}  // namespace

const char* nameOf(Protocol protocol) { return protocol == Protocol::kTcp ? "tcp" : "udp"; }

Result<Status> status(const Host& host) {
  TRY_ASSIGN(const auto done, host.query({Program::kUfw, {"status", "verbose"}, "", kUfwLimit}));
  if (done.exitCode != 0)
    return Error{Code::kUnavailable, "ufw status: " + firstLine(done.output), ""};
  const auto& text = done.output;
  if (text.find("Status: ") == std::string::npos)
    return Error{Code::kUnavailable, "ufw status: not understood", ""};
  Status now;
  now.active = text.find("Status: active") != std::string::npos;
  now.deniesIncoming = text.find("Default: deny (incoming)") != std::string::npos ||
                       text.find("Default: reject (incoming)") != std::string::npos;
  now.allowsOutgoing = text.find(" allow (outgoing)") != std::string::npos;
  TRY_ASSIGN(now.rules, rules(host));
  return now;
}

Result<Ok> checkPort(const std::vector<Rule>& rules,
                     const std::string& account,
                     AccountPort port,
                     Protocol protocol) {
  for (const auto& rule : rules)
    if (rule.covers(port.number(), protocol) && !rule.isOf(account))
      return heldByOther(rule, port.number(), protocol);
  return Ok{};
}

Result<Ok> open(Host& host, const std::string& account, AccountPort port, Protocol protocol) {
  TRY_ASSIGN(const auto now, rules(host));
  TRY(checkPort(now, account, port, protocol));
  if (hasOwnRule(now, account, port.number(), protocol)) return Ok{};
  return addRule(host, std::to_string(port.number()), protocol, account);
}

Result<Ok> close(Host& host, const std::string& account, AccountPort port, Protocol protocol) {
  TRY_ASSIGN(const auto now, rules(host));
  TRY(checkPort(now, account, port, protocol));
  if (!hasOwnRule(now, account, port.number(), protocol)) return Ok{};
  return deleteRule(host, port.number(), protocol);
}

Result<Ok> giveAllTo(Host& host, const std::string& from, const std::string& to) {
  TRY_ASSIGN(const auto now, rules(host));
  std::vector<std::string> done;  // as in closeAllOf()
  for (const auto& rule : now) {
    if (!rule.isOf(from)) continue;
    const auto protocol = rule.protocol == "udp" ? Protocol::kUdp : Protocol::kTcp;
    const auto name = describe(rule.first, protocol);
    if (std::find(done.begin(), done.end(), name) != done.end()) continue;
    TRY(addRule(host, std::to_string(rule.first), protocol, to));
    done.push_back(name);
  }
  return Ok{};
}

Result<Ok> closeAllOf(Host& host, const std::string& account) {
  TRY_ASSIGN(const auto now, rules(host));
  std::vector<std::string>
      done;  // a rule is there twice, for IPv4 and IPv6; ufw deletes both at once
  for (const auto& rule : now) {
    if (!rule.isOf(account)) continue;
    const auto protocol = rule.protocol == "udp" ? Protocol::kUdp : Protocol::kTcp;
    const auto name = describe(rule.first, protocol);
    if (std::find(done.begin(), done.end(), name) != done.end()) continue;
    TRY(deleteRule(host, rule.first, protocol));
    done.push_back(name);
  }
  return Ok{};
}

Result<Proof> proveOpen(const Host& host,
                        const std::string& account,
                        AccountPort port,
                        Protocol protocol) {
  TRY_ASSIGN(const auto now, status(host));
  TRY(checkPort(now.rules, account, port, protocol));
  if (!hasOwnRule(now.rules, account, port.number(), protocol))
    return Error{Code::kInternal, "ufw: no rule opens " + describe(port.number(), protocol), ""};
  return Proof{{"ufw rule", describe(port.number(), protocol) + " allow # " + account +
                                (now.active ? "" : " (the firewall is off)")}};
}

Result<Proof> proveClosed(const Host& host,
                          const std::string& account,
                          AccountPort port,
                          Protocol protocol) {
  TRY_ASSIGN(const auto now, status(host));
  if (hasOwnRule(now.rules, account, port.number(), protocol))
    return Error{Code::kInternal, "ufw: a rule still opens " + describe(port.number(), protocol),
                 ""};
  return Proof{{"ufw rule", describe(port.number(), protocol) + " has no rule of " + account +
                                (now.active ? "" : " (the firewall is off)")}};
}

Result<Proof> proveNoneOf(const Host& host, const std::string& account) {
  TRY_ASSIGN(const auto now, rules(host));
  for (const auto& rule : now)
    if (rule.isOf(account))
      return Error{Code::kInternal, "ufw: still has a rule of " + account, ""};
  return Proof{{"ufw rules", "none of " + account}};
}

Result<Ok> checkSetup(const Host& host) {
  TRY_ASSIGN(const auto now, rules(host));
  TRY_ASSIGN(const auto ports, wantedPorts(host));
  for (const auto& port : ports)
    if (openingOf(now, port) == Opening::kDenied)
      return Error{Code::kConflict,
                   "firewall: a rule of the host denies " + describe(port.number, port.protocol) +
                       ", which the panel needs; delete that rule first",
                   ""};
  return Ok{};
}

Result<std::string> narrowedPort(const Host& host) {
  TRY_ASSIGN(const auto now, rules(host));
  TRY_ASSIGN(const auto ports, wantedPorts(host));
  for (const auto& port : ports) {
    if (openingOf(now, port) != Opening::kMissing) continue;
    for (const auto& rule : now)
      if (!rule.fromAnywhere && rule.covers(port.number, port.protocol))
        return describe(port.number, port.protocol);
  }
  return std::string();
}

Result<Ok> setup(Host& host) {
  TRY(checkSetup(host));
  TRY_ASSIGN(const auto now, status(host));
  TRY_ASSIGN(const auto ports, wantedPorts(host));
  for (const auto protocol : {Protocol::kTcp, Protocol::kUdp}) {
    std::vector<std::uint16_t> missing;
    for (const auto& port : ports)
      if (port.protocol == protocol && openingOf(now.rules, port) == Opening::kMissing)
        missing.push_back(port.number);
    TRY(addPanelRules(host, missing, protocol));
  }
  if (!now.active || !now.deniesIncoming) TRY(call(host, {"default", "deny", "incoming"}));
  if (!now.active || !now.allowsOutgoing) TRY(call(host, {"default", "allow", "outgoing"}));
  if (now.active) return Ok{};
  return call(host, {"--force", "enable"});
}

Result<Proof> proveSetup(const Host& host) {
  TRY_ASSIGN(const auto now, status(host));
  if (!now.active) return Error{Code::kInternal, "ufw: not active", ""};
  if (!now.deniesIncoming || !now.allowsOutgoing)
    return Error{Code::kInternal, "ufw: the defaults are not deny incoming, allow outgoing", ""};
  TRY_ASSIGN(const auto ports, wantedPorts(host));
  std::string open;
  for (const auto& port : ports) {
    if (openingOf(now.rules, port) != Opening::kOpen)
      return Error{Code::kInternal, "ufw: " + describe(port.number, port.protocol) + " is not open",
                   ""};
    open += (open.empty() ? "" : " ") + describe(port.number, port.protocol);
  }
  return Proof{{"ufw status", "active, deny incoming, allow outgoing"}, {"ufw rules", open}};
}

}  // namespace bulkhead::agent::ufw
