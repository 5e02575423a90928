#include "agent/ops/firewall/common.h"

#include <algorithm>

#include "agent/host/ufw_rules.h"
#include "agent/ops/account/common.h"

namespace bulkhead::agent {
namespace {

constexpr std::size_t kPortsMax = 200;    // of one account: its record stays small
constexpr std::size_t kRulesMax = 20000;  // of one reply, at some 60 bytes each

Result<ufw::Protocol> protocolFrom(rpc::FirewallPort::Protocol protocol) {
  switch (protocol) {
    case rpc::FirewallPort::Protocol::TCP:
      return ufw::Protocol::kTcp;
    case rpc::FirewallPort::Protocol::UDP:
      return ufw::Protocol::kUdp;
  }
  // A peer of another version may send a number that this schema does not name.
  return Error{Code::kInvalidArgument, "protocol: tcp or udp", "protocol"};
}

KeptPort kept(const PortPlan& plan) {
  return {plan.port.number(), plan.protocol == ufw::Protocol::kUdp};
}

}  // namespace

Result<PortPlan> portPlan(rpc::FirewallPort::Reader in, const Host& host, Standing standing) {
  TRY_ASSIGN(const auto port, AccountPort::parse(in.getPort()));
  TRY_ASSIGN(const auto protocol, protocolFrom(in.getProtocol()));
  TRY_ASSIGN(auto record, standing == Standing::kAny
                              ? findAccount(host, view(in.getUsername()))
                              : findStandingAccount(host, view(in.getUsername())));
  if (standing == Standing::kActive && record.state != AccountState::kActive)
    return Error{Code::kConflict, "the account is suspended", "username"};
  TRY_ASSIGN(const auto now, ufw::rules(host));
  TRY(ufw::checkPort(now, record.identity.username, port, protocol));
  return PortPlan{std::move(record), port, protocol};
}

Result<Ok> keepPort(Host& host, const PortPlan& plan) {
  auto record = plan.record;
  const auto wanted = kept(plan);
  if (std::find(record.ports.begin(), record.ports.end(), wanted) != record.ports.end())
    return Ok{};
  if (record.ports.size() >= kPortsMax)
    return Error{Code::kLimitExceeded, "port: the account has 200 open ports", "port"};
  record.ports.push_back(wanted);
  return Registry(host).put(record);
}

Result<Ok> dropPort(Host& host, const PortPlan& plan) {
  auto record = plan.record;
  if (std::erase(record.ports, kept(plan)) == 0) return Ok{};
  return Registry(host).put(record);
}

Result<Ok> answerRules(const Host& host,
                       const std::string& account,
                       rpc::FirewallRules::Builder out) {
  TRY_ASSIGN(auto now, ufw::status(host));
  std::erase_if(now.rules, [&account](const ufw::Rule& rule) {
    return rule.first == 0 || (!account.empty() && !rule.isOf(account));
  });
  if (now.rules.size() > kRulesMax)
    return Error{Code::kLimitExceeded, "firewall: more rules than one answer holds", ""};
  out.setActive(now.active);
  auto rules = out.initRules(static_cast<unsigned>(now.rules.size()));
  for (unsigned i = 0; i < rules.size(); ++i) {
    rules[i].setPort(now.rules[i].first);
    rules[i].setProtocol(now.rules[i].protocol);
    rules[i].setAction(now.rules[i].action);
    rules[i].setComment(now.rules[i].comment);
    rules[i].setIpv6(now.rules[i].ipv6);
  }
  return Ok{};
}

}  // namespace bulkhead::agent
