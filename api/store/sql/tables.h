// All repositories of one transaction.
#pragma once
#include "api/store/sql/directory.h"
#include "api/store/sql/noted.h"
#include "api/store/sql/repositories.h"
#include "api/store/store.h"

namespace bulkhead::api::sql {

class SqlTables final : public Tables {
 public:
  explicit SqlTables(Connection& connection)
      : journal_(connection),
        resellers_(connection, journal_),
        plans_(connection, journal_),
        accounts_(connection, journal_),
        domains_(connection, journal_),
        databaseUsers_(connection, journal_),
        jobs_(connection, journal_),
        requestKeys_(connection),
        events_(connection),
        directory_(connection) {}
  Resellers& resellers() override { return resellers_; }
  DatabaseUsers& databaseUsers() override { return databaseUsers_; }
  Plans& plans() override { return plans_; }
  Accounts& accounts() override { return accounts_; }
  Domains& domains() override { return domains_; }
  Jobs& jobs() override { return jobs_; }
  RequestKeys& requestKeys() override { return requestKeys_; }
  Events& events() override { return events_; }
  const Resellers& resellers() const override { return resellers_; }
  const DatabaseUsers& databaseUsers() const override { return databaseUsers_; }
  const Plans& plans() const override { return plans_; }
  const Accounts& accounts() const override { return accounts_; }
  const Domains& domains() const override { return domains_; }
  const Jobs& jobs() const override { return jobs_; }
  const RequestKeys& requestKeys() const override { return requestKeys_; }
  const Events& events() const override { return events_; }
  const Directory& directory() const override { return directory_; }
  void because(const std::string& requestId) override { journal_.because(requestId); }
  Result<Ok> finish(std::int64_t now) override { return journal_.write(events_, now); }

 private:
  Journal journal_;
  NotedResellers resellers_;
  NotedPlans plans_;
  NotedAccounts accounts_;
  NotedDomains domains_;
  NotedDatabaseUsers databaseUsers_;
  NotedJobs jobs_;
  SqlRequestKeys requestKeys_;
  SqlEvents events_;
  SqlDirectory directory_;
};

}  // namespace bulkhead::api::sql
