// lvectl.apply: makes CloudLinux apply limits now instead of when it next asks. For changes that no
// hook tells of: another plan, limits of a plan.
#include "agent/ops/account/common.h"
#include "agent/ops/lvectl/call.h"

namespace bulkhead::agent {
namespace {

struct ApplyLimits : LvectlCall {
  static constexpr auto kMethod = "lvectlApply";
  using Params = rpc::LvectlApply;
  static Result<Plan> check(Params::Reader in, const Host& host) {
    Plan plan;
    plan.program = {cloudlinux::kLvectl, {"apply", "all"}, "lvectl"};
    if (in.getUsername().size() == 0) return plan;
    TRY_ASSIGN(const auto record, findStandingAccount(host, view(in.getUsername())));
    const auto uid = std::to_string(record.identity.uid);
    plan.program.arguments.back() = uid;
    plan.program.key = "lvectl-" + uid;
    return plan;
  }
};

}  // namespace

OpEntry lvectlApply() { return entryFor<ApplyLimits>(); }

}  // namespace bulkhead::agent
