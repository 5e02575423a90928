// lockdown.on: from now on the agent changes nothing that the panel asks for. On already is fine,
// and stays as it began.
#include "agent/ops/lockdown/answer.h"

namespace bulkhead::agent {
namespace {

struct LockdownOn {
  static constexpr auto kMethod = "lockdownOn";
  using Params = rpc::Nothing;
  using Reply = rpc::Lockdown;
  struct Plan {};

  static Result<Plan> check(Params::Reader, const Host&) { return Plan{}; }
  static Result<Ok> run(const Plan&, Host& host) {
    if (lockdownOf(host)) return Ok{};
    const auto now =
        std::chrono::duration_cast<std::chrono::seconds>(host.now().time_since_epoch());
    return host.writeFile(kLockdownFile, std::to_string(now.count()) + "\n", {0600, 0, 0});
  }
  static Result<Proof> verify(const Plan&, const Host& host) {
    if (!lockdownOf(host)) return Error{Code::kInternal, "the record is not there", ""};
    return Proof{{"record", kLockdownFile}};
  }
  static Result<Ok> answer(const Plan&, const Host& host, Reply::Builder out) {
    return answerLockdown(host, out);
  }
};

}  // namespace

OpEntry lockdownOn() { return entryFor<LockdownOn>(); }

}  // namespace bulkhead::agent
