// account.list: the accounts by name, in pages.
#include "agent/ops/account/common.h"

namespace bulkhead::agent {
namespace {

constexpr std::size_t kPageMax = 200;  // an account takes some 300 bytes of reply

struct AccountList {
  static constexpr auto kMethod = "accountList";
  using Params = rpc::AccountListQuery;
  using Reply = rpc::AccountPage;
  struct Plan {
    std::vector<AccountRecord> accounts;
    bool more = false;
  };
  static Result<Plan> check(Params::Reader in, const Host& host);
  static Result<Ok> answer(const Plan& plan, const Host& host, Reply::Builder out);
};

Result<AccountList::Plan> AccountList::check(Params::Reader in, const Host& host) {
  const std::size_t limit = in.getLimit();
  if (limit == 0 || limit > kPageMax)
    return Error{Code::kInvalidArgument, "limit: 1 to 200", "limit"};
  const auto after = view(in.getAfter());
  // The name need not exist any more, but it must be one that could have.
  if (!after.empty()) TRY(Username::parse(after));
  TRY_ASSIGN(auto accounts, Registry(host).list(std::string(after), limit + 1));
  Plan plan;
  plan.more = accounts.size() > limit;
  if (plan.more) accounts.pop_back();
  plan.accounts = std::move(accounts);
  return plan;
}

Result<Ok> AccountList::answer(const Plan& plan, const Host& /*host*/, Reply::Builder out) {
  auto accounts = out.initAccounts(static_cast<unsigned>(plan.accounts.size()));
  for (unsigned i = 0; i < accounts.size(); ++i)
    fill(plan.accounts[i], accounts[i]);
  out.setMore(plan.more);
  return Ok{};
}

}  // namespace

OpEntry accountList() { return entryFor<AccountList>(); }

}  // namespace bulkhead::agent
