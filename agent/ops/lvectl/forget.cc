// lvectl.forget: makes CloudLinux forget the limits that it keeps for a package. It reads the list
// of packages from the panel, but what was set for one stays until somebody says that it is gone.
#include "agent/ops/hook/names.h"
#include "agent/ops/lvectl/call.h"

namespace bulkhead::agent {
namespace {

struct ForgetPackage : LvectlCall {
  static constexpr auto kMethod = "lvectlForget";
  using Params = rpc::LvectlForget;
  static Result<Plan> check(Params::Reader in, const Host& /*host*/) {
    TRY_ASSIGN(const auto name, parsePackageName(view(in.getPackage()), "package"));
    Plan plan;
    plan.program = {cloudlinux::kLvectl, {"package-delete", name.text()}, "lvectl"};
    return plan;
  }
};

}  // namespace

OpEntry lvectlForget() { return entryFor<ForgetPackage>(); }

}  // namespace bulkhead::agent
