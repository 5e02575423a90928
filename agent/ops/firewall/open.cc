// firewall.open: one port of an active account. A port that another account or the host itself has
// a rule for is refused.
#include "agent/ops/firewall/common.h"

namespace bulkhead::agent {
namespace {

struct OpenPort {
  static constexpr auto kMethod = "firewallOpen";
  using Params = rpc::FirewallPort;
  using Reply = rpc::FirewallRules;
  using Plan = PortPlan;
  static Result<Plan> check(Params::Reader in, const Host& host) {
    return portPlan(in, host, Standing::kActive);
  }
  static Result<Ok> run(const Plan& plan, Host& host) {
    TRY(keepPort(host, plan));
    return ufw::open(host, plan.record.identity.username, plan.port, plan.protocol);
  }
  static Result<Proof> verify(const Plan& plan, const Host& host) {
    return ufw::proveOpen(host, plan.record.identity.username, plan.port, plan.protocol);
  }
  static Result<Ok> answer(const Plan& plan, const Host& host, Reply::Builder out) {
    return answerRules(host, plan.record.identity.username, out);
  }
};

}  // namespace

OpEntry firewallOpen() { return entryFor<OpenPort>(); }

}  // namespace bulkhead::agent
