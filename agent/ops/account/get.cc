// account.get: one account as the agent's registry has it.
#include "agent/ops/account/common.h"

namespace bulkhead::agent {
namespace {

struct AccountGet {
  static constexpr auto kMethod = "accountGet";
  using Params = rpc::AccountRef;
  using Reply = rpc::Account;
  using Plan = AccountRecord;
  static Result<Plan> check(Params::Reader in, const Host& host) {
    return findAccount(host, view(in.getUsername()));
  }
  static Result<Ok> answer(const Plan& plan, const Host& /*host*/, Reply::Builder out) {
    fill(plan, out);
    return Ok{};
  }
};

}  // namespace

OpEntry accountGet() { return entryFor<AccountGet>(); }

}  // namespace bulkhead::agent
