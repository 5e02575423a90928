// firewall.setup: default-deny with the panel's ports and sshd's open. The ways in are opened
// before anything is denied.
#include "agent/ops/firewall/common.h"

namespace bulkhead::agent {
namespace {

struct SetupFirewall {
  static constexpr auto kMethod = "firewallSetup";
  using Params = rpc::Nothing;
  using Reply = rpc::FirewallRules;
  struct Plan {};
  static Result<Plan> check(Params::Reader /*in*/, const Host& host) {
    TRY(ufw::checkSetup(host));
    return Plan{};
  }
  static Result<Ok> run(const Plan& /*plan*/, Host& host) { return ufw::setup(host); }
  static Result<Proof> verify(const Plan& /*plan*/, const Host& host) {
    return ufw::proveSetup(host);
  }
  static Result<Ok> answer(const Plan& /*plan*/, const Host& host, Reply::Builder out) {
    return answerRules(host, "", out);
  }
};

}  // namespace

OpEntry firewallSetup() { return entryFor<SetupFirewall>(); }

}  // namespace bulkhead::agent
