// host.check: what differs on the host itself. See agent/ops/host/findings.h for what a finding is.
#include "agent/ops/host/checks.h"

namespace bulkhead::agent {
namespace {

struct HostCheck {
  static constexpr auto kMethod = "hostCheck";
  using Params = rpc::CheckPage;
  using Reply = rpc::Findings;
  using Plan = CheckPlan;
  static Result<Plan> check(Params::Reader in, const Host& /*host*/) { return checkPlan(in); }
  // One page: the number of what can differ here does not grow with the accounts.
  static Result<Ok> answer(const Plan& /*plan*/, const Host& host, Reply::Builder out) {
    Findings findings;
    checkSettings(host, findings);
    checkOwnFiles(host, findings);
    checkLeftovers(host, findings);
    checkAuditLog(host, findings);
    checkUnits(host, findings);
    checkPeople(host, findings);
    findings.fill(out);
    return Ok{};
  }
};

}  // namespace

OpEntry hostCheck() { return entryFor<HostCheck>(); }

}  // namespace bulkhead::agent
