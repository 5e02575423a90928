// Database: SQLite behind RAII, Result and one way to write. Writers take turns behind a mutex and
// always start with BEGIN IMMEDIATE; readers have connections of their own and see one snapshot. No
// message ever carries SQL or a value.
#pragma once
#include <atomic>
#include <concepts>
#include <condition_variable>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "common/core/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace bulkhead::api::sqlite {

class Connection;

struct Blob {  // binds as BLOB instead of TEXT; the bytes must live until step()
  std::string_view bytes;
};

// One prepared statement with its values. Errors of prepare and bind stick and come out of step().
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  // Parameters count from 1. Text is copied.
  void bind(int parameter, std::int64_t value);
  void bind(int parameter, std::string_view value);
  void bind(int parameter, Blob value);
  void bind(int parameter, std::nullptr_t);
  void bind(int parameter, const std::string& value) { bind(parameter, std::string_view(value)); }
  void bind(int parameter, const char* value) { bind(parameter, std::string_view(value)); }
  template <std::same_as<bool> T>
  void bind(int parameter, T value) {
    bind(parameter, std::int64_t{value});
  }
  // Any other integer. One that SQLite cannot hold (2^63 and above) is a fault of the
  // caller: kInternal from step().
  template <std::integral T>
  requires(!std::same_as<T, std::int64_t> && !std::same_as<T, bool>) void bind(int parameter,
                                                                               T value) {
    if (std::cmp_greater(value, std::numeric_limits<std::int64_t>::max())) return refuseValue();
    bind(parameter, static_cast<std::int64_t>(value));
  }

  Result<bool> step();         // true = there is a row
  Result<std::int64_t> run();  // to the end; answers how many rows it changed
  void reset();                // ready for new values

  // Columns count from 0; valid after step() answered true.
  std::int64_t integer(int column) const;
  template <std::integral T>
  T number(int column) const {
    return static_cast<T>(integer(column));
  }
  std::string text(int column) const;  // bytes of TEXT or BLOB, with embedded NULs; "" for NULL
  std::string_view view(int column) const;  // the same, until the next step()
  bool isNull(int column) const;

 private:
  friend class Connection;
  using Prepared = std::map<std::string, sqlite3_stmt*, std::less<>>;
  Statement(Connection* connection, std::string_view sql);
  void check(int code);
  void refuseValue();

  Connection* connection_;
  Prepared::node_type prepared_;  // out of the connection's store, so that nobody else has it
  sqlite3_stmt* statement_ = nullptr;
  int failure_ = 0;  // first SQLite code that went wrong
};

// One connection, used by one thread at a time. Keeps its prepared statements.
class Connection {
 public:
  enum class Access { kReadWrite, kReadOnly };
  static Result<std::unique_ptr<Connection>> open(const std::string& path, Access access);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  template <typename... Values>
  Statement prepare(std::string_view sql, const Values&... values) {
    Statement statement(this, sql);
    int parameter = 0;
    (statement.bind(++parameter, values), ...);
    return statement;
  }
  // Prepares, binds, runs to the end: how many rows changed.
  template <typename... Values>
  Result<std::int64_t> run(std::string_view sql, const Values&... values) {
    return prepare(sql, values...).run();
  }
  Result<Ok> script(const std::string& sql);  // several statements, no values: migrations

  bool inTransaction() const;

 private:
  friend class Statement;
  Connection() = default;
  Result<Ok> configure(Access access);
  Error failure(int code) const;

  sqlite3* handle_ = nullptr;
  Statement::Prepared idle_;  // prepared, reset, ready for use
};

// The steps from an empty file to today's schema; a released one is never edited. The file's
// user_version counts those applied.
using Migrations = std::span<const char* const>;

class Database {
 public:
  // Creates the file with mode 0600 when absent, applies what is missing of `migrations`, each in a
  // transaction of its own. kUnsupported when the file was written by a newer version.
  static Result<std::unique_ptr<Database>> open(const std::string& path, Migrations migrations);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  // Work: (Connection&) -> Result<T>. Commits (durable when this returns) if it answers a value,
  // rolls back if it answers an error or throws. Do not nest: the writer is one.
  template <typename Work>
  std::invoke_result_t<Work, Connection&> write(Work work) {
    const std::lock_guard lock(writerMutex_);
    Transaction transaction(*writer_);
    TRY(transaction.begin("BEGIN IMMEDIATE"));
    auto result = work(*writer_);
    if (result.ok()) {
      TRY(transaction.commit());
      changes_.fetch_add(1);
    }
    return result;
  }
  // Counts commits. Equal before and after: nothing was committed in between.
  std::uint64_t changes() const { return changes_.load(); }
  // For work of one statement, which is a snapshot by itself and needs no transaction around it.
  template <typename Work>
  std::invoke_result_t<Work, Connection&> lookUp(Work work) {
    TRY_ASSIGN(Reader reader, borrowReader());
    return work(*reader.connection);
  }
  // Work sees one snapshot however many statements it runs.
  template <typename Work>
  std::invoke_result_t<Work, Connection&> read(Work work) {
    TRY_ASSIGN(Reader reader, borrowReader());
    Transaction transaction(*reader.connection);
    TRY(transaction.begin("BEGIN DEFERRED"));
    return work(*reader.connection);
  }

 private:
  class Transaction {
   public:
    explicit Transaction(Connection& connection) : connection_(connection) {}
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    ~Transaction();  // rolls back what was not committed
    Result<Ok> begin(const char* how);
    Result<Ok> commit();

   private:
    Connection& connection_;
  };
  struct Reader {  // goes back to the pool when it dies
    Database* pool = nullptr;
    std::unique_ptr<Connection> connection;
    Reader(Database* owner, std::unique_ptr<Connection> borrowed)
        : pool(owner), connection(std::move(borrowed)) {}
    Reader(Reader&&) = default;
    Reader& operator=(Reader&&) = delete;
    ~Reader();
  };

  explicit Database(std::string path) : path_(std::move(path)) {}
  Result<Ok> migrate(Migrations migrations);
  Result<Reader> borrowReader();

  std::string path_;
  std::atomic<std::uint64_t> changes_{0};
  std::mutex writerMutex_;
  std::unique_ptr<Connection> writer_;
  std::mutex readersMutex_;
  std::condition_variable readerFree_;
  std::vector<std::unique_ptr<Connection>> idleReaders_;
  std::size_t readersOpen_ = 0;
};

}  // namespace bulkhead::api::sqlite
