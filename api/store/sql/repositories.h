// The repositories on one connection, whichever database is below; they live as long as one
// transaction. Their SQL is what SQLite and MariaDB both understand alike.
#pragma once
#include <string_view>

#include "api/store/sql/connection.h"
#include "api/store/sql/rows.h"
#include "api/store/store.h"

namespace bulkhead::api::sql {

class SqlResellers : public Resellers {
 public:
  explicit SqlResellers(Connection& connection) : connection_(connection) {}
  Result<Ok> add(Reseller& reseller) override;
  Result<Ok> change(const Reseller& reseller) override;
  Result<Ok> remove(const std::string& id) override;
  Result<Reseller> find(std::string_view idOrName) const override;
  Result<Page<Reseller>> list(const PageQuery& query) const override;
  Result<Belongings> belongings(const Owner& owner) const override;
  Result<Ok> reassign(const Owner& from, const Owner& to) override;

 private:
  Result<Ok> told(const Result<std::int64_t>& written, const Reseller& reseller) const;
  Result<std::uint32_t> countOwned(const char* table, const Owner& owner) const;
  Connection& connection_;
};

class SqlPlans : public Plans {
 public:
  explicit SqlPlans(Connection& connection) : connection_(connection) {}
  Result<Ok> add(const Plan& plan) override;
  Result<Ok> change(const Plan& plan) override;
  Result<Ok> remove(const std::string& id) override;
  Result<Plan> find(std::string_view idOrName) const override;
  Result<Page<Plan>> list(const PageQuery& query) const override;

 private:
  Connection& connection_;
};

class SqlAccounts : public Accounts {
 public:
  explicit SqlAccounts(Connection& connection) : connection_(connection) {}
  Result<Ok> add(const Account& account) override;
  Result<Ok> setState(const std::string& id, AccountState state) override;
  Result<Ok> setUid(const std::string& id, std::uint32_t uid) override;
  Result<Ok> beginDelete(const std::string& id) override;
  Result<Ok> endDelete(const std::string& id,
                       std::int64_t deletedAt,
                       std::int64_t restoreUntil) override;
  Result<Ok> restore(const std::string& id) override;
  Result<std::vector<Account>> expired(std::int64_t now, std::uint32_t atMost) const override;
  Result<Ok> change(const Account& account) override;
  Result<Ok> beginRename(const std::string& id, const std::string& newName) override;
  Result<Ok> endRename(const std::string& id, Rename how) override;
  Result<Ok> remove(const std::string& id) override;
  Result<Account> find(std::string_view idOrUsername) const override;
  Result<Page<Account>> list(const PageQuery& query,
                             std::optional<AccountState> state) const override;
  Result<std::vector<Account>> ofPlan(const std::string& planId) const override;
  Result<std::uint16_t> freePreviewPort() const override;

 private:
  Result<Ok> refuseTakenName(const std::string& name) const;
  Connection& connection_;
};

class SqlDomains : public Domains {
 public:
  explicit SqlDomains(Connection& connection) : connection_(connection) {}
  Result<Ok> add(const Domain& domain) override;
  Result<Ok> setState(const std::string& id, DomainState state) override;
  Result<Ok> setPhp(const std::string& id, const std::optional<std::string>& php) override;
  Result<Ok> rename(const std::string& id, const std::string& name) override;
  Result<Ok> makePrimary(const std::string& id) override;
  Result<Ok> remove(const std::string& id) override;
  Result<Domain> find(std::string_view idOrName) const override;
  Result<Page<Domain>> list(const std::string& accountId, const PageQuery& query) const override;
  Result<std::vector<Domain>> ofAccount(const std::string& accountId) const override;
  Result<std::uint32_t> countOf(const std::string& accountId) const override;
  Result<std::uint32_t> countSitesOf(const std::string& accountId) const override;

 private:
  Result<Ok> refuseNeighbours(const std::string& name, const std::string& accountId) const;
  Connection& connection_;
};

class SqlDatabaseUsers : public DatabaseUsers {
 public:
  explicit SqlDatabaseUsers(Connection& connection) : connection_(connection) {}
  Result<Ok> add(const DatabaseUser& user) override;
  Result<Ok> remove(const std::string& name) override;
  Result<DatabaseUser> find(std::string_view name) const override;
  Result<Page<DatabaseUser>> list(const std::string& accountId,
                                  const PageQuery& query) const override;
  Result<std::vector<std::string>> namesOf(const std::string& accountId) const override;

 private:
  Connection& connection_;
};

class SqlJobs : public Jobs {
 public:
  explicit SqlJobs(Connection& connection) : connection_(connection) {}
  Result<Ok> add(const JobRecord& record) override;
  Result<Ok> saveState(const Job& job) override;
  Result<Ok> saveStep(const JobRecord& record, std::size_t position) override;
  Result<std::optional<Job>> endPart(const std::string& parentId,
                                     PartEnd how,
                                     std::int64_t nowMicros) override;
  Result<Ok> forgetEnded(std::int64_t before, std::uint32_t atMost) override;
  Result<JobRecord> find(std::string_view id) const override;
  Result<Page<Job>> list(const PageQuery& query, const std::string& parentId) const override;
  Result<std::vector<JobTicket>> unfinished() const override;
  Result<std::vector<JobTicket>> unfinishedOf(const std::string& accountId) const override;

 private:
  Result<Ok> readSteps(JobRecord& record) const;
  Connection& connection_;
};

class SqlRequestKeys final : public RequestKeys {
 public:
  explicit SqlRequestKeys(Connection& connection) : connection_(connection) {}
  Result<Ok> add(const RequestKey& key, std::uint32_t keptMax) override;
  Result<Ok> mark(const std::string& id, KeyState state, std::string_view reference) override;
  Result<Ok> end(const std::string& id, KeyState state, const KeptReply& reply) override;
  Result<Ok> remove(const std::string& id) override;
  Result<Ok> forget(std::int64_t before, std::uint32_t atMost) override;
  Result<std::optional<RequestKey>> find(const std::string& id) const override;
  Result<std::uint32_t> countOf(const std::string& caller) const override;

 private:
  Connection& connection_;
};

class SqlEvents final : public Events {
 public:
  explicit SqlEvents(Connection& connection) : connection_(connection) {}
  Result<Ok> add(std::vector<Event>& events, std::int64_t now) override;
  Result<Ok> forget(std::int64_t kept) override;
  Result<Page<Event>> list(const EventFilter& filter, const PageQuery& query) const override;
  Result<std::vector<Event>> after(const EventFilter& filter,
                                   std::int64_t after,
                                   std::uint32_t atMost) const override;
  Result<EventSpan> span() const override;

 private:
  Connection& connection_;
};

}  // namespace bulkhead::api::sql
