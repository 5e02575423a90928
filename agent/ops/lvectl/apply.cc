// lvectl.apply: makes CloudLinux apply limits now instead of when it next asks. For changes that no
// hook tells of: another plan, limits of a plan.
#include <memory>

#include "agent/host/cloudlinux.h"
#include "agent/ops/account/common.h"
#include "agent/ops/hook/answer.h"

namespace bulkhead::agent {
namespace {

struct ApplyLimits {
  static constexpr auto kMethod = "lvectlApply";
  using Params = rpc::LvectlApply;
  using Reply = rpc::HookResult;
  struct Plan {
    OutsideProgram program;
    std::shared_ptr<Told> told = std::make_shared<Told>();  // by run()
  };
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
  static Result<Ok> run(const Plan& plan, Host& host) {
    TRY_ASSIGN(*plan.told, tell(host, plan.program));
    return Ok{};
  }
  static Result<Proof> verify(const Plan& plan, const Host& /*host*/) {
    return proofOf(*plan.told, "lvectl");
  }
  static Result<Ok> answer(const Plan& plan, const Host& /*host*/, Reply::Builder out) {
    fill(*plan.told, out);
    return Ok{};
  }
};

}  // namespace

OpEntry lvectlApply() { return entryFor<ApplyLimits>(); }

}  // namespace bulkhead::agent
