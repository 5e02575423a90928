// The repositories on one SQLite connection; they live as long as one transaction.
#pragma once
#include <string_view>

#include "api/store/sqlite/database.h"
#include "api/store/store.h"

namespace bulkhead::api::sqlite {

class SqliteResellers final : public Resellers {
 public:
  explicit SqliteResellers(Connection& connection) : connection_(connection) {}
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

class SqlitePlans final : public Plans {
 public:
  explicit SqlitePlans(Connection& connection) : connection_(connection) {}
  Result<Ok> add(const Plan& plan) override;
  Result<Ok> change(const Plan& plan) override;
  Result<Ok> remove(const std::string& id) override;
  Result<Plan> find(std::string_view idOrName) const override;
  Result<Page<Plan>> list(const PageQuery& query) const override;

 private:
  Connection& connection_;
};

class SqliteAccounts final : public Accounts {
 public:
  explicit SqliteAccounts(Connection& connection) : connection_(connection) {}
  Result<Ok> add(const Account& account) override;
  Result<Ok> setState(const std::string& id, AccountState state) override;
  Result<Ok> setUid(const std::string& id, std::uint32_t uid) override;
  Result<Ok> change(const Account& account) override;
  Result<Ok> beginRename(const std::string& id, const std::string& newName) override;
  Result<Ok> endRename(const std::string& id, Rename how) override;
  Result<Ok> remove(const std::string& id) override;
  Result<Account> find(std::string_view idOrUsername) const override;
  Result<Page<Account>> list(const PageQuery& query) const override;
  Result<std::vector<Account>> ofPlan(const std::string& planId) const override;
  Result<std::uint16_t> freePreviewPort() const override;

 private:
  Result<Ok> refuseTakenName(const std::string& name) const;
  Connection& connection_;
};

class SqliteDomains final : public Domains {
 public:
  explicit SqliteDomains(Connection& connection) : connection_(connection) {}
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

 private:
  Result<Ok> refuseNeighbours(const std::string& name, const std::string& accountId) const;
  Connection& connection_;
};

class SqliteDatabaseUsers final : public DatabaseUsers {
 public:
  explicit SqliteDatabaseUsers(Connection& connection) : connection_(connection) {}
  Result<Ok> add(const DatabaseUser& user) override;
  Result<Ok> remove(const std::string& name) override;
  Result<DatabaseUser> find(std::string_view name) const override;
  Result<Page<DatabaseUser>> list(const std::string& accountId,
                                  const PageQuery& query) const override;
  Result<std::vector<std::string>> namesOf(const std::string& accountId) const override;

 private:
  Connection& connection_;
};

class SqliteJobs final : public Jobs {
 public:
  explicit SqliteJobs(Connection& connection) : connection_(connection) {}
  Result<Ok> add(const JobRecord& record) override;
  Result<Ok> saveState(const Job& job) override;
  Result<Ok> saveStep(const JobRecord& record, std::size_t position) override;
  Result<Ok> forgetEnded(std::int64_t before, std::uint32_t atMost) override;
  Result<JobRecord> find(std::string_view id) const override;
  Result<Page<Job>> list(const PageQuery& query) const override;
  Result<std::vector<JobTicket>> unfinished() const override;
  Result<std::vector<JobTicket>> unfinishedOf(const std::string& accountId) const override;

 private:
  Result<Ok> readSteps(JobRecord& record) const;
  Connection& connection_;
};

class SqliteRequestKeys final : public RequestKeys {
 public:
  explicit SqliteRequestKeys(Connection& connection) : connection_(connection) {}
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

// ---- shared by all of them

// NULL when absent.
void bindOptional(Statement& statement, int parameter, const std::optional<std::string>& value);
void bindReference(Statement& statement, int parameter, const std::string& id);  // "" = NULL
std::optional<std::string> optionalText(const Statement& row, int column);

// kNotFound with `what` when a change met no row.
Result<Ok> expectOneRow(const Result<std::int64_t>& changed, const char* what);
// Every row of `statement`, read by `readRow`.
template <typename Read>
auto collectRows(Statement& statement, Read readRow)
    -> Result<std::vector<decltype(readRow(statement))>> {
  std::vector<decltype(readRow(statement))> rows;
  while (true) {
    TRY_ASSIGN(const bool more, statement.step());
    if (!more) return rows;
    rows.push_back(readRow(statement));
  }
}
// Exactly one row, or kNotFound with `what`.
template <typename Read>
auto readOne(Statement statement, Read readRow, const char* what)
    -> Result<decltype(readRow(statement))> {
  TRY_ASSIGN(const bool there, statement.step());
  if (!there) return Error{Code::kNotFound, what, ""};
  return readRow(statement);
}

}  // namespace bulkhead::api::sqlite
