// firewall.close: one port of the account, in whatever state that is. Only a rule of its own is
// removed; a port without one is closed already.
#include "agent/ops/firewall/common.h"

namespace bulkhead::agent {
namespace {

struct ClosePort {
  static constexpr auto kMethod = "firewallClose";
  using Params = rpc::FirewallPort;
  using Reply = rpc::FirewallRules;
  using Plan = PortPlan;
  static Result<Plan> check(Params::Reader in, const Host& host) {
    return portPlan(in, host, Standing::kAny);
  }
  static Result<Ok> run(const Plan& plan, Host& host) {
    TRY(dropPort(host, plan));
    return ufw::close(host, plan.record.identity.username, plan.port, plan.protocol);
  }
  static Result<Proof> verify(const Plan& plan, const Host& host) {
    return ufw::proveClosed(host, plan.record.identity.username, plan.port, plan.protocol);
  }
  static Result<Ok> answer(const Plan& plan, const Host& host, Reply::Builder out) {
    return answerRules(host, plan.record.identity.username, out);
  }
};

}  // namespace

OpEntry firewallClose() { return entryFor<ClosePort>(); }

}  // namespace bulkhead::agent
