#include "api/store/sqlite/sqlite_store.h"

#include "api/store/sqlite/directory.h"
#include "api/store/sqlite/repositories.h"

namespace bulkhead::api::sqlite {
namespace {

class SqliteTables final : public Tables {
 public:
  explicit SqliteTables(Connection& connection)
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
  SqliteResellers resellers_;
  SqlitePlans plans_;
  SqliteAccounts accounts_;
  SqliteDomains domains_;
  SqliteDatabaseUsers databaseUsers_;
  SqliteJobs jobs_;
  SqliteRequestKeys requestKeys_;
  SqliteDirectory directory_;
};

}  // namespace

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const std::string& path) {
  TRY_ASSIGN(auto database, Database::open(path, storeMigrations()));
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): the constructor is private
  return std::unique_ptr<SqliteStore>(new SqliteStore(std::move(database)));
}

Result<Ok> SqliteStore::writeTransaction(const std::function<Result<Ok>(Tables&)>& work) {
  return database_->write([&](Connection& connection) {
    SqliteTables tables(connection);
    return work(tables);
  });
}

Result<Ok> SqliteStore::readTransaction(const std::function<Result<Ok>(const Tables&)>& work) {
  return database_->read([&](Connection& connection) {
    const SqliteTables tables(connection);
    return work(tables);
  });
}

void bindOptional(Statement& statement, int parameter, const std::optional<std::string>& value) {
  if (value.has_value())
    statement.bind(parameter, *value);
  else
    statement.bind(parameter, nullptr);
}

void bindReference(Statement& statement, int parameter, const std::string& id) {
  if (id.empty())
    statement.bind(parameter, nullptr);
  else
    statement.bind(parameter, id);
}

std::optional<std::string> optionalText(const Statement& row, int column) {
  if (row.isNull(column)) return std::nullopt;
  return row.text(column);
}

Result<Ok> expectOneRow(const Result<std::int64_t>& changed, const char* what) {
  if (!changed.ok()) return changed.error();
  if (*changed == 0) return Error{Code::kNotFound, what, ""};
  return Ok{};
}

}  // namespace bulkhead::api::sqlite
