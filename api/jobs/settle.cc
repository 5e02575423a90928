#include "api/jobs/settle.h"

#include "api/jobs/recipes.h"

namespace bulkhead::api {
namespace {

Result<Ok> removeAccount(Tables& tables, const std::string& id) {
  TRY_ASSIGN(const auto domains, tables.domains().ofAccount(id));
  for (const auto kind : {DomainKind::kAlias, DomainKind::kSite})  // an alias needs its site
    for (const auto& domain : domains)
      if (domain.kind == kind) TRY(tables.domains().remove(domain.id));
  const PageQuery all{"", kPageMax};
  while (true) {
    TRY_ASSIGN(const auto users, tables.databaseUsers().list(id, all));
    if (users.items.empty()) break;
    for (const auto& user : users.items)
      TRY(tables.databaseUsers().remove(user.name));
  }
  return tables.accounts().remove(id);
}

}  // namespace

Result<Ok> settleNothing(Tables&, const JobRecord&) { return Ok{}; }

Result<Ok> settleCreate(Tables& tables, const JobRecord& record) {
  const std::string& id = record.job.accountId;
  if (record.job.state == JobState::kRolledBack) return removeAccount(tables, id);
  if (record.job.state == JobState::kFailed)
    return tables.accounts().setState(id, AccountState::kFailed);
  TRY_ASSIGN(const auto domains, tables.domains().ofAccount(id));
  for (const auto& domain : domains)
    TRY(tables.domains().setState(domain.id, DomainState::kActive));
  return tables.accounts().setState(id, AccountState::kActive);
}

// An account keeps the state it had when the change was rolled back; one that is neither here nor
// there has failed.
Result<Ok> settleSuspend(Tables& tables, const JobRecord& record) {
  if (record.job.state == JobState::kRolledBack) return Ok{};
  return tables.accounts().setState(record.job.accountId, record.job.state == JobState::kSucceeded
                                                              ? AccountState::kSuspended
                                                              : AccountState::kFailed);
}

Result<Ok> settleUnsuspend(Tables& tables, const JobRecord& record) {
  if (record.job.state == JobState::kRolledBack) return Ok{};
  return tables.accounts().setState(record.job.accountId, record.job.state == JobState::kSucceeded
                                                              ? AccountState::kActive
                                                              : AccountState::kFailed);
}

Result<Ok> settleDelete(Tables& tables, const JobRecord& record) {
  const std::string& id = record.job.accountId;
  if (record.job.state == JobState::kRolledBack) return tables.accounts().restore(id);
  if (record.job.state == JobState::kFailed)
    return tables.accounts().setState(id, AccountState::kFailed);
  constexpr std::chrono::microseconds kWindow = kRestoreWindow;
  return tables.accounts().endDelete(id, record.job.endedAt, record.job.endedAt + kWindow.count());
}

Result<Ok> settleRestore(Tables& tables, const JobRecord& record) {
  if (record.job.state == JobState::kRolledBack) return Ok{};
  if (record.job.state == JobState::kFailed)
    return tables.accounts().setState(record.job.accountId, AccountState::kFailed);
  return tables.accounts().restore(record.job.accountId);
}

Result<Ok> settlePurge(Tables& tables, const JobRecord& record) {
  if (record.job.state == JobState::kSucceeded) return removeAccount(tables, record.job.accountId);
  return tables.accounts().setState(record.job.accountId, AccountState::kFailed);
}

// A domain whose undo failed stays pending: its name is not free while something may still serve
// it.
Result<Ok> settleDomainAdd(Tables& tables, const JobRecord& record) {
  if (record.job.state == JobState::kRolledBack) return tables.domains().remove(record.domainId);
  if (record.job.state == JobState::kFailed) return Ok{};
  return tables.domains().setState(record.domainId, DomainState::kActive);
}

Result<Ok> settleDomainRemove(Tables& tables, const JobRecord& record) {
  if (record.job.state == JobState::kSucceeded) return tables.domains().remove(record.domainId);
  if (record.job.state == JobState::kFailed) return Ok{};
  return tables.domains().setState(record.domainId, DomainState::kActive);
}

// An account that is called neither one nor the other has failed; both names stay its own.
Result<Ok> settleRename(Tables& tables, const JobRecord& record) {
  const std::string& id = record.job.accountId;
  if (record.job.state == JobState::kFailed)
    return tables.accounts().setState(id, AccountState::kFailed);
  return tables.accounts().endRename(id, record.job.state == JobState::kSucceeded
                                             ? Accounts::Rename::kDone
                                             : Accounts::Rename::kDropped);
}

// While the job runs, a pending domain keeps each new name. After an undo that failed they stay,
// for something may still be served under them; who has cleaned up removes them.
Result<Ok> settleDomainRename(Tables& tables, const JobRecord& record) {
  if (record.job.state == JobState::kFailed) return Ok{};
  TRY_ASSIGN(const auto domains, tables.domains().ofAccount(record.job.accountId));
  for (const auto& domain : domains) {
    const std::string name = renamedDomain(domain.name, record.details);
    if (name == domain.name || domain.state == DomainState::kPending) continue;
    TRY_ASSIGN(const Domain kept, tables.domains().find(name));
    if (kept.state != DomainState::kPending || kept.accountId != domain.accountId)
      return Error{Code::kInternal, "the new name was not kept", ""};
    TRY(tables.domains().remove(kept.id));
    if (record.job.state == JobState::kSucceeded) TRY(tables.domains().rename(domain.id, name));
  }
  return Ok{};
}

}  // namespace bulkhead::api
