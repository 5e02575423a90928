// account.rename: another name for an account; uid, slice, sockets, quota and data stay. The
// registry holds the intent before anything else changes, and every step looks before it acts, so
// that the same call completes what a kill has left. Until then the account is "renaming" and no
// other operation touches it.
#include <optional>

#include "agent/host/account_files.h"
#include "agent/host/engine.h"
#include "agent/host/nginx.h"
#include "agent/host/systemd.h"
#include "agent/host/ufw.h"
#include "agent/ops/account/common.h"
#include "agent/registry/records.h"

namespace bulkhead::agent {
namespace {

constexpr const char* kCrontabs = "/var/spool/cron/crontabs/";
constexpr const char* kLinger = "/var/lib/systemd/linger/";

struct AccountRename {
  static constexpr auto kMethod = "accountRename";
  using Params = rpc::AccountRename;
  using Reply = rpc::Account;
  enum class Progress { kNew, kBegun, kDone };
  struct Plan {
    Username from;
    Username to;
    Progress progress;
    AccountRecord record;  // as it is now, under whichever of the two names
    Identity before;
    Identity after;
  };
  static Result<Plan> check(Params::Reader in, const Host& host);
  static Result<Ok> run(const Plan& plan, Host& host);
  static Result<Proof> verify(const Plan& plan, const Host& host);
  static Result<Ok> finish(const Plan& plan, Host& host);
  static Result<Ok> answer(const Plan& plan, const Host& host, Reply::Builder out) {
    return answerAccount(plan.to, host, out);
  }
};

using Plan = AccountRename::Plan;
using Progress = AccountRename::Progress;

bool stands(const AccountRecord& record) {
  return record.state == AccountState::kActive || record.state == AccountState::kSuspended;
}

Result<Ok> checkTargetIsFree(const Host& host, const Username& to) {
  const auto taken = Registry(host).find(to);
  if (taken.ok())
    return Error{Code::kAlreadyExists, "newName: there is an account of this name", "newName"};
  if (taken.error().code != Code::kNotFound) return taken.error();
  const auto free = checkNameIsFree(host, to.text());
  if (!free.ok()) return Error{free.error().code, free.error().message, "newName"};
  const auto home = host.inspect("/home/" + to.text());
  if (home.ok())
    return Error{Code::kAlreadyExists, "newName: /home/" + to.text() + " exists already",
                 "newName"};
  if (home.error().code != Code::kNotFound) return home.error();
  return Ok{};
}

Plan planOf(Username from, Username to, Progress progress, AccountRecord record) {
  const auto uid = record.identity.uid;
  auto before = identityFor(from.text(), uid);
  auto after = identityFor(to.text(), uid);
  return Plan{std::move(from),   std::move(to),     progress,
              std::move(record), std::move(before), std::move(after)};
}

// The intent is there: the record is under the old name, or already under the new one.
Result<Plan> resumed(const Host& host, Username from, Username to, const RenameIntent& intent) {
  if (intent.from != from.text())
    return Error{Code::kConflict, "newName: another account is getting that name", "newName"};
  const Registry registry(host);
  for (const auto& name : {from, to}) {
    auto record = registry.find(name);
    if (!record.ok() && record.error().code == Code::kNotFound) continue;
    if (!record.ok()) return record.error();
    if (record->identity.uid != intent.uid) continue;
    // One that stands: the process ended between the intent and the record, or at the very end.
    auto progress = Progress::kBegun;
    if (stands(*record)) progress = name == from ? Progress::kNew : Progress::kDone;
    return planOf(std::move(from), std::move(to), progress, std::move(record).value());
  }
  return Error{Code::kInternal, "registry: a renaming without its account", ""};
}

Result<Plan> AccountRename::check(Params::Reader in, const Host& host) {
  TRY_ASSIGN(auto from, Username::parse(view(in.getUsername())));
  auto parsed = Username::parse(view(in.getNewName()));
  if (!parsed.ok()) return Error{parsed.error().code, parsed.error().message, "newName"};
  auto to = std::move(parsed).value();
  if (from == to) return Error{Code::kInvalidArgument, "newName: is the present name", "newName"};
  const Registry registry(host);
  const auto intent = registry.findRename(to);
  if (intent.ok()) return resumed(host, std::move(from), std::move(to), *intent);
  if (intent.error().code != Code::kNotFound) return intent.error();
  auto record = registry.find(from);
  if (!record.ok() && record.error().code == Code::kNotFound) {
    auto renamed = registry.find(to);
    if (renamed.ok() && stands(*renamed) && renamed->previousName == from.text())
      return planOf(std::move(from), std::move(to), Progress::kDone, std::move(renamed).value());
    return record.error();
  }
  if (!record.ok()) return record.error();
  if (!stands(*record))
    return Error{Code::kConflict, "the account is " + std::string(stateName(record->state)),
                 "username"};
  TRY(checkTargetIsFree(host, to));
  TRY_ASSIGN(const auto holder, holderOf(host, record->identity));
  if (holder != Holder::kAccount)
    return Error{Code::kConflict, "/etc/passwd: does not know " + from.text() + " as the account",
                 "username"};
  return planOf(std::move(from), std::move(to), Progress::kNew, std::move(record).value());
}

// Absent under both names is fine where `needed` says so.
enum class Needed { kYes, kNo };
Result<Ok> moveOnce(
    Host& host, const std::string& from, const std::string& to, uid_t owner, Needed needed) {
  const auto old = host.inspect(from);
  if (old.ok()) return host.move(from, to, owner);
  if (old.error().code != Code::kNotFound) return old.error();
  const auto moved = host.inspect(to);
  if (moved.ok() && moved->uid == owner) return Ok{};
  if (!moved.ok() && moved.error().code == Code::kNotFound && needed == Needed::kNo) return Ok{};
  return Error{Code::kConflict, from + ": is neither there nor at its new place", ""};
}

// The record changes its file: first the new one, so that at no time there is none.
Result<Ok> switchRecord(Host& host, const Plan& plan) {
  Registry registry(host);
  TRY(nginx::giveAllTo(host, plan.from, plan.to));
  auto record = plan.record;
  record.identity = plan.after;
  record.previousName = plan.from.text();
  record.state = AccountState::kRenaming;
  if (plan.progress == Progress::kNew) record.resume = plan.record.state;
  TRY(registry.put(record));
  auto old = plan.record;
  old.identity = plan.before;
  return registry.retire(old);
}

AccountState resumeState(const Plan& plan) {
  return plan.progress == Progress::kNew ? plan.record.state : plan.record.resume;
}

Result<Ok> AccountRename::run(const Plan& plan, Host& host) {
  if (plan.progress == Progress::kDone) return Ok{};
  if (plan.progress == Progress::kNew) TRY(Registry(host).beginRename(plan.record, plan.to));
  TRY_ASSIGN(const bool hadEngine, engine::hasContext(host, plan.before));
  TRY_ASSIGN(const bool hasEngine, engine::hasContext(host, plan.after));
  TRY(engine::stop(host, plan.after));  // by uid
  TRY(host.killProcessesOf(plan.after));
  TRY(renameAccountFiles(host, plan.before, plan.after));
  TRY(moveOnce(host, plan.before.home, plan.after.home, plan.after.uid, Needed::kYes));
  TRY(moveOnce(host, kCrontabs + plan.from.text(), kCrontabs + plan.to.text(), plan.after.uid,
               Needed::kNo));
  TRY(moveOnce(host, kLinger + plan.from.text(), kLinger + plan.to.text(), 0, Needed::kNo));
  TRY(switchRecord(host, plan));
  TRY(engine::moveContext(host, plan.before, plan.after));
  TRY(ufw::giveAllTo(host, plan.from.text(), plan.to.text()));
  TRY(systemd::ensureSlice(host, plan.after, plan.record.limits));
  const bool engineWanted = hadEngine || hasEngine;
  if (engineWanted && resumeState(plan) == AccountState::kActive)
    TRY(engine::ensure(host, plan.after));
  return Ok{};
}

Result<Proof> AccountRename::verify(const Plan& plan, const Host& host) {
  const auto& who = plan.after;
  TRY_ASSIGN(auto proof, proveAccountFiles(host, who));
  TRY_ASSIGN(auto none, proveNoAccountFiles(host, plan.before));
  append(proof, std::move(none));
  TRY_ASSIGN(const auto home, host.inspect(who.home));
  if (home.type != FileType::kDirectory || home.uid != who.uid)
    return Error{Code::kInternal, who.home + ": is not the account's directory", ""};
  const auto old = host.inspect(plan.before.home);
  if (old.ok()) return Error{Code::kInternal, plan.before.home + ": is still there", ""};
  if (old.error().code != Code::kNotFound) return old.error();
  proof.push_back({"home", who.home + " uid " + std::to_string(home.uid)});
  TRY_ASSIGN(auto slice, systemd::proveSlice(host, who, plan.record.limits));
  append(proof, std::move(slice));
  TRY_ASSIGN(auto rules, ufw::proveNoneOf(host, plan.before.username));
  append(proof, std::move(rules));
  TRY_ASSIGN(const auto left, Registry(host).sitesOf(plan.from));
  if (!left.empty())
    return Error{Code::kInternal, "registry: a site still names " + plan.from.text(), ""};
  TRY_ASSIGN(const auto sites, Registry(host).sitesOf(plan.to));
  proof.push_back({"sites", std::to_string(sites.size()) + " of " + plan.to.text()});
  return proof;
}

// The account may be used again; from now on the call finds it done.
Result<Ok> AccountRename::finish(const Plan& plan, Host& host) {
  Registry registry(host);
  if (plan.progress == Progress::kDone) return registry.endRename(plan.to);
  TRY_ASSIGN(auto record, registry.find(plan.to));
  record.state = resumeState(plan);
  TRY(registry.put(record));
  return registry.endRename(plan.to);
}

}  // namespace

OpEntry accountRename() { return entryFor<AccountRename>(); }

}  // namespace bulkhead::agent
