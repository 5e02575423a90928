#include "agent/policy/policy.h"

namespace bulkhead::agent {
namespace {

Decision deny(Code code, std::string rule, std::string reason) {
  return {false, code, std::move(rule), std::move(reason)};
}

std::string ruleId(const std::string& file, std::string_view operation) {
  return file + ":" + std::string(operation);
}

}  // namespace

std::string_view peerName(Peer peer) {
  switch (peer) {
    case Peer::kApi:
      return "api";
    case Peer::kAdmin:
      return "admin";
  }
  return "";
}

Decision Policy::decide(std::string_view operation,
                        Peer peer,
                        std::string_view account,
                        std::chrono::steady_clock::time_point now) {
  const auto found = rules_.find(operation);
  if (found == rules_.end())
    return deny(Code::kPermissionDenied, "default", "no rule allows this operation");
  const PolicyRule& rule = found->second;
  if (!rule.peers.contains(peer))
    return deny(
        Code::kPermissionDenied, ruleId(rule.peersFrom, operation),
        "peer \"" + std::string(peerName(peer)) + "\" may not call " + std::string(operation));
  if (const auto denied = rule.deniedAccounts.find(std::string(account));
      denied != rule.deniedAccounts.end())
    return deny(Code::kPermissionDenied, ruleId(denied->second, operation),
                "account \"" + denied->first + "\" is denied");

  if (!perOperation_.has(operation, rule.perMinute, now))
    return deny(Code::kBusy, ruleId(rule.perMinuteFrom, operation),
                "more than " + std::to_string(rule.perMinute) + " calls a minute");
  if (rule.perAccountPerMinute && !account.empty()) {
    const std::string name = std::string(operation) + " " + std::string(account);
    if (!perAccount_.has(name, *rule.perAccountPerMinute, now))
      return deny(Code::kBusy, ruleId(rule.perAccountFrom, operation),
                  "more than " + std::to_string(*rule.perAccountPerMinute) +
                      " calls a minute for one account");
    perAccount_.take(name);
  }
  perOperation_.take(operation);
  return {true, Code::kInternal, ruleId(rule.peersFrom, operation), "allowed"};
}

}  // namespace bulkhead::agent
