// What the operations on accounts share: reading limits, filling replies, and which states an
// operation accepts.
#pragma once
#include "agent/host/evidence.h"
#include "agent/ops/op.h"
#include "agent/registry/registry.h"
#include "common/rpc/agent.capnp.h"

namespace bulkhead::agent {

Result<ResourceLimits> limitsFrom(rpc::Limits::Reader in);
void fill(const ResourceLimits& limits, rpc::Limits::Builder out);
void fill(const AccountRecord& record, rpc::Account::Builder out);
void fill(const ProjectQuota& quota, const Identity& who, rpc::Quota::Builder out);

// The record of a name from outside. kNotFound when there is none.
Result<AccountRecord> findAccount(const Host& host, std::string_view username);
// Also kConflict for an account that is half made or half gone: only account.create and
// account.delete may touch that.
Result<AccountRecord> findStandingAccount(const Host& host, std::string_view username);

Result<Ok> answerAccount(const Username& name, const Host& host, rpc::Account::Builder out);
// Fails unless no process of the account's uid and sub-uids is left.
Result<Proof> proveNoProcesses(const Host& host, const Identity& who);

}  // namespace bulkhead::agent
