#include "agent/ops/account/common.h"

#include "agent/host/systemd.h"

namespace bulkhead::agent {
namespace {

rpc::Account::State stateOf(AccountState state) {
  switch (state) {
    case AccountState::kCreating:
      return rpc::Account::State::CREATING;
    case AccountState::kActive:
      return rpc::Account::State::ACTIVE;
    case AccountState::kSuspended:
      return rpc::Account::State::SUSPENDED;
    case AccountState::kDeleting:
      return rpc::Account::State::DELETING;
    case AccountState::kRenaming:
      return rpc::Account::State::RENAMING;
  }
  return rpc::Account::State::CREATING;
}

}  // namespace

Result<ResourceLimits> limitsFrom(rpc::Limits::Reader in) {
  const IoLimits io{in.getIoReadBytesPerSecond(), in.getIoWriteBytesPerSecond(),
                    in.getIoReadOpsPerSecond(), in.getIoWriteOpsPerSecond()};
  return ResourceLimits::check(in.getCpuPercent(), in.getMemoryBytes(), in.getTasks(), io);
}

void fill(const ResourceLimits& limits, rpc::Limits::Builder out) {
  out.setCpuPercent(limits.cpuPercent);
  out.setMemoryBytes(limits.memoryBytes);
  out.setTasks(limits.tasks);
  out.setIoReadBytesPerSecond(limits.io.readBytesPerSecond);
  out.setIoWriteBytesPerSecond(limits.io.writeBytesPerSecond);
  out.setIoReadOpsPerSecond(limits.io.readOpsPerSecond);
  out.setIoWriteOpsPerSecond(limits.io.writeOpsPerSecond);
}

void fill(const AccountRecord& record, rpc::Account::Builder out) {
  const auto& who = record.identity;
  out.setUsername(who.username);
  out.setUid(who.uid);
  out.setHome(who.home);
  out.setSlice(systemd::sliceName(who.uid));
  out.setState(stateOf(record.state));
  out.setSubUidFirst(who.subUidFirst);
  out.setSubUidCount(who.subUidCount);
  fill(record.limits, out.initLimits());
}

void fill(const ProjectQuota& quota, const Identity& who, rpc::Quota::Builder out) {
  out.setDiskBytes(quota.bytesMax);
  out.setInodes(quota.inodesMax);
  out.setUsedBytes(quota.bytesUsed);
  out.setUsedInodes(quota.inodesUsed);
  out.setProject(who.uid);
}

Result<AccountRecord> findAccount(const Host& host, std::string_view username) {
  TRY_ASSIGN(const auto name, Username::parse(username));
  return Registry(host).find(name);
}

Result<AccountRecord> findStandingAccount(const Host& host, std::string_view username) {
  TRY_ASSIGN(auto record, findAccount(host, username));
  if (record.state == AccountState::kCreating)
    return Error{Code::kConflict, "the account is not complete: create it again", "username"};
  if (record.state == AccountState::kDeleting)
    return Error{Code::kConflict, "the account is being deleted", "username"};
  if (record.state == AccountState::kRenaming)
    return Error{Code::kConflict, "the account is being renamed: complete that first", "username"};
  return record;
}

Result<Ok> answerAccount(const Username& name, const Host& host, rpc::Account::Builder out) {
  TRY_ASSIGN(const auto record, Registry(host).find(name));
  fill(record, out);
  return Ok{};
}

Result<Proof> proveNoProcesses(const Host& host, const Identity& who) {
  TRY_ASSIGN(const auto left, host.processesOf(who));
  if (!left.empty())
    return Error{Code::kInternal,
                 "processes: " + std::to_string(left.size()) + " of " + who.username +
                     " are left, first " + std::to_string(left.front().pid) + " " +
                     left.front().name,
                 ""};
  return Proof{{"processes", "none of uid " + std::to_string(who.uid) + " nor of its sub-uids"}};
}

}  // namespace bulkhead::agent
