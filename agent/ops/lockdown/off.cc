// lockdown.off: the panel may change things again. Off already is fine.
#include "agent/ops/lockdown/answer.h"

namespace bulkhead::agent {
namespace {

struct LockdownOff {
  static constexpr auto kMethod = "lockdownOff";
  using Params = rpc::Nothing;
  using Reply = rpc::Lockdown;
  struct Plan {};

  static Result<Plan> check(Params::Reader, const Host&) { return Plan{}; }
  static Result<Ok> run(const Plan&, Host& host) { return host.removeFile(kLockdownFile); }
  static Result<Proof> verify(const Plan&, const Host& host) {
    if (lockdownOf(host)) return Error{Code::kInternal, "the record is still there", ""};
    return Proof{{"no record", kLockdownFile}};
  }
  static Result<Ok> answer(const Plan&, const Host& host, Reply::Builder out) {
    return answerLockdown(host, out);
  }
};

}  // namespace

OpEntry lockdownOff() { return entryFor<LockdownOff>(); }

}  // namespace bulkhead::agent
