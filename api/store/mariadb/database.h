// Database: transactions on a MariaDB server. Writers take turns, in this process by a queue and on
// the server by one locked row, as with SQLite's BEGIN IMMEDIATE: what a transaction has read stays
// true until it ends, and no two give way to each other. Readers see one snapshot. Every wait has
// an end.
#pragma once
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "api/store/mariadb/access.h"
#include "api/store/mariadb/connection.h"

namespace bulkhead::api::mariadb {

// One step towards today's tables. The server commits each statement by itself, and the step is
// counted after the last one: every statement must do nothing when it has been run before.
using Step = std::span<const char* const>;
using Migrations = std::span<const Step>;

class Database {
 public:
  using Work = std::function<Result<Ok>(sql::Connection&)>;

  // Applies what is missing of `migrations`, alone. kUnsupported when the tables are of a newer
  // version.
  static Result<std::unique_ptr<Database>> open(const Access& access, Migrations migrations);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Commits if the work answers a value, else takes everything back. An error of kUnavailable
  // leaves everything as it was, but for one case: the server was lost while it committed and did
  // not come back in time to be asked.
  Result<Ok> write(const Work& work);
  Result<Ok> read(const Work& work);
  std::uint64_t changes() const { return changes_.load(); }

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Idle {
    std::unique_ptr<Connection> connection;
    Time since;
    std::uint64_t generation;
  };
  // Connections of one kind; at most `max` at once.
  struct Pool {
    explicit Pool(std::size_t most) : max(most) {}
    const std::size_t max;
    std::mutex mutex;
    std::condition_variable freed;
    std::vector<Idle> idle;
    std::size_t open = 0;
  };
  class Borrowed {  // goes back to its pool, if it is still good
   public:
    Borrowed(Database* database, Pool* pool) : database_(database), pool_(pool) {}
    Borrowed(Borrowed&& other) noexcept;
    Borrowed& operator=(Borrowed&&) = delete;
    ~Borrowed();
    Connection& operator*() { return *connection; }
    Connection* operator->() { return connection.get(); }
    std::unique_ptr<Connection> connection;
    bool gaveWay = false;  // what was tried may be tried again

   private:
    Database* database_;
    Pool* pool_;
  };

  explicit Database(Access access) : access_(std::move(access)) {}
  Result<Borrowed> borrow(Pool& pool);
  Result<Borrowed> begin(Pool& pool, const char* how);
  Result<std::unique_ptr<Connection>> connect();
  void noteLoss();
  Result<Ok> tryWrite(Borrowed& writer, const Work& work);
  Result<Ok> settle(Borrowed& writer, const std::string& token, const Error& error);

  const Access access_;
  std::atomic<std::uint64_t> changes_{0};
  std::atomic<std::uint64_t> generation_{0};     // of connections that nothing bad was seen after
  std::atomic<std::int64_t> downUntilNanos_{0};  // by the steady clock; nobody tries before
  Pool writers_{1};
  Pool readers_{16};  // as SQLite's
};

// Brings the tables to today's version under a lock that every process takes.
Result<Ok> migrate(Connection& connection, Migrations migrations);

}  // namespace bulkhead::api::mariadb
