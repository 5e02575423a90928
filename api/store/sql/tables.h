// All repositories of one transaction.
#pragma once
#include "api/store/sql/directory.h"
#include "api/store/sql/repositories.h"
#include "api/store/store.h"

namespace bulkhead::api::sql {

class SqlTables final : public Tables {
 public:
  explicit SqlTables(Connection& connection)
      : resellers_(connection),
        plans_(connection),
        accounts_(connection),
        domains_(connection),
        databaseUsers_(connection),
        jobs_(connection),
        requestKeys_(connection),
        directory_(connection) {}
  Resellers& resellers() override { return resellers_; }
  DatabaseUsers& databaseUsers() override { return databaseUsers_; }
  Plans& plans() override { return plans_; }
  Accounts& accounts() override { return accounts_; }
  Domains& domains() override { return domains_; }
  Jobs& jobs() override { return jobs_; }
  RequestKeys& requestKeys() override { return requestKeys_; }
  const Resellers& resellers() const override { return resellers_; }
  const DatabaseUsers& databaseUsers() const override { return databaseUsers_; }
  const Plans& plans() const override { return plans_; }
  const Accounts& accounts() const override { return accounts_; }
  const Domains& domains() const override { return domains_; }
  const Jobs& jobs() const override { return jobs_; }
  const RequestKeys& requestKeys() const override { return requestKeys_; }
  const Directory& directory() const override { return directory_; }

 private:
  SqlResellers resellers_;
  SqlPlans plans_;
  SqlAccounts accounts_;
  SqlDomains domains_;
  SqlDatabaseUsers databaseUsers_;
  SqlJobs jobs_;
  SqlRequestKeys requestKeys_;
  SqlDirectory directory_;
};

}  // namespace bulkhead::api::sql
