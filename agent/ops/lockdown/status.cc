// lockdown.status: whether it is on, and since when.
#include "agent/ops/lockdown/answer.h"

namespace bulkhead::agent {
namespace {

struct LockdownStatus {
  static constexpr auto kMethod = "lockdownStatus";
  using Params = rpc::Nothing;
  using Reply = rpc::Lockdown;
  struct Plan {};

  static Result<Plan> check(Params::Reader, const Host&) { return Plan{}; }
  static Result<Ok> answer(const Plan&, const Host& host, Reply::Builder out) {
    return answerLockdown(host, out);
  }
};

}  // namespace

OpEntry lockdownStatus() { return entryFor<LockdownStatus>(); }

}  // namespace bulkhead::agent
