// account.suspend: nothing of the account runs any more; its data stays. The state comes first, so
// that nothing starts the engine again while it is being stopped.
#include "agent/host/engine.h"
#include "agent/ops/account/common.h"

namespace bulkhead::agent {
namespace {

struct AccountSuspend {
  static constexpr auto kMethod = "accountSuspend";
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
  static Result<Ok> run(const Plan& plan, Host& host);
  static Result<Proof> verify(const Plan& plan, const Host& host);
  static Result<Ok> answer(const Plan& plan, const Host& host, Reply::Builder out) {
    return answerAccount(plan.name, host, out);
  }
};

Result<Ok> AccountSuspend::run(const Plan& plan, Host& host) {
  auto record = plan.record;
  if (record.state != AccountState::kSuspended) {
    record.state = AccountState::kSuspended;
    TRY(Registry(host).put(record));
  }
  TRY(engine::stop(host, record.identity));
  TRY(host.killProcessesOf(record.identity));
  return Ok{};
}

Result<Proof> AccountSuspend::verify(const Plan& plan, const Host& host) {
  TRY_ASSIGN(const auto record, Registry(host).find(plan.name));
  if (record.state != AccountState::kSuspended)
    return Error{Code::kInternal, "registry: the account is not suspended", ""};
  TRY_ASSIGN(const auto engine, engine::status(host, record.identity));
  if (engine.state == engine::State::kRunning)
    return Error{Code::kInternal, "engine: still runs", ""};
  TRY_ASSIGN(auto proof, proveNoProcesses(host, record.identity));
  proof.push_back({"engine", engine::unitName(record.identity.uid) + " does not run"});
  proof.push_back({"registry", record.identity.username + " suspended"});
  return proof;
}

}  // namespace

OpEntry accountSuspend() { return entryFor<AccountSuspend>(); }

}  // namespace bulkhead::agent
