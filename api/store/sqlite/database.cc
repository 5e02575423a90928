#include "api/store/sqlite/database.h"

#include <fcntl.h>

#include <cerrno>

#include "common/os/fd.h"

namespace bulkhead::api::sqlite {
namespace {

// Each costs up to 2 MB of page cache. More threads than these may ask at once: who comes then
// waits for a look-up of some microseconds.
constexpr std::size_t kReadersMax = 16;

Result<Ok> createPrivately(const std::string& path) {
  // SQLite would create the file with the umask's mode; the log files take the mode of this one.
  const Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file.valid()) return Ok{};
  if (errno == ENOSPC || errno == EDQUOT) return Error{Code::kUnavailable, "storage is full", ""};
  return Error{Code::kUnavailable, "the store cannot be opened", ""};
}

}  // namespace

Result<std::unique_ptr<Database>> Database::open(const std::string& path, Migrations migrations) {
  TRY(createPrivately(path));
  std::unique_ptr<Database> database(new Database(path));  // NOLINT: the constructor is private
  TRY_ASSIGN(database->writer_, Connection::open(path, Connection::Access::kReadWrite));
  TRY(database->migrate(migrations));
  return database;
}

Database::~Database() = default;

Result<Ok> Database::migrate(Migrations migrations) {
  while (true) {
    // The version is read inside the transaction: two processes that start at once do not both
    // apply a step.
    auto more = write([&](Connection& connection) -> Result<bool> {
      auto version = connection.prepare("PRAGMA user_version");
      TRY(version.step());
      const auto applied = version.number<std::size_t>(0);
      if (applied > migrations.size())
        return Error{Code::kUnsupported, "the store was written by a newer version", ""};
      if (applied == migrations.size()) return false;
      version.reset();
      TRY(connection.script(migrations[applied]));
      TRY(connection.script("PRAGMA user_version=" + std::to_string(applied + 1)));
      return true;
    });
    TRY_ASSIGN(const bool again, std::move(more));
    if (!again) return Ok{};
  }
}

// ---- readers

Result<Database::Reader> Database::borrowReader() {
  std::unique_lock lock(readersMutex_);
  readerFree_.wait(lock, [this] { return !idleReaders_.empty() || readersOpen_ < kReadersMax; });
  if (!idleReaders_.empty()) {
    Reader reader(this, std::move(idleReaders_.back()));
    idleReaders_.pop_back();
    return reader;
  }
  ++readersOpen_;
  lock.unlock();
  auto opened = Connection::open(path_, Connection::Access::kReadOnly);
  if (!opened.ok()) {
    lock.lock();
    --readersOpen_;
    readerFree_.notify_one();
    return opened.error();
  }
  return Reader(this, std::move(opened).value());
}

Database::Reader::~Reader() {
  if (connection == nullptr) return;
  const std::lock_guard lock(pool->readersMutex_);
  pool->idleReaders_.push_back(std::move(connection));
  pool->readerFree_.notify_one();
}

// ---- transactions

Result<Ok> Database::Transaction::begin(const char* how) {
  TRY(connection_.run(how));
  return Ok{};
}

Result<Ok> Database::Transaction::commit() {
  TRY(connection_.run("COMMIT"));
  return Ok{};
}

Database::Transaction::~Transaction() {
  // SQLite has rolled back by itself after some failures (a full disk), hence the question first.
  if (connection_.inTransaction())
    (void)connection_.run("ROLLBACK");  // ignoring: nothing was promised
}

}  // namespace bulkhead::api::sqlite
