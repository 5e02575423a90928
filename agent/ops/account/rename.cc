// account.rename: another name for an account; uid, slice, sockets, quota and data stay. The
// registry holds the intent before anything else changes, and every step looks before it acts, so
// that the same call completes what a kill has left, and the opposite call takes it back. Until
// then the account is "renaming": only these two and account.delete touch it.
#include <memory>
#include <optional>

#include "agent/host/account_files.h"
#include "agent/host/engine.h"
#include "agent/host/systemd.h"
#include "agent/host/ufw.h"
#include "agent/ops/account/common.h"
#include "agent/ops/account/renaming.h"
#include "agent/registry/records.h"

namespace bulkhead::agent {
namespace {

struct AccountRename {
  static constexpr auto kMethod = "accountRename";
  using Params = rpc::AccountRename;
  using Reply = rpc::Account;
  // kBack: the opposite of what was begun, so that the account is called as before.
  enum class Way { kForth, kBack, kDone };
  struct Plan {
    Way way;
    Renaming renaming;
    RenameIntent intent;
    AccountRecord afterwards;
    std::shared_ptr<std::optional<Error>> trouble = std::make_shared<std::optional<Error>>();

    bool servesAgain() const {
      return afterwards.state == AccountState::kActive && !trouble->has_value();
    }
  };
  static Result<Plan> check(Params::Reader in, const Host& host);
  static Result<Ok> run(const Plan& plan, Host& host);
  static Result<Proof> verify(const Plan& plan, const Host& host);
  static Result<Ok> finish(const Plan& plan, Host& host);
  static Result<Ok> answer(const Plan& plan, const Host& host, Reply::Builder out) {
    TRY_ASSIGN(const auto name, Username::parse(plan.afterwards.identity.username));
    return answerAccount(name, host, out);
  }
};

using Plan = AccountRename::Plan;
using Way = AccountRename::Way;

bool stands(const AccountRecord& record) {
  return record.state == AccountState::kActive || record.state == AccountState::kSuspended;
}

Plan planOf(Way way, Renaming renaming, RenameIntent intent) {
  Plan plan;
  plan.way = way;
  plan.afterwards = renaming.record;
  plan.afterwards.identity = renaming.after;
  plan.afterwards.previousName = renaming.previousName;
  if (!stands(renaming.record)) plan.afterwards.state = renaming.record.resume;
  plan.renaming = std::move(renaming);
  plan.intent = std::move(intent);
  return plan;
}

Result<Plan> resumed(const Host& host, const Username& from, const RenameIntent& intent) {
  const bool forth = intent.from == from.text();
  TRY_ASSIGN(auto renaming, forth ? renamingForth(host, intent) : renamingBack(host, intent));
  return planOf(forth ? Way::kForth : Way::kBack, std::move(renaming), intent);
}

// Nothing is to be done any more, or nothing but to serve what a taking back could not.
Plan done(const Username& from, const Username& to, AccountRecord record, RenameIntent intent) {
  const auto uid = record.identity.uid;
  return planOf(
      Way::kDone,
      {identityFor(from.text(), uid), identityFor(to.text(), uid), std::move(record), from.text()},
      std::move(intent));
}

Result<Plan> begun(const Host& host,
                   const Username& from,
                   const Username& to,
                   AccountRecord record) {
  const auto uid = record.identity.uid;
  RenameIntent intent{from.text(), to.text(), uid, record.previousName, {}};
  TRY_ASSIGN(const bool hasEngine, engine::hasContext(host, record.identity));
  if (hasEngine && record.state == AccountState::kActive) {
    TRY_ASSIGN(intent.services, servicesOf(host, record));
    TRY_ASSIGN(intent.witness, witnessOf(host, from));
  }
  return planOf(
      Way::kForth,
      {identityFor(from.text(), uid), identityFor(to.text(), uid), std::move(record), from.text()},
      std::move(intent));
}

// The one that this call completes or takes back. kConflict for any other of either name: also a
// name that this call would only look at may be on its way to another account.
Result<std::optional<RenameIntent>> underWay(const Host& host,
                                             const Username& from,
                                             const Username& to) {
  for (const auto& [name, field] : {std::pair{from, "username"}, std::pair{to, "newName"}}) {
    auto intent = Registry(host).findRename(name);
    if (!intent.ok() && intent.error().code == Code::kNotFound) continue;
    if (!intent.ok()) return intent.error();
    const auto& other = name == from ? to : from;
    if (intent->from == other.text() || intent->to == other.text())
      return std::optional(std::move(intent).value());
    return Error{
        Code::kConflict,
        name.text() + " is a name of the renaming of " + intent->from + " to " + intent->to, field};
  }
  return std::optional<RenameIntent>{};
}

Result<Plan> AccountRename::check(Params::Reader in, const Host& host) {
  TRY_ASSIGN(const auto from, Username::parse(view(in.getUsername())));
  const auto parsed = Username::parse(view(in.getNewName()));
  if (!parsed.ok()) return Error{parsed.error().code, parsed.error().message, "newName"};
  const auto& to = *parsed;
  if (from == to) return Error{Code::kInvalidArgument, "newName: is the present name", "newName"};
  TRY_ASSIGN(const auto intent, underWay(host, from, to));
  if (intent) return resumed(host, from, *intent);
  const Registry registry(host);
  auto record = registry.find(from);
  if (!record.ok() && record.error().code == Code::kNotFound) {
    auto renamed = registry.find(to);
    if (!renamed.ok() || !stands(*renamed)) return record.error();
    auto left = registry.renameOf(renamed->identity.uid);
    if (left.ok() && left->from == to.text() && left->to == from.text())
      return done(from, to, std::move(renamed).value(), std::move(left).value());
    if (renamed->previousName == from.text()) return done(from, to, std::move(renamed).value(), {});
    return record.error();
  }
  if (!record.ok()) return record.error();
  if (!stands(*record))
    return Error{Code::kConflict, "the account is " + std::string(stateName(record->state)),
                 "username"};
  TRY(checkNewNameIsFree(host, to));
  TRY_ASSIGN(const auto holder, holderOf(host, record->identity));
  if (holder != Holder::kAccount)
    return Error{Code::kConflict, "/etc/passwd: does not know " + from.text() + " as the account",
                 "username"};
  return begun(host, from, to, std::move(record).value());
}

// An engine that the tenant has broken keeps nobody from the name that the account had before.
Result<Ok> serveAgain(const Plan& plan, Host& host) {
  TRY_ASSIGN(const bool hasEngine, engine::hasContext(host, plan.renaming.after));
  if (!hasEngine || plan.afterwards.state != AccountState::kActive) return Ok{};
  auto served = restartServices(host, plan.afterwards, plan.intent.services);
  if (served.ok() || plan.way == Way::kForth) return served;
  *plan.trouble = served.error();
  return Ok{};
}

Result<Ok> AccountRename::run(const Plan& plan, Host& host) {
  if (plan.way == Way::kDone)
    return plan.intent.services.empty() ? Result<Ok>(Ok{}) : serveAgain(plan, host);
  auto renaming = plan.renaming;
  if (stands(renaming.record)) {
    TRY(Registry(host).beginRename(renaming.record, plan.intent));
    renaming.record.resume = renaming.record.state;
    renaming.record.state = AccountState::kRenaming;
  }
  TRY(moveNames(host, renaming));
  TRY(systemd::ensureSlice(host, renaming.after, renaming.record.limits));
  return serveAgain(plan, host);
}

Result<Ok> proveHome(const Host& host, const Renaming& renaming) {
  const auto& who = renaming.after;
  TRY_ASSIGN(const auto home, host.inspect(who.home));
  if (home.type != FileType::kDirectory || home.uid != who.uid)
    return Error{Code::kInternal, who.home + ": is not the account's directory", ""};
  const auto old = host.inspect(renaming.before.home);
  if (old.ok() && old->uid == who.uid)
    return Error{Code::kInternal, renaming.before.home + ": is still there", ""};
  if (!old.ok() && old.error().code != Code::kNotFound) return old.error();
  return Ok{};
}

Result<Proof> proveAllServed(const Plan& plan, const Host& host) {
  TRY_ASSIGN(auto proof, proveServices(host, plan.afterwards, plan.intent.services));
  if (plan.way != Way::kForth) return proof;  // the name that the sites were served by
  TRY_ASSIGN(const auto name, Username::parse(plan.afterwards.identity.username));
  TRY_ASSIGN(auto sites, proveSites(host, name, plan.intent.witness));
  append(proof, std::move(sites));
  return proof;
}

// What the account served before it serves again, or it is said why not.
Result<Proof> proveServing(const Plan& plan, const Host& host) {
  TRY_ASSIGN(const bool hasEngine, engine::hasContext(host, plan.renaming.after));
  if (!hasEngine) return Proof{};
  if (plan.servesAgain()) {
    auto proof = proveAllServed(plan, host);
    if (proof.ok() || plan.way == Way::kForth) return proof;
    *plan.trouble = proof.error();
  }
  if (!plan.trouble->has_value()) return Proof{{"engine", "is stopped, as before"}};
  return Proof{{"engine", "does not serve: " + (*plan.trouble)->message}};
}

Result<Proof> AccountRename::verify(const Plan& plan, const Host& host) {
  const auto& renaming = plan.renaming;
  TRY_ASSIGN(auto proof, proveAccountFiles(host, renaming.after));
  TRY_ASSIGN(auto none, proveNoAccountFiles(host, renaming.before));
  append(proof, std::move(none));
  TRY(proveHome(host, renaming));
  TRY(proveNothingStarts(host, renaming.before));
  proof.push_back({"home", renaming.after.home + " uid " + std::to_string(renaming.after.uid)});
  TRY_ASSIGN(auto slice, systemd::proveSlice(host, renaming.after, renaming.record.limits));
  append(proof, std::move(slice));
  TRY_ASSIGN(auto rules, ufw::proveNoneOf(host, renaming.before.username));
  append(proof, std::move(rules));
  TRY_ASSIGN(const auto from, Username::parse(renaming.before.username));
  TRY_ASSIGN(const auto to, Username::parse(renaming.after.username));
  TRY_ASSIGN(const auto left, Registry(host).sitesOf(from));
  if (!left.empty())
    return Error{Code::kInternal, "registry: a site still names " + from.text(), ""};
  TRY_ASSIGN(const auto sites, Registry(host).sitesOf(to));
  proof.push_back({"sites", std::to_string(sites.size()) + " of " + to.text()});
  TRY_ASSIGN(auto serving, proveServing(plan, host));
  append(proof, std::move(serving));
  return proof;
}

// The account may be used again; from now on the call finds it done.
Result<Ok> AccountRename::finish(const Plan& plan, Host& host) {
  Registry registry(host);
  if (plan.way != Way::kDone) TRY(registry.put(plan.afterwards));
  // What its containers were is known until they run: the same call tries again.
  if (plan.trouble->has_value()) return Ok{};
  return registry.endRename(plan.renaming.after.uid);
}

}  // namespace

OpEntry accountRename() { return entryFor<AccountRename>(); }

}  // namespace bulkhead::agent
