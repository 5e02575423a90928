// account.unsuspend: the account may run again. Its engine is started by engine.ensure, the
// caller's next step.
#include "agent/ops/account/common.h"

namespace bulkhead::agent {
namespace {

struct AccountUnsuspend {
  static constexpr auto kMethod = "accountUnsuspend";
  using Params = rpc::AccountRef;
  using Reply = rpc::Account;
  struct Plan {
    Username name;
    AccountRecord record;
  };
  static Result<Plan> check(Params::Reader in, const Host& host) {
    TRY_ASSIGN(auto name, Username::parse(view(in.getUsername())));
    TRY_ASSIGN(auto record, findStandingAccount(host, name.text()));
    return Plan{std::move(name), std::move(record)};
  }
  static Result<Ok> run(const Plan& plan, Host& host) {
    if (plan.record.state == AccountState::kActive) return Ok{};
    auto record = plan.record;
    record.state = AccountState::kActive;
    return Registry(host).put(record);
  }
  static Result<Proof> verify(const Plan& plan, const Host& host) {
    TRY(Registry(host).findActive(plan.name));
    return Proof{{"registry", plan.name.text() + " active"}};
  }
  static Result<Ok> answer(const Plan& plan, const Host& host, Reply::Builder out) {
    return answerAccount(plan.name, host, out);
  }
};

}  // namespace

OpEntry accountUnsuspend() { return entryFor<AccountUnsuspend>(); }

}  // namespace bulkhead::agent
