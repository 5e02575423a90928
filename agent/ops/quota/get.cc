// quota.get: an account's use and limits, as the file system counts them.
#include "agent/host/quota.h"
#include "agent/ops/account/common.h"

namespace bulkhead::agent {
namespace {

struct GetQuota {
  static constexpr auto kMethod = "quotaGet";
  using Params = rpc::AccountRef;
  using Reply = rpc::Quota;
  struct Plan {
    Identity who;
  };
  static Result<Plan> check(Params::Reader in, const Host& host) {
    TRY_ASSIGN(auto record, findStandingAccount(host, view(in.getUsername())));
    TRY(quota::checkHome(host, record.identity));
    return Plan{std::move(record.identity)};
  }
  static Result<Ok> answer(const Plan& plan, const Host& host, Reply::Builder out) {
    TRY_ASSIGN(const auto now, quota::get(host, plan.who));
    fill(now, plan.who, out);
    return Ok{};
  }
};

}  // namespace

OpEntry quotaGet() { return entryFor<GetQuota>(); }

}  // namespace bulkhead::agent
