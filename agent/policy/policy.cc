#include "agent/policy/policy.h"

namespace bulkhead::agent {
namespace {

Decision deny(Code code, std::string rule, std::string reason) {
  Decision denial;
  denial.code = code;
  denial.rule = std::move(rule);
  denial.reason = std::move(reason);
  return denial;
}

Decision trespass(std::string rule, std::string reason) {
  Decision denial = deny(Code::kPermissionDenied, std::move(rule), std::move(reason));
  denial.trespass = true;
  return denial;
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

std::optional<Decision> Policy::denialOf(std::string_view operation,
                                         const std::vector<std::string>& accounts) const {
  const bool renames = accounts.size() > 1;
  for (const auto& [name, rule] : rules_) {
    if (name != operation && !renames) continue;
    for (const auto& account : accounts)
      if (const auto denied = rule.deniedAccounts.find(account);
          denied != rule.deniedAccounts.end())
        return deny(Code::kPermissionDenied, ruleId(denied->second, name),
                    "account \"" + denied->first + "\" is denied");
  }
  return std::nullopt;
}

Decision Policy::decide(std::string_view operation,
                        Peer peer,
                        const std::vector<std::string>& accounts,
                        std::chrono::steady_clock::time_point now) {
  const auto found = rules_.find(operation);
  if (found == rules_.end()) return trespass("default", "no rule allows this operation");
  const PolicyRule& rule = found->second;
  if (!rule.peers.contains(peer))
    return trespass(
        ruleId(rule.peersFrom, operation),
        "peer \"" + std::string(peerName(peer)) + "\" may not call " + std::string(operation));
  if (auto denial = denialOf(operation, accounts)) return *std::move(denial);

  Used& used = used_[peer];
  if (!used.perOperation.has(operation, rule.perMinute, now))
    return deny(Code::kBusy, ruleId(rule.perMinuteFrom, operation),
                "more than " + std::to_string(rule.perMinute) + " calls a minute");
  constexpr const char* kDestroys = "destroys";
  const bool destroys = destructive_.contains(operation);
  if (destroys && !used.destroying.has(kDestroys, kDestroysPerMinute, kDestroysAtOnce, now))
    return deny(Code::kBusy, kDestroys,
                "more than " + std::to_string(kDestroysAtOnce) + " destructive calls at once and " +
                    std::to_string(kDestroysPerMinute) + " a minute from then on");
  if (rule.perAccountPerMinute && !accounts.empty() && !accounts.front().empty()) {
    const std::string name = std::string(operation) + " " + accounts.front();
    if (!used.perAccount.has(name, *rule.perAccountPerMinute, now))
      return deny(Code::kBusy, ruleId(rule.perAccountFrom, operation),
                  "more than " + std::to_string(*rule.perAccountPerMinute) +
                      " calls a minute for one account");
    used.perAccount.take(name);
  }
  used.perOperation.take(operation);
  if (destroys) used.destroying.take(kDestroys);
  Decision allowed;
  allowed.allowed = true;
  allowed.rule = ruleId(rule.peersFrom, operation);
  allowed.reason = "allowed";
  allowed.breakGlass = rule.breakGlass;
  return allowed;
}

}  // namespace bulkhead::agent
