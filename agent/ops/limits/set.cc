// limits.set: CPU, memory, tasks and I/O of an account's slice. The registry is written first: it
// is what a retry and a reboot go by.
#include "agent/host/systemd.h"
#include "agent/ops/account/common.h"

namespace bulkhead::agent {
namespace {

struct SetLimits {
  static constexpr auto kMethod = "limitsSet";
  using Params = rpc::LimitsSet;
  using Reply = rpc::Limits;
  struct Plan {
    AccountRecord record;  // with the new limits
  };
  static Result<Plan> check(Params::Reader in, const Host& host) {
    TRY_ASSIGN(const auto limits, limitsFrom(in.getLimits()));
    TRY_ASSIGN(auto record, findStandingAccount(host, view(in.getUsername())));
    record.limits = limits;
    return Plan{std::move(record)};
  }
  static Result<Ok> run(const Plan& plan, Host& host) {
    TRY(Registry(host).put(plan.record));
    return systemd::ensureSlice(host, plan.record.identity, plan.record.limits);
  }
  static Result<Proof> verify(const Plan& plan, const Host& host) {
    return systemd::proveSlice(host, plan.record.identity, plan.record.limits);
  }
  static Result<Ok> answer(const Plan& plan, const Host& /*host*/, Reply::Builder out) {
    fill(plan.record.limits, out);
    return Ok{};
  }
};

}  // namespace

OpEntry limitsSet() { return entryFor<SetLimits>(); }

}  // namespace bulkhead::agent
