// What the operations on CloudLinux's lvectl share: each builds one call of it in check().
#pragma once
#include <memory>

#include "agent/host/cloudlinux.h"
#include "agent/ops/hook/answer.h"
#include "agent/ops/op.h"

namespace bulkhead::agent {

struct LvectlCall {
  using Reply = rpc::HookResult;
  struct Plan {
    OutsideProgram program;
    std::shared_ptr<Told> told = std::make_shared<Told>();  // by run()
  };
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

}  // namespace bulkhead::agent
