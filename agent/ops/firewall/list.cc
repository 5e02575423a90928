// firewall.list: the incoming rules of one account, or of the host. Of a range of ports the first
// one is shown.
#include "agent/ops/account/common.h"
#include "agent/ops/firewall/common.h"

namespace bulkhead::agent {
namespace {

struct ListRules {
  static constexpr auto kMethod = "firewallList";
  using Params = rpc::FirewallQuery;
  using Reply = rpc::FirewallRules;
  struct Plan {
    std::string account;  // "" = all
  };
  static Result<Plan> check(Params::Reader in, const Host& host) {
    const auto username = view(in.getUsername());
    if (username.empty()) return Plan{};
    TRY_ASSIGN(auto record, findAccount(host, username));
    return Plan{std::move(record.identity.username)};
  }
  static Result<Ok> answer(const Plan& plan, const Host& host, Reply::Builder out) {
    return answerRules(host, plan.account, out);
  }
};

}  // namespace

OpEntry firewallList() { return entryFor<ListRules>(); }

}  // namespace bulkhead::agent
