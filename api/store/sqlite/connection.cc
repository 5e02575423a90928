// Connection and Statement: the only calls into SQLite's C API. What the library says becomes a
// Code and words of our own here.
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
// Statements kept per connection; the code has fewer, so only a programmer's mistake (SQL built
// from values) reaches it.
constexpr std::size_t kStatementsMax = 200;

constexpr const char* kPragmas =
    "PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY; PRAGMA "
    "cache_size=-2000;"
    "PRAGMA cell_size_check=ON;";
// FULL: a commit is on the disk before its caller goes on, so a power cut forgets nothing that was
// acknowledged.
constexpr const char* kWriterPragmas =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA journal_size_limit=8388608;";

}  // namespace

// ---- Connection

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
  for (const auto& [sql, statement] : idle_)
    sqlite3_finalize(statement);
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

// ---- Statement

Statement::Statement(Connection* connection, std::string_view sql) : connection_(connection) {
  auto& idle = connection_->idle_;
  if (const auto found = idle.find(sql); found != idle.end()) {
    prepared_ = idle.extract(found);
    statement_ = prepared_.mapped();
    return;
  }
  check(sqlite3_prepare_v3(connection_->handle_, sql.data(), static_cast<int>(sql.size()),
                           SQLITE_PREPARE_PERSISTENT, &statement_, nullptr));
  if (statement_ != nullptr) prepared_ = idle.extract(idle.emplace(sql, statement_).first);
}

Statement::Statement(Statement&& other) noexcept
    : connection_(other.connection_),
      prepared_(std::move(other.prepared_)),
      statement_(std::exchange(other.statement_, nullptr)),
      failure_(other.failure_) {}

Statement::~Statement() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  // The same statement may have been prepared twice at once; one copy is kept.
  if (connection_->idle_.size() >= kStatementsMax ||
      !connection_->idle_.insert(std::move(prepared_)).inserted)
    sqlite3_finalize(statement_);
}

void Statement::check(int code) {
  if (code != SQLITE_OK && failure_ == SQLITE_OK) failure_ = code;
}
void Statement::refuseValue() { check(SQLITE_RANGE); }

void Statement::bind(int parameter, std::int64_t value) {
  if (failure_ == SQLITE_OK) check(sqlite3_bind_int64(statement_, parameter, value));
}
void Statement::bind(int parameter, std::string_view value) {
  if (failure_ == SQLITE_OK)
    check(sqlite3_bind_text64(statement_, parameter, value.data() == nullptr ? "" : value.data(),
                              value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}
void Statement::bind(int parameter, Blob value) {
  if (failure_ == SQLITE_OK)
    check(sqlite3_bind_blob64(statement_, parameter,
                              value.bytes.data() == nullptr ? "" : value.bytes.data(),
                              value.bytes.size(), SQLITE_TRANSIENT));
}
void Statement::bind(int parameter, std::nullptr_t) {
  if (failure_ == SQLITE_OK) check(sqlite3_bind_null(statement_, parameter));
}

Result<bool> Statement::step() {
  if (failure_ != SQLITE_OK) return connection_->failure(failure_);
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  failure_ = code;
  return connection_->failure(code);
}

Result<std::int64_t> Statement::run() {
  while (true) {
    TRY_ASSIGN(const bool row, step());
    if (!row) return static_cast<std::int64_t>(sqlite3_changes64(connection_->handle_));
  }
}

void Statement::reset() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  failure_ = SQLITE_OK;
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}
std::string Statement::text(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  const int size = sqlite3_column_bytes(statement_, column);
  return bytes == nullptr ? std::string() : std::string(bytes, static_cast<std::size_t>(size));
}
std::string_view Statement::view(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  const int size = sqlite3_column_bytes(statement_, column);
  return bytes == nullptr ? std::string_view()
                          : std::string_view(bytes, static_cast<std::size_t>(size));
}
bool Statement::isNull(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

}  // namespace bulkhead::api::sqlite
