// account.delete: ends every process of the account, removes all it has, proves that nothing is
// left, and only then forgets it. The uid and the sub-ids stay used for ever, so that even what
// nobody thought of cannot become the next account's.
#include <array>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "agent/host/account_files.h"
#include "agent/host/account_lines.h"
#include "agent/host/cloudlinux.h"
#include "agent/host/dbuser_map.h"
#include "agent/host/engine.h"
#include "agent/host/nginx.h"
#include "agent/host/quota.h"
#include "agent/host/systemd.h"
#include "agent/host/ufw.h"
#include "agent/ops/account/common.h"
#include "agent/registry/records.h"

namespace bulkhead::agent {
namespace {

// Where many may write, or where a service keeps what is an account's. The agent's unit has a /tmp
// of its own and sees the host's below /run/bulkhead-shared.
constexpr std::array<const char*, 8> kShared = {"/run/bulkhead-shared/tmp",
                                                "/run/bulkhead-shared/var-tmp",
                                                "/tmp",
                                                "/var/tmp",
                                                "/dev/shm",
                                                "/var/mail",
                                                "/var/spool/cron/crontabs",
                                                "/var/spool/cron/atjobs"};

std::string lingerFile(const Identity& who) { return "/var/lib/systemd/linger/" + who.username; }

struct AccountDelete {
  static constexpr auto kMethod = "accountDelete";
  using Params = rpc::AccountRef;
  using Reply = rpc::AccountDeleted;
  struct Plan {
    std::optional<AccountRecord> record;  // nullopt: there is no such account
    // Of an account between two names: the one that it does not bear in /etc/passwd.
    std::optional<Identity> other;
    bool hasNothing = false;  // its uid went to somebody else before anything was made
    std::shared_ptr<std::uint32_t> ended = std::make_shared<std::uint32_t>(0);  // counted by run()
  };
  static Result<Plan> check(Params::Reader in, const Host& host);
  static Result<Ok> run(const Plan& plan, Host& host);
  static Result<Proof> verify(const Plan& plan, const Host& host);
  static Result<Ok> finish(const Plan& plan, Host& host);
  static Result<Ok> answer(const Plan& plan, const Host& host, Reply::Builder out);
};

using Plan = AccountDelete::Plan;

std::vector<Identity> namesOf(const Plan& plan) {
  std::vector<Identity> names{plan.record->identity};
  if (plan.other) names.push_back(*plan.other);
  return names;
}

// What it has goes by either name, and nothing may be missed. Nothing is moved before it goes, so
// that nothing which keeps the renaming from its end keeps the account from its own.
Result<Plan> planForRenaming(const Host& host, const RenameIntent& intent) {
  TRY_ASSIGN(auto record, Registry(host).accountOf(intent));
  const bool isFirst = record.identity.username == intent.from;
  auto own = record.identity;
  auto other = identityFor(isFirst ? intent.to : intent.from, intent.uid);
  TRY_ASSIGN(const auto ofOwn, holderOf(host, own));
  TRY_ASSIGN(const auto ofOther, holderOf(host, other));
  if (ofOwn == Holder::kStranger && ofOther == Holder::kStranger)
    return Error{Code::kConflict,
                 "/etc/passwd: the uid " + std::to_string(intent.uid) +
                     " has neither of the account's two names",
                 "username"};
  if (ofOther == Holder::kAccount || ofOwn == Holder::kStranger) std::swap(own, other);
  record.identity = std::move(own);
  Plan plan;
  plan.record = std::move(record);
  // A promise that could not be read for a moment has kept nobody from taking the name.
  TRY_ASSIGN(const auto name, Username::parse(other.username));
  const auto holder = Registry(host).find(name);
  if (!holder.ok() || holder->identity.uid == other.uid) plan.other = std::move(other);
  return plan;
}

Result<Plan> AccountDelete::check(Params::Reader in, const Host& host) {
  TRY_ASSIGN(const auto name, Username::parse(view(in.getUsername())));
  const auto intent = Registry(host).findRename(name);
  if (intent.ok()) return planForRenaming(host, *intent);
  if (intent.error().code != Code::kNotFound) return intent.error();
  auto record = Registry(host).find(name);
  if (!record.ok() && record.error().code == Code::kNotFound) return Plan{};
  if (!record.ok()) return record.error();
  if (record->state == AccountState::kRenaming)
    return Error{Code::kInternal, "registry: a renaming of " + name.text() + " without its intent",
                 ""};
  Plan plan;
  if (record->state == AccountState::kCreating) {
    TRY_ASSIGN(const bool taken, isIdTaken(host, record->identity));
    const auto home = host.inspect(record->identity.home);
    plan.hasNothing = taken && !home.ok() && home.error().code == Code::kNotFound;
  }
  // Killing by uid and removing by name is for our own only, whatever the registry says.
  TRY_ASSIGN(const auto holder, holderOf(host, record->identity));
  if (holder == Holder::kStranger && !plan.hasNothing)
    return Error{Code::kConflict,
                 "/etc/passwd: the name " + name.text() + " or the uid " +
                     std::to_string(record->identity.uid) + " is somebody else's by now",
                 "username"};
  plan.record = std::move(record).value();
  return plan;
}

Result<Ok> endProcesses(Host& host, const Identity& who, std::uint32_t& ended) {
  TRY_ASSIGN(const auto count, host.killProcessesOf(who));
  ended += count;
  return Ok{};
}

Result<Ok> removeShared(Host& host, const Identity& who) {
  for (const auto* directory : kShared) {
    TRY_ASSIGN(const auto left, host.leftovers(who, directory));
    if (!left.empty()) TRY(host.removeLeftovers(who, directory));
  }
  return host.removeFile(lingerFile(who));
}

// While the account bears its one name, whoever bears the other is a stranger.
Result<bool> isStrangers(const Host& host, const Identity& other) {
  using account_lines::File;
  TRY_ASSIGN(const auto passwd, account_lines::readAccountFile(host, File::kPasswd));
  for (const auto line : account_lines::linesOf(passwd.content))
    if (account_lines::split(line, ':').front() == other.username &&
        account_lines::relationOf(File::kPasswd, line, other) != account_lines::Relation::kOwn)
      return true;
  return false;
}

// Which of two homes is there is not known, nor whose the other one is.
Result<bool> isOwnHome(const Host& host, const Plan& plan, const Identity& who) {
  const auto found = host.inspect(who.home);
  if (!found.ok() && found.error().code == Code::kNotFound) return false;
  if (!found.ok()) return found.error();
  return !plan.other || found->uid == who.uid;
}

// Durably, before anything goes: from here on there is no way back.
Result<Ok> markDeleting(Host& host, const Plan& plan) {
  Registry registry(host);
  auto record = *plan.record;
  // The intent of a renaming stays until the end, for it names the other name. Without one under
  // way, a file that a crash has left would name somebody else's.
  if (!plan.other) TRY(registry.endRename(record.identity.uid));
  if (record.state == AccountState::kDeleting && !plan.other) return Ok{};
  record.state = AccountState::kDeleting;
  TRY(registry.put(record));
  if (!plan.other) return Ok{};
  record.identity = *plan.other;
  return registry.retire(record);
}

Result<Ok> removeNames(Host& host, const Plan& plan) {
  // Last, because useradd would give the uid to the next user as soon as passwd does not hold it
  // any more.
  TRY(removeAccountFiles(host, plan.record->identity));
  if (!plan.other) return Ok{};
  TRY_ASSIGN(const bool strangers, isStrangers(host, *plan.other));
  if (strangers) return Ok{};
  TRY(host.removeFile(lingerFile(*plan.other)));
  return removeAccountFiles(host, *plan.other);
}

// From outside to inside: what leads visitors and packets to the account, what starts its
// processes, the processes, its files, its name.
Result<Ok> AccountDelete::run(const Plan& plan, Host& host) {
  if (!plan.record) return Ok{};
  const auto& who = plan.record->identity;
  if (plan.hasNothing) return removeUnfinished(host, who);
  const auto names = namesOf(plan);
  TRY(markDeleting(host, plan));
  for (const auto& name : names) {
    TRY(nginx::removeAllOf(host, name));
    TRY(ufw::closeAllOf(host, name.username));
    TRY(engine::absent(host, name));
  }
  TRY(systemd::removeSlice(host, who));
  TRY(endProcesses(host, who, *plan.ended));
  TRY(removeShared(host, who));
  // A process that died a moment ago may have left a job that cron has started meanwhile. Now its
  // crontab is gone too.
  TRY(endProcesses(host, who, *plan.ended));
  TRY(removeShared(host, who));
  TRY(host.removeTree(std::string(cloudlinux::kSnapshots) + "/" + std::to_string(who.uid)));
  TRY(dbuser_map::put(host, who, {}));
  for (const auto& name : names) {
    TRY_ASSIGN(const bool own, isOwnHome(host, plan, name));
    if (own) TRY(host.removeTree(name.home));
  }
  TRY(quota::clear(host, who));
  return removeNames(host, plan);
}

Result<Proof> proveNoShared(const Host& host, const Plan& plan) {
  const auto& who = plan.record->identity;
  for (const auto* directory : kShared) {
    TRY_ASSIGN(const auto left, host.leftovers(who, directory));
    if (!left.empty())
      return Error{Code::kInternal, std::string(directory) + ": still has files of the account",
                   ""};
  }
  for (const auto& name : namesOf(plan)) {
    TRY_ASSIGN(const bool own, isOwnHome(host, plan, name));
    if (own) return Error{Code::kInternal, name.home + ": is left", ""};
  }
  const auto mark = host.inspect(lingerFile(who));
  if (mark.ok()) return Error{Code::kInternal, lingerFile(who) + ": is left", ""};
  if (mark.error().code != Code::kNotFound) return mark.error();
  return Proof{{"files", who.home + " is gone; none in /tmp, /var/tmp, /dev/shm, mail and cron"}};
}

// What goes by a name alone.
Result<Proof> proveNothingOf(const Host& host, const Identity& who) {
  TRY_ASSIGN(auto proof, engine::proveAbsent(host, who));
  TRY_ASSIGN(auto rules, ufw::proveNoneOf(host, who.username));
  append(proof, std::move(rules));
  TRY_ASSIGN(const auto name, Username::parse(who.username));
  TRY_ASSIGN(const auto sites, Registry(host).sitesOf(name));
  if (!sites.empty()) return Error{Code::kInternal, "registry: still has sites of the account", ""};
  proof.push_back({"sites", "none of " + who.username});
  return proof;
}

Result<Proof> proveNoNames(const Host& host, const Plan& plan) {
  TRY_ASSIGN(auto proof, proveNoAccountFiles(host, plan.record->identity));
  if (!plan.other) return proof;
  TRY_ASSIGN(const bool strangers, isStrangers(host, *plan.other));
  if (strangers) return proof;
  TRY_ASSIGN(auto others, proveNoAccountFiles(host, *plan.other));
  append(proof, std::move(others));
  return proof;
}

Result<Proof> AccountDelete::verify(const Plan& plan, const Host& host) {
  if (!plan.record) return Proof{{"registry", "no such account"}};
  const auto& who = plan.record->identity;
  if (plan.hasNothing) {
    TRY_ASSIGN(const auto holder, holderOf(host, who));
    if (holder == Holder::kAccount)
      return Error{Code::kInternal, "/etc/passwd: has " + who.username + " after all", ""};
    return Proof{{"/etc/passwd", "has no " + who.username + "; uid " + std::to_string(who.uid) +
                                     " is somebody else's and was left alone"}};
  }
  TRY_ASSIGN(auto proof, proveNoProcesses(host, who));
  TRY_ASSIGN(auto files, proveNoShared(host, plan));
  append(proof, std::move(files));
  TRY_ASSIGN(auto lines, proveNoNames(host, plan));
  append(proof, std::move(lines));
  TRY_ASSIGN(auto slice, systemd::proveNoSlice(host, who));
  append(proof, std::move(slice));
  TRY(dbuser_map::prove(host, who, {}));
  for (const auto& name : namesOf(plan)) {
    TRY_ASSIGN(auto nothing, proveNothingOf(host, name));
    append(proof, std::move(nothing));
  }
  return proof;
}

// The intent last: as long as there is a record, either name finds it.
Result<Ok> AccountDelete::finish(const Plan& plan, Host& host) {
  if (!plan.record) return Ok{};
  Registry registry(host);
  TRY(registry.retire(*plan.record));
  return registry.endRename(plan.record->identity.uid);
}

Result<Ok> AccountDelete::answer(const Plan& plan, const Host& /*host*/, Reply::Builder out) {
  out.setUid(plan.record ? plan.record->identity.uid : 0);
  out.setProcessesEnded(*plan.ended);
  return Ok{};
}

}  // namespace

OpEntry accountDelete() { return entryFor<AccountDelete>(); }

}  // namespace bulkhead::agent
