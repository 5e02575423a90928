// account.delete: ends every process of the account, removes all it has, proves that nothing is
// left, and only then forgets it. The uid and the sub-ids stay used for ever, so that even what
// nobody thought of cannot become the next account's.
#include <array>
#include <memory>
#include <optional>

#include "agent/host/account_files.h"
#include "agent/host/cloudlinux.h"
#include "agent/host/engine.h"
#include "agent/host/nginx.h"
#include "agent/host/quota.h"
#include "agent/host/systemd.h"
#include "agent/host/ufw.h"
#include "agent/ops/account/common.h"
#include "agent/ops/account/renaming.h"

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
    std::optional<Renaming> renaming;  // one under way: back to one name, before all of that goes
    bool hasNothing = false;           // its uid went to somebody else before anything was made
    std::shared_ptr<std::uint32_t> ended = std::make_shared<std::uint32_t>(0);  // counted by run()
  };
  static Result<Plan> check(Params::Reader in, const Host& host);
  static Result<Ok> run(const Plan& plan, Host& host);
  static Result<Proof> verify(const Plan& plan, const Host& host);
  static Result<Ok> finish(const Plan& plan, Host& host);
  static Result<Ok> answer(const Plan& plan, const Host& host, Reply::Builder out);
};

// Half of what it has goes by another name, and nothing may be missed.
Result<AccountDelete::Plan> planForRenaming(const Host& host, const RenameIntent& intent) {
  TRY_ASSIGN(auto renaming, renamingBack(host, intent));
  TRY_ASSIGN(const auto before, holderOf(host, renaming.before));
  TRY_ASSIGN(const auto after, holderOf(host, renaming.after));
  if (before != Holder::kAccount && after != Holder::kAccount)
    return Error{Code::kConflict,
                 "/etc/passwd: the uid " + std::to_string(intent.uid) +
                     " has neither of the account's two names",
                 "username"};
  AccountDelete::Plan plan;
  plan.record = renaming.record;
  plan.record->identity = renaming.after;
  plan.renaming = std::move(renaming);
  return plan;
}

Result<AccountDelete::Plan> AccountDelete::check(Params::Reader in, const Host& host) {
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

// From outside to inside: what leads visitors and packets to the account, what starts its
// processes, the processes, its files, its name.
Result<Ok> AccountDelete::run(const Plan& plan, Host& host) {
  if (!plan.record) return Ok{};
  auto record = *plan.record;
  const auto& who = record.identity;
  if (plan.hasNothing) return removeUnfinished(host, who);
  if (plan.renaming) TRY(moveNames(host, *plan.renaming));
  if (record.state != AccountState::kDeleting) {
    record.state = AccountState::kDeleting;
    TRY(Registry(host).put(record));
  }
  TRY(Registry(host).endRename(who.uid));
  TRY(nginx::removeAllOf(host, who));
  TRY(ufw::closeAllOf(host, who.username));
  TRY(engine::absent(host, who));
  TRY(systemd::removeSlice(host, who));
  TRY(endProcesses(host, who, *plan.ended));
  TRY(removeShared(host, who));
  // A process that died a moment ago may have left a job that cron has started meanwhile. Now its
  // crontab is gone too.
  TRY(endProcesses(host, who, *plan.ended));
  TRY(removeShared(host, who));
  TRY(host.removeTree(std::string(cloudlinux::kSnapshots) + "/" + std::to_string(who.uid)));
  TRY(host.removeTree(who.home));
  TRY(quota::clear(host, who));
  // Last, because useradd would give the uid to the next user as soon as passwd does not hold it
  // any more.
  return removeAccountFiles(host, who);
}

Result<Proof> proveNoShared(const Host& host, const Identity& who) {
  for (const auto* directory : kShared) {
    TRY_ASSIGN(const auto left, host.leftovers(who, directory));
    if (!left.empty())
      return Error{Code::kInternal, std::string(directory) + ": still has files of the account",
                   ""};
  }
  for (const auto& path : {who.home, lingerFile(who)}) {
    const auto found = host.inspect(path);
    if (found.ok()) return Error{Code::kInternal, path + ": is left", ""};
    if (found.error().code != Code::kNotFound) return found.error();
  }
  return Proof{{"files", who.home + " is gone; none in /tmp, /var/tmp, /dev/shm, mail and cron"}};
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
  TRY_ASSIGN(auto files, proveNoShared(host, who));
  append(proof, std::move(files));
  TRY_ASSIGN(auto lines, proveNoAccountFiles(host, who));
  append(proof, std::move(lines));
  TRY_ASSIGN(auto slice, systemd::proveNoSlice(host, who));
  append(proof, std::move(slice));
  TRY_ASSIGN(auto engine, engine::proveAbsent(host, who));
  append(proof, std::move(engine));
  TRY_ASSIGN(auto rules, ufw::proveNoneOf(host, who.username));
  append(proof, std::move(rules));
  TRY_ASSIGN(const auto name, Username::parse(who.username));
  TRY_ASSIGN(const auto sites, Registry(host).sitesOf(name));
  if (!sites.empty()) return Error{Code::kInternal, "registry: still has sites of the account", ""};
  proof.push_back({"sites", "none of " + who.username});
  return proof;
}

Result<Ok> AccountDelete::finish(const Plan& plan, Host& host) {
  if (!plan.record) return Ok{};
  return Registry(host).retire(*plan.record);
}

Result<Ok> AccountDelete::answer(const Plan& plan, const Host& /*host*/, Reply::Builder out) {
  out.setUid(plan.record ? plan.record->identity.uid : 0);
  out.setProcessesEnded(*plan.ended);
  return Ok{};
}

}  // namespace

OpEntry accountDelete() { return entryFor<AccountDelete>(); }

}  // namespace bulkhead::agent
