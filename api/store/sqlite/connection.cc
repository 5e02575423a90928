// Connection and its prepared statements: the only calls into SQLite's C API. What the library says
// becomes a Code and words of our own here.
#include <cerrno>
#include <climits>

#include "api/store/sqlite/database.h"

#include <sqlite3.h>

namespace bulkhead::api::sqlite {
namespace {

// Another process (a backup, the migration tool) may hold the write lock this long before callers
// hear "busy".
constexpr int kBusyMs = 5000;
// No value of ours comes near it; bounds what a damaged file can make us allocate.
constexpr int kValueBytesMax = 8 << 20;
constexpr const char* kPragmas =
    "PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY; PRAGMA "
    "cache_size=-2000;"
    "PRAGMA cell_size_check=ON;";
// FULL: a commit is on the disk before its caller goes on, so a power cut forgets nothing that was
// acknowledged.
constexpr const char* kWriterPragmas =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA journal_size_limit=8388608;";

class SqlitePrepared final : public sql::Prepared {
 public:
  SqlitePrepared(const Connection& connection, sqlite3* handle, sqlite3_stmt* statement)
      : connection_(connection), handle_(handle), statement_(statement) {}
  ~SqlitePrepared() override { sqlite3_finalize(statement_); }

  void bindInteger(int parameter, std::int64_t value) override {
    if (failure_ == SQLITE_OK) check(sqlite3_bind_int64(statement_, parameter, value));
  }
  void bindText(int parameter, std::string_view value) override {
    if (failure_ == SQLITE_OK)
      check(sqlite3_bind_text64(statement_, parameter, value.data() == nullptr ? "" : value.data(),
                                value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
  }
  void bindBlob(int parameter, std::string_view value) override {
    if (failure_ == SQLITE_OK)
      check(sqlite3_bind_blob64(statement_, parameter, value.data() == nullptr ? "" : value.data(),
                                value.size(), SQLITE_TRANSIENT));
  }
  void bindNull(int parameter) override {
    if (failure_ == SQLITE_OK) check(sqlite3_bind_null(statement_, parameter));
  }
  Result<bool> step() override {
    if (failure_ != SQLITE_OK) return connection_.failure(failure_);
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    failure_ = code;
    return connection_.failure(code);
  }
  std::int64_t changed() const override { return sqlite3_changes64(handle_); }
  void reset() override {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
    failure_ = SQLITE_OK;
  }
  std::int64_t integer(int column) const override {
    return sqlite3_column_int64(statement_, column);
  }
  std::string_view view(int column) const override {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
    const int size = sqlite3_column_bytes(statement_, column);
    return bytes == nullptr ? std::string_view()
                            : std::string_view(bytes, static_cast<std::size_t>(size));
  }
  bool isNull(int column) const override {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
  }

 private:
  void check(int code) {
    if (code != SQLITE_OK && failure_ == SQLITE_OK) failure_ = code;
  }

  const Connection& connection_;
  sqlite3* handle_;
  sqlite3_stmt* statement_;
  int failure_ = SQLITE_OK;  // the first code that went wrong
};

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, Access access) {
  // Nobody reads the library's count of its memory, which costs a lock of all threads each time it
  // takes or gives some. Once, before the first connection; a refusal would only leave it on.
  static const int countless = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  (void)countless;
  std::unique_ptr<Connection> connection(new Connection);  // NOLINT: the constructor is private
  const int mode = access == Access::kReadWrite ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
  const int code = sqlite3_open_v2(path.c_str(), &connection->handle_,
                                   mode | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW, nullptr);
  if (code != SQLITE_OK) return connection->failure(code);
  TRY(connection->configure(access));
  return connection;
}

Result<Ok> Connection::configure(Access access) {
  sqlite3_extended_result_codes(handle_, 1);
  sqlite3_busy_timeout(handle_, kBusyMs);
  sqlite3_limit(handle_, SQLITE_LIMIT_LENGTH, kValueBytesMax);
  sqlite3_limit(handle_, SQLITE_LIMIT_ATTACHED, 0);
  // DQS off: a misspelt column in double quotes is an error, not a string. The rest distrusts the
  // file's own schema.
  for (const auto& [option, value] :
       {std::pair{SQLITE_DBCONFIG_DEFENSIVE, 1}, std::pair{SQLITE_DBCONFIG_DQS_DML, 0},
        std::pair{SQLITE_DBCONFIG_DQS_DDL, 0}, std::pair{SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        std::pair{SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0}}) {
    const int code = sqlite3_db_config(handle_, option, value, nullptr);
    if (code != SQLITE_OK) return failure(code);
  }
  TRY(script(kPragmas));
  if (access == Access::kReadWrite) TRY(script(kWriterPragmas));
  return Ok{};
}

Connection::~Connection() {
  forgetPrepared();
  sqlite3_close(handle_);
}

Result<Ok> Connection::script(const std::string& sql) {
  const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return failure(code);
  return Ok{};
}

bool Connection::inTransaction() const { return sqlite3_get_autocommit(handle_) == 0; }

Error Connection::failure(int code) const {
  if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY)
    return {Code::kAlreadyExists, "already exists", ""};
  if (code == SQLITE_CONSTRAINT_FOREIGNKEY) return {Code::kConflict, "still in use, or gone", ""};
  switch (code & 0xff) {
    case SQLITE_FULL:
      return {Code::kUnavailable, "storage is full", ""};
    case SQLITE_IOERR:
      // The shared index of the log reports a full disk as an I/O error.
      if (sqlite3_system_errno(handle_) == ENOSPC || code == SQLITE_IOERR_SHMSIZE)
        return {Code::kUnavailable, "storage is full", ""};
      return {Code::kUnavailable, "storage does not answer", ""};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {Code::kBusy, "the store is busy", ""};
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
      if (handle_ != nullptr && sqlite3_system_errno(handle_) == ENOSPC)
        return {Code::kUnavailable, "storage is full", ""};
      return {Code::kUnavailable, "the store cannot be opened", ""};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {Code::kInternal, "the store is damaged", ""};
    default:
      return {Code::kInternal, "store error " + std::to_string(code), ""};
  }
}

Result<std::unique_ptr<sql::Prepared>> Connection::compile(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return failure(code);
  return std::unique_ptr<sql::Prepared>(
      std::make_unique<SqlitePrepared>(*this, handle_, statement));
}

}  // namespace bulkhead::api::sqlite
