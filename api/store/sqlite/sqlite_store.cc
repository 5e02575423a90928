#include "api/store/sqlite/sqlite_store.h"

#include "api/store/sql/tables.h"

namespace bulkhead::api::sqlite {

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const std::string& path) {
  TRY_ASSIGN(auto database, Database::open(path, storeMigrations()));
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): the constructor is private
  return std::unique_ptr<SqliteStore>(new SqliteStore(std::move(database)));
}

Result<Ok> SqliteStore::writeTransaction(const std::function<Result<Ok>(Tables&)>& work) {
  return database_->write([&](Connection& connection) {
    sql::SqlTables tables(connection);
    return work(tables);
  });
}

Result<Ok> SqliteStore::readTransaction(const std::function<Result<Ok>(const Tables&)>& work) {
  return database_->read([&](Connection& connection) {
    const sql::SqlTables tables(connection);
    return work(tables);
  });
}

}  // namespace bulkhead::api::sqlite
