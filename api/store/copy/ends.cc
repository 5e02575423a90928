// The two kinds of database that can be copied from and to.
#include <unistd.h>

#include "api/store/copy/copy.h"
#include "api/store/mariadb/mariadb_store.h"
#include "api/store/sqlite/sqlite_store.h"

namespace bulkhead::api {
namespace {

Error notToday() {
  return {Code::kUnsupported,
          "the store is of another version: start and end the server of this version on it first",
          ""};
}

class SqliteSource final : public StoreEnd {
 public:
  explicit SqliteSource(std::unique_ptr<sqlite::Connection> connection)
      : connection_(std::move(connection)) {}
  Result<Ok> read(const Work& work) override {
    TRY(connection_->script("BEGIN DEFERRED"));
    auto done = work(*connection_);
    (void)connection_->script("ROLLBACK");  // ignoring: nothing was written
    return done;
  }
  Result<Ok> write(const Work&) override {
    return Error{Code::kInternal, "a source is never written", ""};
  }

 private:
  std::unique_ptr<sqlite::Connection> connection_;
};

class SqliteTarget final : public StoreEnd {
 public:
  explicit SqliteTarget(std::unique_ptr<sqlite::Database> database)
      : database_(std::move(database)) {}
  Result<Ok> read(const Work& work) override {
    return database_->read([&](sqlite::Connection& c) { return work(c); });
  }
  Result<Ok> write(const Work& work) override {
    return database_->write([&](sqlite::Connection& c) { return work(c); });
  }

 private:
  std::unique_ptr<sqlite::Database> database_;
};

class MariadbEnd final : public StoreEnd {
 public:
  explicit MariadbEnd(std::unique_ptr<mariadb::Connection> connection)
      : connection_(std::move(connection)) {}
  Result<Ok> read(const Work& work) override {
    TRY(connection_->command("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"));
    auto done = work(*connection_);
    (void)connection_->command("ROLLBACK");  // ignoring: nothing was written
    return done;
  }
  // What is not committed is taken back by the server, at the latest when the connection ends.
  Result<Ok> write(const Work& work) override {
    TRY(connection_->command("START TRANSACTION"));
    auto done = [&]() -> Result<Ok> {
      TRY(connection_->run("UPDATE turns SET token='copy' WHERE id=1"));
      TRY(work(*connection_));
      return connection_->command("COMMIT");
    }();
    if (!done.ok()) (void)connection_->command("ROLLBACK");  // ignoring: see above
    return done;
  }

 private:
  std::unique_ptr<mariadb::Connection> connection_;
};

Result<Ok> expectVersion(sql::Connection& connection, const char* question, std::size_t today) {
  auto version = connection.prepare(question);
  const auto row = version.step();
  if (!row.ok() && row.error().code != Code::kInternal) return row.error();
  if (!row.ok() || !*row || version.number<std::size_t>(0) != today) return notToday();
  return Ok{};
}

}  // namespace

Result<std::unique_ptr<StoreEnd>> sourceAt(const std::string& sqlitePath) {
  if (::access(sqlitePath.c_str(), F_OK) != 0)
    return Error{Code::kNotFound, "there is no store at " + sqlitePath, ""};
  TRY_ASSIGN(auto connection,
             sqlite::Connection::open(sqlitePath, sqlite::Connection::Access::kReadOnly));
  TRY(expectVersion(*connection, "PRAGMA user_version", sqlite::storeMigrations().size()));
  return std::unique_ptr<StoreEnd>(std::make_unique<SqliteSource>(std::move(connection)));
}

Result<std::unique_ptr<StoreEnd>> sourceAt(const mariadb::Access& access) {
  TRY_ASSIGN(auto connection,
             mariadb::Connection::open(access, mariadb::Connection::Use::kMigrating));
  TRY(expectVersion(*connection, "SELECT applied FROM versions WHERE id=1",
                    mariadb::storeMigrations().size()));
  return std::unique_ptr<StoreEnd>(std::make_unique<MariadbEnd>(std::move(connection)));
}

Result<std::unique_ptr<StoreEnd>> targetAt(const std::string& sqlitePath) {
  TRY_ASSIGN(auto database, sqlite::Database::open(sqlitePath, sqlite::storeMigrations()));
  return std::unique_ptr<StoreEnd>(std::make_unique<SqliteTarget>(std::move(database)));
}

Result<std::unique_ptr<StoreEnd>> targetAt(const mariadb::Access& access) {
  TRY_ASSIGN(auto connection,
             mariadb::Connection::open(access, mariadb::Connection::Use::kMigrating));
  TRY(mariadb::migrate(*connection, mariadb::storeMigrations()));
  return std::unique_ptr<StoreEnd>(std::make_unique<MariadbEnd>(std::move(connection)));
}

}  // namespace bulkhead::api
