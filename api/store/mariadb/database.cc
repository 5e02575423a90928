#include "api/store/mariadb/database.h"

#include <thread>
#include <utility>

#include "common/os/open.h"

namespace bulkhead::api::mariadb {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto kTurnPatience = seconds(5);     // for a connection that others have
constexpr auto kTrusted = milliseconds(1000);  // a connection used so recently is not asked first
constexpr auto kDownFor = milliseconds(500);   // after a failure nobody waits for the next one
constexpr auto kSettlePatience = seconds(3);   // for a server that was lost while it committed
constexpr auto kSettlePause = milliseconds(100);
constexpr int kAttemptsMax = 4;  // of a transaction that the server took back
constexpr auto kAttemptPause = milliseconds(20);

std::int64_t nanos(Clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

// One that has begun. Takes back what was not committed; what cannot be told to the server is taken
// back by its end.
class Transaction {
 public:
  explicit Transaction(Connection& connection) : connection_(connection) {}
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction() {
    if (ended_ || connection_.health() == Connection::Health::kLost) return;
    if (connection_.command("ROLLBACK").ok()) connection_.makeGood();
  }
  Result<Ok> commit() {
    auto done = connection_.command("COMMIT");
    ended_ = done.ok();
    return done;
  }

 private:
  Connection& connection_;
  bool ended_ = false;
};

}  // namespace

Result<std::unique_ptr<Database>> Database::open(const Access& access, Migrations migrations) {
  TRY_ASSIGN(auto first, Connection::open(access, Connection::Use::kMigrating));
  TRY(migrate(*first, migrations));
  return std::unique_ptr<Database>(new Database(access));  // NOLINT: the constructor is private
}

// ---- connections

Result<std::unique_ptr<Connection>> Database::connect() {
  if (nanos(Clock::now()) < downUntilNanos_.load())
    return Error{Code::kUnavailable, "the database does not answer", ""};
  auto opened = Connection::open(access_, Connection::Use::kServing);
  if (!opened.ok()) noteLoss();
  return opened;
}

void Database::noteLoss() {
  generation_.fetch_add(1);
  downUntilNanos_.store(nanos(Clock::now() + kDownFor));
}

Result<Database::Borrowed> Database::borrow(Pool& pool) {
  std::unique_lock lock(pool.mutex);
  if (!pool.freed.wait_for(lock, kTurnPatience, [&pool] { return pool.open < pool.max; }))
    return Error{Code::kBusy, "the store is busy", ""};
  ++pool.open;
  Borrowed borrowed(this, &pool);
  while (!pool.idle.empty()) {
    Idle idle = std::move(pool.idle.back());
    pool.idle.pop_back();
    lock.unlock();
    const bool trusted =
        idle.generation == generation_.load() && Clock::now() - idle.since < kTrusted;
    if (trusted || idle.connection->answers()) {
      borrowed.connection = std::move(idle.connection);
      return borrowed;
    }
    idle.connection.reset();
    lock.lock();
  }
  lock.unlock();
  TRY_ASSIGN(borrowed.connection, connect());
  return borrowed;
}

Database::Borrowed::Borrowed(Borrowed&& other) noexcept
    : connection(std::move(other.connection)),
      database_(other.database_),
      pool_(std::exchange(other.pool_, nullptr)) {}

Database::Borrowed::~Borrowed() {
  if (pool_ == nullptr) return;
  if (connection != nullptr && connection->health() == Connection::Health::kLost) {
    database_->generation_.fetch_add(1);
    connection.reset();
  }
  const std::lock_guard lock(pool_->mutex);
  --pool_->open;
  if (connection != nullptr && connection->health() == Connection::Health::kGood)
    pool_->idle.push_back({std::move(connection), Clock::now(), database_->generation_.load()});
  pool_->freed.notify_one();
}

// ---- transactions

// A connection of before the server's restart is noticed here, when nothing has been done on it
// yet.
Result<Database::Borrowed> Database::begin(Pool& pool, const char* how) {
  for (int attempt = 1;; ++attempt) {
    TRY_ASSIGN(Borrowed borrowed, borrow(pool));
    const auto begun = borrowed->command(how);
    if (begun.ok()) return borrowed;
    if (attempt == 2 || borrowed->health() != Connection::Health::kLost) return begun.error();
  }
}

Result<Ok> Database::write(const Work& work) {
  for (int attempt = 1;; ++attempt) {
    TRY_ASSIGN(Borrowed writer, begin(writers_, "START TRANSACTION"));
    auto done = tryWrite(writer, work);
    if (done.ok()) changes_.fetch_add(1);
    if (!writer.gaveWay || attempt == kAttemptsMax) return done;
    std::this_thread::sleep_for(kAttemptPause * attempt);
  }
}

Result<Ok> Database::tryWrite(Borrowed& writer, const Work& work) {
  const std::string token = os::randomName();
  std::optional<Error> failed;
  {
    Transaction transaction(*writer);
    // The turn on the server; and what tells afterwards whether this transaction came to be.
    TRY_ASSIGN(const auto turn, writer->run("UPDATE turns SET token=? WHERE id=1", token));
    if (turn != 1) return Error{Code::kInternal, "the row of turns is gone", ""};
    auto worked = work(*writer);
    // Work may have passed over an error after which the server had taken everything back.
    if (writer->health() != Connection::Health::kGood) {
      writer.gaveWay = writer->health() == Connection::Health::kGaveWay;
      return writer->cause();
    }
    TRY(std::move(worked));
    auto committed = transaction.commit();
    if (committed.ok()) return committed;
    failed = committed.error();
  }
  if (writer->health() != Connection::Health::kLost) return *failed;
  return settle(writer, token, *failed);
}

// The server went away with a COMMIT that it may or may not have done: ask it. Nobody else of this
// process writes meanwhile, and the lock waits for the end of what the lost connection had begun.
Result<Ok> Database::settle(Borrowed& writer, const std::string& token, const Error& error) {
  noteLoss();
  const auto until = Clock::now() + kSettlePatience;
  while (Clock::now() < until) {
    auto opened = Connection::open(access_, Connection::Use::kServing);
    if (!opened.ok()) {
      std::this_thread::sleep_for(kSettlePause);
      continue;
    }
    writer.connection = std::move(opened).value();
    if (!writer->command("START TRANSACTION").ok()) continue;
    Transaction transaction(*writer);
    auto last = writer->prepare("SELECT token FROM turns WHERE id=1 FOR UPDATE");
    const auto row = last.step();
    if (!row.ok() || !*row) continue;
    if (last.view(0) == token) return Ok{};
    return error;
  }
  return error;
}

Result<Ok> Database::read(const Work& work) {
  TRY_ASSIGN(Borrowed reader,
             begin(readers_, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"));
  Transaction transaction(*reader);
  TRY(work(*reader));
  return transaction.commit();
}

// ---- versions

Result<Ok> migrate(Connection& connection, Migrations migrations) {
  // Of this database, not of the server. Ends with the connection.
  auto lock = connection.prepare(
      "SELECT GET_LOCK(CONCAT('bulkhead.', LEFT(SHA2(DATABASE(), 256), 32)), 60)");
  TRY(lock.step());
  if (lock.integer(0) != 1) return Error{Code::kBusy, "another process changes the tables", ""};
  TRY(
      connection.command("CREATE TABLE IF NOT EXISTS versions(id TINYINT NOT NULL PRIMARY KEY, "
                         "applied INTEGER NOT NULL) ENGINE=InnoDB"));
  TRY(connection.command("INSERT IGNORE INTO versions VALUES(1, 0)"));
  auto version = connection.prepare("SELECT applied FROM versions WHERE id=1");
  TRY(version.step());
  auto applied = version.number<std::size_t>(0);
  if (applied > migrations.size())
    return Error{Code::kUnsupported, "the store was written by a newer version", ""};
  for (; applied < migrations.size(); ++applied) {
    for (const char* statement : migrations[applied])
      TRY(connection.command(statement));
    TRY(connection.run("UPDATE versions SET applied=? WHERE id=1", applied + 1));
  }
  return connection.command(
      "DO RELEASE_LOCK(CONCAT('bulkhead.', LEFT(SHA2(DATABASE(), 256), 32)))");
}

}  // namespace bulkhead::api::mariadb
