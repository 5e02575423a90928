#include "api/agent_client/wire_answers.h"

namespace bulkhead::api::wire {
namespace {

std::string text(capnp::Text::Reader in) { return {in.cStr(), in.size()}; }

IoLimits readIo(rpc::Limits::Reader in) {
  return {in.getIoReadBytesPerSecond(), in.getIoWriteBytesPerSecond(), in.getIoReadOpsPerSecond(),
          in.getIoWriteOpsPerSecond()};
}

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
    case rpc::Account::State::RENAMING:
      out.state = AgentAccountState::kRenaming;
      break;
  }
  out.cpuPercent = in.getLimits().getCpuPercent();
  out.memoryBytes = in.getLimits().getMemoryBytes();
  out.tasks = in.getLimits().getTasks();
  out.io = readIo(in.getLimits());
  return out;
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
AgentService readService(rpc::Service::Reader in) {
  return {text(in.getService()), text(in.getContainer()), text(in.getImage()),
          text(in.getState()),   text(in.getNetwork()),   in.getPublishPort()};
}
HookOutcome readOutcome(rpc::HookResult::Outcome outcome) {
  switch (outcome) {
    case rpc::HookResult::Outcome::ABSENT:
      return HookOutcome::kAbsent;
    case rpc::HookResult::Outcome::SUCCEEDED:
      return HookOutcome::kSucceeded;
    case rpc::HookResult::Outcome::FAILED:
      return HookOutcome::kFailed;
    case rpc::HookResult::Outcome::TIMED_OUT:
      return HookOutcome::kTimedOut;
  }
  return HookOutcome::kFailed;  // from a newer peer
}

}  // namespace

AgentValue read(rpc::Nothing::Reader) { return std::monostate{}; }
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
  return AgentLimits{in.getCpuPercent(), in.getMemoryBytes(), in.getTasks(), readIo(in)};
}
AgentValue read(rpc::Quota::Reader in) {
  return AgentQuota{in.getDiskBytes(), in.getInodes(), in.getUsedBytes(), in.getUsedInodes()};
}
AgentValue read(rpc::Engine::Reader in) {
  return AgentEngine{engineState(in.getState()), text(in.getUnit()), text(in.getContext()),
                     text(in.getVersion()),      in.getContainers(), in.getMemoryBytes()};
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
AgentValue read(rpc::HookList::Reader in) {
  AgentHooks out;
  for (auto script : in.getScripts())
    out.scripts.push_back(text(script));
  out.enabled = in.getEnabled();
  out.lvectl = in.getLvectl();
  return out;
}
AgentValue read(rpc::HookResult::Reader in) {
  return AgentHook{readOutcome(in.getOutcome()), in.getExitCode(), text(in.getCommand()),
                   text(in.getOutput())};
}
AgentValue read(rpc::CpapiSnapshot::Reader) { return std::monostate{}; }
AgentValue read(rpc::PhpList::Reader in) {
  AgentPhpList out;
  for (auto php : in.getInterpreters())
    out.interpreters.push_back({text(php.getIdentifier()), text(php.getVersion()),
                                text(php.getModulesDir()), text(php.getDir()), text(php.getBin()),
                                text(php.getIni()), text(php.getScanDir()), php.getIsNative()});
  return out;
}
AgentValue read(rpc::CloudlinuxReport::Reader in) {
  return AgentCloudlinux{in.getEnabled(), text(in.getRelease())};
}
AgentValue read(rpc::AuditPage::Reader in) {
  AgentAudit out;
  for (auto record : in.getRecords())
    out.records.push_back(text(record));
  out.more = in.getMore();
  return out;
}

AgentValue read(rpc::AnchorLine::Reader in) { return AgentAnchor{text(in.getLine())}; }
AgentValue read(rpc::Lockdown::Reader in) { return AgentLockdown{in.getOn(), in.getSince()}; }

}  // namespace bulkhead::api::wire
