// lvectl.forget: makes CloudLinux forget the limits that it keeps for a package. It reads the list
// of packages from the panel, but what was set for one stays until somebody says that it is gone.
#include <memory>

#include "agent/host/cloudlinux.h"
#include "agent/ops/hook/answer.h"
#include "agent/ops/hook/names.h"
#include "agent/ops/op.h"

namespace bulkhead::agent {
namespace {

struct ForgetPackage {
  static constexpr auto kMethod = "lvectlForget";
  using Params = rpc::LvectlForget;
  using Reply = rpc::HookResult;
  struct Plan {
    OutsideProgram program;
    std::shared_ptr<Told> told = std::make_shared<Told>();  // by run()
  };
  static Result<Plan> check(Params::Reader in, const Host& /*host*/) {
    TRY_ASSIGN(const auto name, parsePackageName(view(in.getPackage()), "package"));
    Plan plan;
    plan.program = {cloudlinux::kLvectl, {"package-delete", name.text()}, "lvectl"};
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

OpEntry lvectlForget() { return entryFor<ForgetPackage>(); }

}  // namespace bulkhead::agent
