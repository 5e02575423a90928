// Database: SQLite behind RAII, Result and one way to write. Writers take turns behind a mutex and
// always start with BEGIN IMMEDIATE; readers have connections of their own and see one snapshot. No
// message ever carries SQL or a value.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "api/store/sql/connection.h"
#include "common/core/result.h"

struct sqlite3;

namespace bulkhead::api::sqlite {

using sql::Blob;
using sql::Statement;

class Connection final : public sql::Connection {
 public:
  enum class Access { kReadWrite, kReadOnly };
  static Result<std::unique_ptr<Connection>> open(const std::string& path, Access access);
  ~Connection() override;

  Result<Ok> script(const std::string& sql);  // several statements, no values: migrations

  bool inTransaction() const;
  // What a code of the library means.
  Error failure(int code) const;

 private:
  Connection() = default;
  Result<std::unique_ptr<sql::Prepared>> compile(std::string_view sql) override;
  Result<Ok> configure(Access access);

  sqlite3* handle_ = nullptr;
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
