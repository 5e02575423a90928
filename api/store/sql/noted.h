// The repositories as a transaction has them: what they change, they note in its journal. The SQL
// of a change stays with the repository below; a change that is not here has no event.
#pragma once
#include "api/store/sql/journal.h"
#include "api/store/sql/repositories.h"

namespace bulkhead::api::sql {

class NotedResellers final : public SqlResellers {
 public:
  NotedResellers(Connection& connection, Journal& journal)
      : SqlResellers(connection), connection_(connection), journal_(journal) {}
  Result<Ok> add(Reseller& reseller) override;
  Result<Ok> change(const Reseller& reseller) override;
  Result<Ok> remove(const std::string& id) override;
  Result<Ok> reassign(const Owner& from, const Owner& to) override;

 private:
  Connection& connection_;
  Journal& journal_;
};

class NotedPlans final : public SqlPlans {
 public:
  NotedPlans(Connection& connection, Journal& journal) : SqlPlans(connection), journal_(journal) {}
  Result<Ok> add(const Plan& plan) override;
  Result<Ok> change(const Plan& plan) override;
  Result<Ok> remove(const std::string& id) override;

 private:
  Journal& journal_;
};

class NotedAccounts final : public SqlAccounts {
 public:
  NotedAccounts(Connection& connection, Journal& journal)
      : SqlAccounts(connection), journal_(journal) {}
  Result<Ok> add(const Account& account) override;
  Result<Ok> setState(const std::string& id, AccountState state) override;
  Result<Ok> setUid(const std::string& id, std::uint32_t uid) override;
  Result<Ok> beginDelete(const std::string& id) override;
  Result<Ok> endDelete(const std::string& id,
                       std::int64_t deletedAt,
                       std::int64_t restoreUntil) override;
  Result<Ok> restore(const std::string& id) override;
  Result<Ok> change(const Account& account) override;
  Result<Ok> endRename(const std::string& id, Rename how) override;
  Result<Ok> remove(const std::string& id) override;

 private:
  Result<Ok> note(const std::string& id, const char* what);
  Journal& journal_;
};

class NotedDomains final : public SqlDomains {
 public:
  NotedDomains(Connection& connection, Journal& journal)
      : SqlDomains(connection), journal_(journal) {}
  Result<Ok> add(const Domain& domain) override;
  Result<Ok> setState(const std::string& id, DomainState state) override;
  Result<Ok> setPhp(const std::string& id, const std::optional<std::string>& php) override;
  Result<Ok> rename(const std::string& id, const std::string& name) override;
  Result<Ok> makePrimary(const std::string& id) override;
  Result<Ok> remove(const std::string& id) override;

 private:
  Result<Ok> note(const std::string& id, const char* what);
  Journal& journal_;
};

class NotedDatabaseUsers final : public SqlDatabaseUsers {
 public:
  NotedDatabaseUsers(Connection& connection, Journal& journal)
      : SqlDatabaseUsers(connection), journal_(journal) {}
  Result<Ok> add(const DatabaseUser& user) override;
  Result<Ok> remove(const std::string& name) override;

 private:
  Journal& journal_;
};

class NotedJobs final : public SqlJobs {
 public:
  NotedJobs(Connection& connection, Journal& journal)
      : SqlJobs(connection), connection_(connection), journal_(journal) {}
  Result<Ok> add(const JobRecord& record) override;
  Result<Ok> saveState(const Job& job) override;
  Result<Ok> saveStep(const JobRecord& record, std::size_t position) override;

 private:
  Connection& connection_;
  Journal& journal_;
};

}  // namespace bulkhead::api::sql
