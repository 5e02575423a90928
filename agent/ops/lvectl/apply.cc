// lvectl.apply: makes CloudLinux apply limits now instead of when it next asks. For changes that no
// hook tells of: another plan, limits of a plan.
#include <memory>

#include "agent/host/cloudlinux.h"
#include "agent/host/engine_reply.h"
#include "agent/host/outside.h"
#include "agent/ops/account/common.h"

namespace bulkhead::agent {
namespace {

using Outcome = rpc::HookResult::Outcome;

struct ApplyLimits {
  static constexpr auto kMethod = "lvectlApply";
  using Params = rpc::LvectlApply;
  using Reply = rpc::HookResult;
  struct End {
    Outcome outcome = Outcome::ABSENT;
    int exitCode = 0;
    std::string output;
  };
  struct Plan {
    OutsideProgram program;
    std::shared_ptr<End> end = std::make_shared<End>();
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
    auto done = runOutside(host, plan.program);
    if (!done.ok() && done.error().code == Code::kNotFound) return Ok{};
    if (!done.ok() && done.error().code == Code::kTimeout) {
      plan.end->outcome = Outcome::TIMED_OUT;
      return Ok{};
    }
    if (!done.ok()) return done.error();
    plan.end->exitCode = done->exitCode;
    plan.end->output = printable(done->output, 800);
    plan.end->outcome = done->exitCode == 0 ? Outcome::SUCCEEDED : Outcome::FAILED;
    return Ok{};
  }
  static Result<Proof> verify(const Plan& plan, const Host& /*host*/) {
    const auto line = lineOf(plan.program);
    switch (plan.end->outcome) {
      case Outcome::ABSENT:
        return Proof{{"lvectl", "absent, nothing to apply"}};
      case Outcome::SUCCEEDED:
        return Proof{{"lvectl", line + ": done"}};
      case Outcome::TIMED_OUT:
        return Proof{{"lvectl failed", line + ": took too long and was ended"}};
      case Outcome::FAILED:
        break;
    }
    return Proof{{"lvectl failed", line + ": exit code " + std::to_string(plan.end->exitCode)},
                 {"lvectl output", plan.end->output.empty() ? "none" : plan.end->output}};
  }
  static Result<Ok> answer(const Plan& plan, const Host& /*host*/, Reply::Builder out) {
    out.setOutcome(plan.end->outcome);
    out.setExitCode(plan.end->exitCode);
    out.setCommand(lineOf(plan.program));
    out.setOutput(plan.end->output);
    return Ok{};
  }
};

}  // namespace

OpEntry lvectlApply() { return entryFor<ApplyLimits>(); }

}  // namespace bulkhead::agent
