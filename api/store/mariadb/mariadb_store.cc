#include "api/store/mariadb/mariadb_store.h"

#include "api/store/sql/tables.h"

namespace bulkhead::api::mariadb {

Result<std::unique_ptr<MariadbStore>> MariadbStore::open(const Access& access) {
  TRY_ASSIGN(auto database, Database::open(access, storeMigrations()));
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): the constructor is private
  return std::unique_ptr<MariadbStore>(new MariadbStore(std::move(database)));
}

Result<Ok> MariadbStore::writeTransaction(const std::function<Result<Ok>(Tables&)>& work) {
  return database_->write([&](sql::Connection& connection) {
    sql::SqlTables tables(connection);
    return work(tables);
  });
}

Result<Ok> MariadbStore::readTransaction(const std::function<Result<Ok>(const Tables&)>& work) {
  return database_->read([&](sql::Connection& connection) {
    const sql::SqlTables tables(connection);
    return work(tables);
  });
}

}  // namespace bulkhead::api::mariadb
