#include "api/agent_client/wire.h"

#include <capnp/schema.h>

#include "api/agent_client/wire_answers.h"
#include "common/rpc/message_limits.h"
#include "common/rpc/op.capnp.h"

namespace bulkhead::api::wire {
namespace {

constexpr std::uint64_t kOperationAnnotation =
    0xd2c7a1b3e4f50617ULL;  // $Op.operation of common/rpc/op.capnp
// Longer lists than these are no answer of ours; they bound what a broken agent makes the API hold.
constexpr std::size_t kEvidenceMax = 64;
constexpr std::size_t kChangesMax = 1000;
// What the library puts around the parameters of a call, generously.
constexpr std::uint64_t kEnvelopeWords = 64;

std::string text(capnp::Text::Reader in) { return {in.cStr(), in.size()}; }

// ---- requests: one overload each for the method to call and for its parameters

#define BULKHEAD_CALL(Ask, method) \
  auto newCall(rpc::Agent::Client& agent, const ask::Ask&) { return agent.method##Request(); }
BULKHEAD_CALL(HostInspect, hostInspect)
BULKHEAD_CALL(AccountCreate, accountCreate)
BULKHEAD_CALL(AccountGet, accountGet)
BULKHEAD_CALL(AccountList, accountList)
BULKHEAD_CALL(AccountSuspend, accountSuspend)
BULKHEAD_CALL(AccountUnsuspend, accountUnsuspend)
BULKHEAD_CALL(AccountDelete, accountDelete)
BULKHEAD_CALL(LimitsSet, limitsSet)
BULKHEAD_CALL(QuotaSet, quotaSet)
BULKHEAD_CALL(QuotaGet, quotaGet)
BULKHEAD_CALL(EngineEnsure, engineEnsure)
BULKHEAD_CALL(EngineRemove, engineRemove)
BULKHEAD_CALL(EngineStatus, engineStatus)
BULKHEAD_CALL(ServiceApply, serviceApply)
BULKHEAD_CALL(ServiceRemove, serviceRemove)
BULKHEAD_CALL(ServiceList, serviceList)
BULKHEAD_CALL(SiteApply, siteApply)
BULKHEAD_CALL(SiteRemove, siteRemove)
BULKHEAD_CALL(FirewallSetup, firewallSetup)
BULKHEAD_CALL(FirewallOpen, firewallOpen)
BULKHEAD_CALL(FirewallClose, firewallClose)
BULKHEAD_CALL(FirewallList, firewallList)
BULKHEAD_CALL(AccountRename, accountRename)
BULKHEAD_CALL(SiteRename, siteRename)
BULKHEAD_CALL(HookList, hookList)
BULKHEAD_CALL(HookRun, hookRun)
BULKHEAD_CALL(LvectlApply, lvectlApply)
BULKHEAD_CALL(LvectlForget, lvectlForget)
BULKHEAD_CALL(CpapiPublish, cpapiPublish)
BULKHEAD_CALL(PhpList, phpList)
BULKHEAD_CALL(DbmapWrite, dbmapWrite)
BULKHEAD_CALL(CloudlinuxStatus, cloudlinuxStatus)
BULKHEAD_CALL(AuditList, auditList)
BULKHEAD_CALL(AuditAnchor, auditAnchor)
BULKHEAD_CALL(LockdownOn, lockdownOn)
BULKHEAD_CALL(LockdownStatus, lockdownStatus)
#undef BULKHEAD_CALL

rpc::HookRun::Event wireEvent(ask::HookEvent event) {
  using Event = rpc::HookRun::Event;
  switch (event) {
    case ask::HookEvent::kAdminCreated:
      return Event::ADMIN_CREATED;
    case ask::HookEvent::kAdminRemoved:
      return Event::ADMIN_REMOVED;
    case ask::HookEvent::kUserCreated:
      return Event::USER_CREATED;
    case ask::HookEvent::kUserRenamed:
      return Event::USER_RENAMED;
    case ask::HookEvent::kUserMoved:
      return Event::USER_MOVED;
    case ask::HookEvent::kUserRemoving:
      return Event::USER_REMOVING;
    case ask::HookEvent::kUserRemoved:
      return Event::USER_REMOVED;
    case ask::HookEvent::kUserRestored:
      return Event::USER_RESTORED;
    case ask::HookEvent::kDomainRenamed:
      return Event::DOMAIN_RENAMED;
    case ask::HookEvent::kPackageRenamed:
      return Event::PACKAGE_RENAMED;
  }
  return Event::USER_CREATED;
}

template <typename In>
void fillLimits(const In& in, rpc::Limits::Builder out) {
  out.setCpuPercent(in.cpuPercent);
  out.setMemoryBytes(in.memoryBytes);
  out.setTasks(in.tasks);
  out.setIoReadBytesPerSecond(in.io.readBytesPerSecond);
  out.setIoWriteBytesPerSecond(in.io.writeBytesPerSecond);
  out.setIoReadOpsPerSecond(in.io.readOpsPerSecond);
  out.setIoWriteOpsPerSecond(in.io.writeOpsPerSecond);
}
void fill(const ask::HostInspect&, rpc::Nothing::Builder) {}
void fill(const ask::FirewallSetup&, rpc::Nothing::Builder) {}
void fill(const ask::AccountCreate& in, rpc::AccountCreate::Builder out) {
  out.setUsername(in.username);
  fillLimits(in, out.initLimits());
}
void fill(const ask::LimitsSet& in, rpc::LimitsSet::Builder out) {
  out.setUsername(in.username);
  fillLimits(in, out.initLimits());
}
void fill(const ask::AccountList& in, rpc::AccountListQuery::Builder out) {
  out.setAfter(in.after);
  out.setLimit(in.limit);
}
void fill(const ask::QuotaSet& in, rpc::QuotaSet::Builder out) {
  out.setUsername(in.username);
  out.setDiskBytes(in.diskBytes);
  out.setInodes(in.inodes);
}
void fill(const ask::ServiceApply& in, rpc::ServiceApply::Builder out) {
  out.setUsername(in.username);
  out.setService(in.service);
  out.setCpuPercent(in.cpuPercent);
  out.setMemoryBytes(in.memoryBytes);
  out.setPublishPort(in.publishPort);
}
void fill(const ask::ServiceRemove& in, rpc::ServiceRef::Builder out) {
  out.setUsername(in.username);
  out.setService(in.service);
}
void fill(const ask::SiteApply& in, rpc::SiteApply::Builder out) {
  out.setUsername(in.username);
  out.setDomain(in.domain);
  auto aliases = out.initAliases(static_cast<capnp::uint>(in.aliases.size()));
  for (capnp::uint i = 0; i < aliases.size(); ++i)
    aliases.set(i, in.aliases[i]);
  out.setMode(in.mode == ask::SiteMode::kServe ? rpc::SiteApply::Mode::SERVE
                                               : rpc::SiteApply::Mode::SUSPENDED);
}
void fill(const ask::SiteRemove& in, rpc::SiteRef::Builder out) {
  out.setUsername(in.username);
  out.setDomain(in.domain);
}
void fill(const ask::AccountRename& in, rpc::AccountRename::Builder out) {
  out.setUsername(in.username);
  out.setNewName(in.newName);
}
void fill(const ask::SiteRename& in, rpc::SiteRename::Builder out) {
  out.setUsername(in.username);
  out.setDomain(in.domain);
  out.setNewDomain(in.newDomain);
}
void fill(const ask::HookList&, rpc::Nothing::Builder) {}
void fill(const ask::HookRun& in, rpc::HookRun::Builder out) {
  out.setEvent(wireEvent(in.event));
  out.setUsername(in.username);
  out.setOldUsername(in.oldUsername);
  out.setOwner(in.owner);
  out.setDomain(in.domain);
  out.setOldDomain(in.oldDomain);
  out.setIncludeSubdomains(in.includeSubdomains);
  out.setAdmin(in.admin);
  out.setPackage(in.package);
  out.setOldPackage(in.oldPackage);
}
void fill(const ask::LvectlApply& in, rpc::LvectlApply::Builder out) {
  out.setUsername(in.username);
}
void fill(const ask::LvectlForget& in, rpc::LvectlForget::Builder out) {
  out.setPackage(in.package);
}
void fill(const ask::CpapiPublish& in, rpc::CpapiPublish::Builder out) {
  out.setUsername(in.username);
  out.setMainDomain(in.mainDomain);
}
void fill(const ask::PhpList&, rpc::Nothing::Builder) {}
void fill(const ask::CloudlinuxStatus&, rpc::Nothing::Builder) {}
void fill(const ask::AuditAnchor&, rpc::Nothing::Builder) {}
void fill(const ask::LockdownOn&, rpc::Nothing::Builder) {}
void fill(const ask::LockdownStatus&, rpc::Nothing::Builder) {}
void fill(const ask::DbmapWrite& in, rpc::DbMap::Builder out) {
  out.setUsername(in.username);
  auto users = out.initDatabaseUsers(static_cast<capnp::uint>(in.databaseUsers.size()));
  for (capnp::uint i = 0; i < users.size(); ++i)
    users.set(i, in.databaseUsers[i]);
}
template <typename In>
void fillPort(const In& in, rpc::FirewallPort::Builder out) {
  out.setUsername(in.username);
  out.setPort(in.port);
  out.setProtocol(rpc::FirewallPort::Protocol::TCP);
}
void fill(const ask::FirewallOpen& in, rpc::FirewallPort::Builder out) { fillPort(in, out); }
void fill(const ask::FirewallClose& in, rpc::FirewallPort::Builder out) { fillPort(in, out); }
void fill(const ask::FirewallList& in, rpc::FirewallQuery::Builder out) {
  out.setUsername(in.username);
}
void fill(const ask::AuditList& in, rpc::AuditQuery::Builder out) {
  out.setBefore(in.before);
  out.setLimit(in.limit);
  out.setAccount(in.account);
  out.setRequestId(in.requestId);
  out.setKind(in.kind);
}
template <typename In>
void fill(const In& in, rpc::AccountRef::Builder out) {
  out.setUsername(in.username);
}

// ---- answers

std::string kindName(rpc::Change::Kind kind) {
  switch (kind) {
    case rpc::Change::Kind::WRITE_FILE:
      return "write_file";
    case rpc::Change::Kind::REMOVE_FILE:
      return "remove_file";
    case rpc::Change::Kind::MAKE_DIRECTORY:
      return "make_directory";
    case rpc::Change::Kind::REMOVE_TREE:
      return "remove_tree";
    case rpc::Change::Kind::RUN:
      return "run";
    case rpc::Change::Kind::ENGINE:
      return "engine";
    case rpc::Change::Kind::KILL:
      return "kill";
    case rpc::Change::Kind::HOME:
      return "home";
  }
  return "unknown";
}

template <typename Reader>
AgentReply readReply(const Reader& in, const std::string& operation) {
  AgentReply out;
  if (in.isError()) {
    const auto error = in.getError();
    out.refusal = Error{codeFromName(text(error.getCode())), text(error.getMessage()),
                        text(error.getField())};
    return out;
  }
  if (in.isPreview()) {
    for (auto change : in.getPreview()) {
      if (out.preview.size() == kChangesMax) break;
      out.preview.push_back({operation, kindName(change.getKind()), text(change.getTarget()),
                             text(change.getDiff())});
    }
    return out;
  }
  out.value = read(in.getOk());
  for (auto fact : in.getEvidence()) {
    if (out.evidence.size() == kEvidenceMax) break;
    out.evidence.push_back({text(fact.getCheck()), text(fact.getDetail())});
  }
  out.auditSeq = in.getAuditSeq();
  out.externalMicros = in.getExternalMicros();
  return out;
}

template <typename Request>
kj::Promise<Result<AgentReply>> sendOne(rpc::Agent::Client& agent,
                                        const CallContext& context,
                                        const Request& request,
                                        std::string operation) {
  auto call = newCall(agent, request);
  auto out = call.initContext();
  out.setRequestId(context.requestId);
  out.setActor(context.actor);
  out.setTraceparent(context.traceparent);
  out.setDryRun(context.dryRun);
  out.setAssumeAccount(context.assumeAccount);
  fill(request, call.initParams());
  // The agent would hang up, on every other call of this connection too.
  if (call.totalSize().wordCount + kEnvelopeWords > rpc::kCallWordsMax)
    return Result<AgentReply>(
        Error{Code::kLimitExceeded, operation + ": more than the agent takes in one message", ""});
  return call.send().then(
      [operation = std::move(operation)](auto&& response) -> Result<AgentReply> {
        return readReply(response, operation);
      });
}

}  // namespace

kj::Promise<Result<AgentReply>> send(rpc::Agent::Client agent,
                                     const CallContext& context,
                                     const AgentRequest& request) {
  return std::visit(
      [&](const auto& one) {
        return sendOne(agent, context, one, std::string(operationName(request)));
      },
      request);
}

std::chrono::milliseconds timeLimit(std::string_view operation) {
  for (auto method : capnp::Schema::from<rpc::Agent>().getMethods())
    for (auto annotation : method.getProto().getAnnotations()) {
      if (annotation.getId() != kOperationAnnotation) continue;
      const auto found = annotation.getValue().getStruct().getAs<rpc::Operation>();
      if (text(found.getName()) == operation)
        return std::chrono::seconds(found.getTimeLimitSeconds());
    }
  return std::chrono::seconds(30);  // the schema's default
}

}  // namespace bulkhead::api::wire
