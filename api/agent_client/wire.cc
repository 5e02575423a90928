#include "api/agent_client/wire.h"

#include <capnp/schema.h>

#include "common/rpc/op.capnp.h"

namespace bulkhead::api::wire {
namespace {

constexpr std::uint64_t kOperationAnnotation =
    0xd2c7a1b3e4f50617ULL;  // $Op.operation of common/rpc/op.capnp
// Longer lists than these are no answer of ours; they bound what a broken agent makes the API hold.
constexpr std::size_t kEvidenceMax = 64;
constexpr std::size_t kChangesMax = 1000;

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
BULKHEAD_CALL(AuditList, auditList)
#undef BULKHEAD_CALL

template <typename In>
void fillLimits(const In& in, rpc::Limits::Builder out) {
  out.setCpuPercent(in.cpuPercent);
  out.setMemoryBytes(in.memoryBytes);
  out.setTasks(in.tasks);
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

AgentValue read(rpc::Nothing::Reader) { return std::monostate{}; }
AgentAccount readAccount(rpc::Account::Reader in) {
  AgentAccount out;
  out.username = text(in.getUsername());
  out.uid = in.getUid();
  out.home = text(in.getHome());
  out.slice = text(in.getSlice());
  switch (in.getState()) {
    case rpc::Account::State::CREATING:
      out.state = AgentAccountState::kCreating;
      break;
    case rpc::Account::State::ACTIVE:
      out.state = AgentAccountState::kActive;
      break;
    case rpc::Account::State::SUSPENDED:
      out.state = AgentAccountState::kSuspended;
      break;
    case rpc::Account::State::DELETING:
      out.state = AgentAccountState::kDeleting;
      break;
  }
  out.cpuPercent = in.getLimits().getCpuPercent();
  out.memoryBytes = in.getLimits().getMemoryBytes();
  out.tasks = in.getLimits().getTasks();
  return out;
}
AgentValue read(rpc::Account::Reader in) { return readAccount(in); }
AgentValue read(rpc::AccountPage::Reader in) {
  AgentAccounts out;
  for (auto account : in.getAccounts())
    out.accounts.push_back(readAccount(account));
  out.more = in.getMore();
  return out;
}
AgentValue read(rpc::AccountDeleted::Reader in) {
  return AgentDeleted{in.getUid(), in.getProcessesEnded()};
}
AgentValue read(rpc::Limits::Reader in) {
  return AgentLimits{in.getCpuPercent(), in.getMemoryBytes(), in.getTasks()};
}
AgentValue read(rpc::Quota::Reader in) {
  return AgentQuota{in.getDiskBytes(), in.getInodes(), in.getUsedBytes(), in.getUsedInodes()};
}
std::string engineState(rpc::Engine::State state) {
  switch (state) {
    case rpc::Engine::State::ABSENT:
      return "absent";
    case rpc::Engine::State::STOPPED:
      return "stopped";
    case rpc::Engine::State::RUNNING:
      return "running";
    case rpc::Engine::State::FAILED:
      return "failed";
  }
  return "failed";
}
AgentValue read(rpc::Engine::Reader in) {
  return AgentEngine{engineState(in.getState()), text(in.getUnit()), text(in.getContext()),
                     text(in.getVersion()),      in.getContainers(), in.getMemoryBytes()};
}
AgentService readService(rpc::Service::Reader in) {
  return {text(in.getService()), text(in.getContainer()), text(in.getImage()),
          text(in.getState()),   text(in.getNetwork()),   in.getPublishPort()};
}
AgentValue read(rpc::Service::Reader in) { return readService(in); }
AgentValue read(rpc::ServiceList::Reader in) {
  AgentServices out;
  for (auto service : in.getServices())
    out.services.push_back(readService(service));
  return out;
}
AgentValue read(rpc::Site::Reader in) {
  const auto mode = in.getMode() == rpc::SiteApply::Mode::SUSPENDED ? ask::SiteMode::kSuspended
                                                                    : ask::SiteMode::kServe;
  return AgentSite{text(in.getDomain()), text(in.getDocumentRoot()), mode, in.getGeneration(),
                   in.getProbeStatus()};
}
AgentValue read(rpc::FirewallRules::Reader in) {
  AgentFirewall out;
  out.active = in.getActive();
  for (auto rule : in.getRules())
    out.rules.push_back({rule.getPort(), text(rule.getProtocol()), text(rule.getAction()),
                         text(rule.getComment()), rule.getIpv6()});
  return out;
}
AgentValue read(rpc::HostReport::Reader in) {
  AgentHost out;
  out.hostname = text(in.getHostname());
  out.kernel = text(in.getKernel());
  out.os = text(in.getOs());
  out.version = text(in.getVersion());
  out.cgroups = text(in.getCgroups());
  out.projectQuotas = in.getProjectQuotas();
  out.diskFreeBytes = in.getDiskFreeBytes();
  out.diskTotalBytes = in.getDiskTotalBytes();
  out.memoryTotalBytes = in.getMemoryTotalBytes();
  out.memoryAvailableBytes = in.getMemoryAvailableBytes();
  out.cpus = in.getCpus();
  for (auto service : in.getServices())
    out.services.emplace_back(text(service.getName()), text(service.getState()));
  return out;
}
AgentValue read(rpc::AuditPage::Reader in) {
  AgentAudit out;
  for (auto record : in.getRecords())
    out.records.push_back(text(record));
  out.more = in.getMore();
  return out;
}

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
