// account.create: the system account that owns one hosting account's files and processes. Whatever
// part of it an earlier try has left is completed; whatever belongs to somebody else is refused.
#include "agent/host/account_files.h"
#include "agent/host/quota.h"
#include "agent/host/systemd.h"
#include "agent/ops/account/common.h"

namespace bulkhead::agent {
namespace {

constexpr mode_t kHomeMode =
    0700;  // nobody else enters: sites are served through a socket outside of the home
// As site.apply makes what is below: the web server is root in its container, the account outside.
constexpr mode_t kSitesMode = 0750;

// Of one call, while somebody runs useradd again and again beside it.
constexpr int kUidAttempts = 3;

struct AccountCreate {
  static constexpr auto kMethod = "accountCreate";
  using Params = rpc::AccountCreate;
  using Reply = rpc::Account;
  struct Plan {
    Username name;
    ResourceLimits limits;
  };
  static Result<Plan> check(Params::Reader in, const Host& host);
  static Result<Ok> run(const Plan& plan, Host& host);
  static Result<Proof> verify(const Plan& plan, const Host& host);
  static Result<Ok> answer(const Plan& plan, const Host& host, Reply::Builder out) {
    return answerAccount(plan.name, host, out);
  }
};

Result<Ok> checkExisting(const AccountRecord& record, const ResourceLimits& limits) {
  if (record.state == AccountState::kDeleting)
    return Error{Code::kConflict, "username: the account of that name is being deleted",
                 "username"};
  if (record.state == AccountState::kRenaming)
    return Error{Code::kConflict, "username: the account of that name is being renamed",
                 "username"};
  if (record.limits != limits)
    return Error{Code::kAlreadyExists, "username: the account exists, with other limits",
                 "username"};
  return Ok{};
}

// A home that is there before the account is somebody's data.
Result<Ok> checkNew(const Host& host, const Username& name) {
  const auto promised = Registry(host).findRename(name);
  if (promised.ok())
    return Error{Code::kAlreadyExists,
                 "username: " + promised->from + " is being renamed to " + promised->to,
                 "username"};
  if (promised.error().code != Code::kNotFound) return promised.error();
  TRY(checkNameIsFree(host, name.text()));
  const auto home = host.inspect("/home/" + name.text());
  if (home.ok())
    return Error{Code::kAlreadyExists, "username: /home/" + name.text() + " exists already",
                 "username"};
  if (home.error().code != Code::kNotFound) return home.error();
  return Ok{};
}

Result<AccountCreate::Plan> AccountCreate::check(Params::Reader in, const Host& host) {
  TRY_ASSIGN(auto name, Username::parse(view(in.getUsername())));
  TRY_ASSIGN(const auto limits, limitsFrom(in.getLimits()));
  const auto record = Registry(host).find(name);
  if (record.ok()) {
    TRY(checkExisting(*record, limits));
  } else {
    if (record.error().code != Code::kNotFound) return record.error();
    TRY(checkNew(host, name));
  }
  return Plan{std::move(name), limits};
}

// A home of root is one that this operation made and did not get to hand over.
Result<Ok> ensureHome(Host& host, const Identity& who) {
  const auto found = host.inspect(who.home);
  if (!found.ok() && found.error().code != Code::kNotFound) return found.error();
  if (found.ok()) {
    if (found->type != FileType::kDirectory || (found->uid != 0 && found->uid != who.uid))
      return Error{Code::kAlreadyExists, who.home + ": is not the account's", "username"};
    if (found->uid == who.uid && found->gid == who.gid && found->mode == kHomeMode) return Ok{};
  }
  return host.makeDirectory(who.home, {kHomeMode, who.uid, who.gid});
}

// useradd takes no uid from the registry: it may have given this one to somebody else since, and
// then the name would be refused for ever. Nothing bears a uid before passwd does, so another one
// will do.
Result<AccountRecord> allocateFree(Registry& registry,
                                   Host& host,
                                   const AccountCreate::Plan& plan) {
  TRY_ASSIGN(auto record, registry.allocate(plan.name, plan.limits));
  if (record.state != AccountState::kCreating) return record;
  TRY_ASSIGN(const bool taken, isIdTaken(host, record.identity));
  if (!taken) return record;
  TRY(removeUnfinished(host, record.identity));
  return registry.allocateAgain(record);
}

Result<AccountRecord> enterAccountFiles(Registry& registry,
                                        Host& host,
                                        const AccountCreate::Plan& plan) {
  for (int attempt = 1;; ++attempt) {
    TRY_ASSIGN(auto record, allocateFree(registry, host, plan));
    const auto entered = ensureAccountFiles(host, record.identity);
    if (entered.ok()) return record;
    if (entered.error().code != Code::kAlreadyExists || attempt == kUidAttempts)
      return entered.error();
    TRY_ASSIGN(const bool taken, isIdTaken(host, record.identity));
    if (!taken) return entered.error();
  }
}

Result<Ok> AccountCreate::run(const Plan& plan, Host& host) {
  Registry registry(host);
  TRY_ASSIGN(auto record, enterAccountFiles(registry, host, plan));
  const auto& who = record.identity;
  TRY(ensureHome(host, who));
  TRY(systemd::ensureSlice(host, who, record.limits));
  if (record.state != AccountState::kCreating) return Ok{};
  // While the home is empty and no process of the account exists, nothing can get in between; later
  // the tree is the tenant's.
  TRY(quota::adopt(host, who));
  TRY(host.makeHomeDirectory(who, "sites", kSitesMode));
  record.state = AccountState::kActive;
  return registry.put(record);
}

Result<Proof> AccountCreate::verify(const Plan& plan, const Host& host) {
  TRY_ASSIGN(const auto record, Registry(host).find(plan.name));
  const auto& who = record.identity;
  if (record.state == AccountState::kCreating)
    return Error{Code::kInternal, "registry: the account is not active", ""};
  TRY_ASSIGN(auto proof, proveAccountFiles(host, who));
  TRY_ASSIGN(const auto home, host.inspect(who.home));
  if (home.type != FileType::kDirectory || home.uid != who.uid || home.gid != who.gid ||
      home.mode != kHomeMode)
    return Error{Code::kInternal, who.home + ": not a directory of the account with mode 0700", ""};
  proof.push_back({"home", who.home + " 0700 uid " + std::to_string(home.uid)});
  TRY_ASSIGN(auto slice, systemd::proveSlice(host, who, record.limits));
  append(proof, std::move(slice));
  return proof;
}

}  // namespace

OpEntry accountCreate() { return entryFor<AccountCreate>(); }

}  // namespace bulkhead::agent
