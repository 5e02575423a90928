// hook.run: tells CloudLinux of one event. The caller's word alone moves nothing: an event must fit
// what the registry and the system's own files say, so that nobody can have the limits of a living
// account dropped, its domains taken over, or a hosting user made an administrator of CloudLinux,
// by naming it here. Who was an administrator is written down nowhere: that one is gone is believed
// of everybody but root.
#include <memory>
#include <set>

#include "agent/host/account_files.h"
#include "agent/host/hooks.h"
#include "agent/ops/account/common.h"
#include "agent/ops/hook/answer.h"
#include "agent/ops/hook/names.h"
#include "agent/registry/records.h"

namespace bulkhead::agent {
namespace {

using Event = rpc::HookRun::Event;

struct RunHook {
  static constexpr auto kMethod = "hookRun";
  using Params = rpc::HookRun;
  using Reply = rpc::HookResult;
  struct Plan {
    hooks::Invocation invocation;
    std::string key;
    std::shared_ptr<Told> told = std::make_shared<Told>();  // by run()
  };
  static Result<Plan> check(Params::Reader in, const Host& host);
  static Result<Ok> run(const Plan& plan, Host& host) {
    TRY_ASSIGN(*plan.told, hooks::run(host, plan.invocation, plan.key));
    return Ok{};
  }
  static Result<Proof> verify(const Plan& plan, const Host& /*host*/) {
    return proofOf(*plan.told, "hook");
  }
  static Result<Ok> answer(const Plan& plan, const Host& /*host*/, Reply::Builder out) {
    fill(*plan.told, out);
    return Ok{};
  }
};

Result<Ok> expectAbsent(const Host& host, const Username& name) {
  const auto record = Registry(host).find(name);
  if (record.ok())
    return Error{Code::kConflict, "the account " + name.text() + " exists", "username"};
  if (record.error().code != Code::kNotFound) return record.error();
  return checkNameIsFree(host, name.text());
}

RunHook::Plan planFor(hooks::Invocation invocation, std::string key) {
  RunHook::Plan plan;
  plan.invocation = std::move(invocation);
  plan.key = std::move(key);
  return plan;
}

Result<RunHook::Plan> planForAdministrator(rpc::HookRun::Reader in, const Host& host) {
  TRY_ASSIGN(const auto user, parseSystemUser(view(in.getAdmin())));
  if (in.getEvent() == Event::ADMIN_CREATED) TRY(expectAdministrator(host, user));
  if (in.getEvent() == Event::ADMIN_REMOVED && user == "root")
    return Error{Code::kConflict, "admin: root is an administrator always", "admin"};
  return planFor(
      in.getEvent() == Event::ADMIN_CREATED ? hooks::adminCreated(user) : hooks::adminRemoved(user),
      "admin-" + user);
}

Result<RunHook::Plan> planForPackage(rpc::HookRun::Reader in) {
  TRY_ASSIGN(const auto name, parsePackageName(view(in.getPackage()), "package"));
  TRY_ASSIGN(const auto old, parsePackageName(view(in.getOldPackage()), "oldPackage"));
  return planFor(hooks::packageRenamed(old.text(), name.text()), "packages");
}

Result<hooks::Invocation> invocationForDomain(rpc::HookRun::Reader in,
                                              const Host& host,
                                              const Username& name) {
  TRY_ASSIGN(const auto domain, DomainName::parse(view(in.getDomain())));
  auto old = DomainName::parse(view(in.getOldDomain()));
  if (!old.ok()) return Error{old.error().code, old.error().message, "oldDomain"};
  TRY_ASSIGN(const auto site, Registry(host).findSite(domain));
  if (site.account != name.text())
    return Error{Code::kNotFound, "the account has no site " + domain.text(), "domain"};
  const auto left = Registry(host).findSite(*old);
  if (left.ok())
    return Error{Code::kConflict, "oldDomain: " + old->text() + " is served", "oldDomain"};
  if (left.error().code != Code::kNotFound) return left.error();
  return hooks::domainRenamed(
      name.text(), old->text(), domain.text(),
      in.getIncludeSubdomains() ? hooks::Subdomains::kFollow : hooks::Subdomains::kStay);
}

Result<hooks::Invocation> invocationForAccount(rpc::HookRun::Reader in,
                                               const Host& host,
                                               const Username& name) {
  if (in.getEvent() == Event::USER_REMOVED) {
    TRY(expectAbsent(host, name));
    return hooks::userRemoved(name.text());
  }
  TRY_ASSIGN(const auto record, Registry(host).find(name));
  if (in.getEvent() == Event::USER_REMOVING) return hooks::userRemoving(name.text());
  if (record.state != AccountState::kActive && record.state != AccountState::kSuspended)
    return Error{Code::kConflict, "the account is " + std::string(stateName(record.state)),
                 "username"};
  switch (in.getEvent()) {
    case Event::USER_CREATED:
    case Event::USER_MOVED: {
      TRY_ASSIGN(const auto owner, parseOwner(view(in.getOwner())));
      return in.getEvent() == Event::USER_CREATED ? hooks::userCreated(name.text(), owner)
                                                  : hooks::userMoved(name.text(), owner);
    }
    case Event::USER_RENAMED: {
      auto old = Username::parse(view(in.getOldUsername()));
      if (!old.ok()) return Error{old.error().code, old.error().message, "oldUsername"};
      if (*old == name) return hooks::userRenamed(old->text(), name.text());
      if (old->text() != record.previousName)
        return Error{Code::kConflict, "the account was never called " + old->text(), "oldUsername"};
      TRY(expectAbsent(host, *old));
      return hooks::userRenamed(old->text(), name.text());
    }
    case Event::USER_RESTORED:
      return hooks::userRestored(name.text());
    case Event::DOMAIN_RENAMED:
      return invocationForDomain(in, host, name);
    case Event::ADMIN_CREATED:
    case Event::ADMIN_REMOVED:
    case Event::USER_REMOVING:
    case Event::USER_REMOVED:
    case Event::PACKAGE_RENAMED:
      break;
  }
  return Error{Code::kInvalidArgument, "unknown event", "event"};  // from a newer peer
}

// The fields of the contract that an event uses; what is filled beside them is a misunderstanding.
std::set<std::string> fieldsOf(Event event) {
  switch (event) {
    case Event::ADMIN_CREATED:
    case Event::ADMIN_REMOVED:
      return {"admin"};
    case Event::PACKAGE_RENAMED:
      return {"package", "oldPackage"};
    case Event::USER_CREATED:
    case Event::USER_MOVED:
      return {"username", "owner"};
    case Event::USER_RENAMED:
      return {"username", "oldUsername"};
    case Event::DOMAIN_RENAMED:
      return {"username", "domain", "oldDomain", "includeSubdomains"};
    case Event::USER_REMOVING:
    case Event::USER_REMOVED:
    case Event::USER_RESTORED:
      break;
  }
  return {"username"};
}

Result<Ok> expectNoOtherField(rpc::HookRun::Reader in) {
  const auto used = fieldsOf(in.getEvent());
  const capnp::DynamicStruct::Reader content = in;
  for (const auto field : content.getSchema().getFields()) {
    const std::string name = field.getProto().getName().cStr();
    if (name == "event" || used.contains(name)) continue;
    const bool filled = field.getType().isText() ? content.get(field).as<capnp::Text>().size() > 0
                                                 : content.get(field).as<bool>();
    if (filled) return Error{Code::kInvalidArgument, name + ": is not of this event", name};
  }
  return Ok{};
}

Result<RunHook::Plan> RunHook::check(Params::Reader in, const Host& host) {
  TRY(expectNoOtherField(in));
  switch (in.getEvent()) {
    case Event::ADMIN_CREATED:
    case Event::ADMIN_REMOVED:
      return planForAdministrator(in, host);
    case Event::PACKAGE_RENAMED:
      return planForPackage(in);
    case Event::USER_CREATED:
    case Event::USER_RENAMED:
    case Event::USER_MOVED:
    case Event::USER_REMOVING:
    case Event::USER_REMOVED:
    case Event::USER_RESTORED:
    case Event::DOMAIN_RENAMED:
      break;
  }
  TRY_ASSIGN(const auto name, Username::parse(view(in.getUsername())));
  TRY_ASSIGN(auto invocation, invocationForAccount(in, host, name));
  return planFor(std::move(invocation), "user-" + name.text());
}

}  // namespace

OpEntry hookRun() { return entryFor<RunHook>(); }

}  // namespace bulkhead::agent
