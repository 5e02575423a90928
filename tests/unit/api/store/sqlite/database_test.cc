#include "api/store/sqlite/database.h"

#include <sys/stat.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace bulkhead::api::sqlite {
namespace {

constexpr std::array kFirst = {"CREATE TABLE t(k TEXT PRIMARY KEY, v INTEGER NOT NULL) STRICT;"};
constexpr std::array kBoth = {
    "CREATE TABLE t(k TEXT PRIMARY KEY, v INTEGER NOT NULL) STRICT;",
    "CREATE TABLE u(k TEXT REFERENCES t(k)) STRICT; INSERT INTO t VALUES('m',2);"};

class DatabaseTest : public ::testing::Test {
 protected:
  std::unique_ptr<Database> open(Migrations migrations = kBoth) {
    auto opened = Database::open(path(), migrations);
    EXPECT_TRUE(opened.ok()) << (opened.ok() ? "" : opened.error().message);
    return opened.ok() ? std::move(opened).value() : nullptr;
  }
  std::string path() const { return dir_.path() + "/panel.db"; }
  static Result<std::int64_t> put(Database& database, std::string_view key, std::int64_t value) {
    return database.write(
        [&](Connection& c) { return c.run("INSERT INTO t VALUES(?,?)", key, value); });
  }
  static std::int64_t count(Database& database) {
    auto rows = database.read([](Connection& c) -> Result<std::int64_t> {
      auto statement = c.prepare("SELECT count(*) FROM t");
      TRY(statement.step());
      return statement.integer(0);
    });
    return rows.ok() ? *rows : -1;
  }
  testing::TempDir dir_;
};

TEST_F(DatabaseTest, CreatesAFileThatOnlyItsOwnerReads) {
  auto database = open();
  for (const char* suffix : {"", "-wal"}) {
    struct stat info = {};
    ASSERT_EQ(::stat((path() + suffix).c_str(), &info), 0) << suffix;
    EXPECT_EQ(info.st_mode & 0777U, 0600U) << suffix;
  }
}

TEST_F(DatabaseTest, WritesDurablyAndKeepsForeignKeysAndStrictTypes) {
  auto database = open();
  auto mode = database->write([](Connection& c) -> Result<std::string> {
    auto sync = c.prepare("PRAGMA synchronous");
    TRY(sync.step());
    auto journal = c.prepare("PRAGMA journal_mode");
    TRY(journal.step());
    return sync.text(0) + journal.text(0);
  });
  ASSERT_TRUE(mode.ok());
  EXPECT_EQ(*mode, "2wal");
  auto orphan =
      database->write([](Connection& c) { return c.run("INSERT INTO u VALUES('none')"); });
  EXPECT_EQ(orphan.error().code, Code::kConflict);
  auto mistyped =
      database->write([](Connection& c) { return c.run("INSERT INTO t VALUES('a','x')"); });
  EXPECT_EQ(mistyped.error().code, Code::kInternal);
}

TEST_F(DatabaseTest, AppliesOnlyMissingMigrations) {
  ASSERT_TRUE(put(*open(kFirst), "a", 1).ok());
  auto database = open(kBoth);
  EXPECT_EQ(count(*database), 2);  // 'a' survived, 'm' came with the second step
  database.reset();
  EXPECT_EQ(count(*open(kBoth)), 2);
}

TEST_F(DatabaseTest, RefusesAFileOfANewerVersion) {
  open(kBoth);
  auto opened = Database::open(path(), kFirst);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, Code::kUnsupported);
}

TEST_F(DatabaseTest, AFailedMigrationChangesNothing) {
  constexpr std::array kBroken = {kFirst[0], "CREATE TABLE x(a) ; INSERT INTO missing VALUES(1);"};
  open(kFirst);
  EXPECT_FALSE(Database::open(path(), kBroken).ok());
  EXPECT_TRUE(Database::open(path(), kBoth).ok());
}

TEST_F(DatabaseTest, RefusesAFileThatIsNoDatabaseOrASymlink) {
  std::ofstream(path()) << std::string(4096, 'x');
  auto damaged = Database::open(path(), kFirst);
  ASSERT_FALSE(damaged.ok());
  EXPECT_EQ(damaged.error().message, "the store is damaged");
  std::filesystem::create_symlink(path(), path() + ".link");
  auto linked = Database::open(path() + ".link", kFirst);
  ASSERT_FALSE(linked.ok());
  EXPECT_EQ(linked.error().code, Code::kUnavailable);
}

TEST_F(DatabaseTest, RollsBackWhenTheWorkIsRefusedOrThrows) {
  auto database = open();
  auto refused = database->write([](Connection& c) -> Result<Ok> {
    TRY(c.run("INSERT INTO t VALUES('a',1)"));
    return Error{Code::kConflict, "no", ""};
  });
  EXPECT_EQ(refused.error().message, "no");
  EXPECT_THROW((void)database->write([](Connection& c) -> Result<Ok> {
    TRY(c.run("INSERT INTO t VALUES('a',1)"));
    throw std::runtime_error("fault");
  }),
               std::runtime_error);
  EXPECT_EQ(count(*database), 1);
  EXPECT_TRUE(put(*database, "a", 1).ok());
}

TEST_F(DatabaseTest, NamesADuplicateWithoutShowingSql) {
  auto database = open();
  ASSERT_TRUE(put(*database, "secret-key", 1).ok());
  auto again = put(*database, "secret-key", 2);
  EXPECT_EQ(again.error().code, Code::kAlreadyExists);
  EXPECT_EQ(again.error().message, "already exists");
  auto broken = database->write([](Connection& c) { return c.run("SELEC secret-key"); });
  EXPECT_EQ(broken.error().code, Code::kInternal);
  EXPECT_EQ(broken.error().message.find("SELEC"), std::string::npos);
}

TEST_F(DatabaseTest, RefusesAQuotedWordThatIsNoColumn) {
  auto database = open();
  EXPECT_FALSE(
      database->write([](Connection& c) { return c.run(R"(DELETE FROM t WHERE k="oops")"); }).ok());
}

TEST_F(DatabaseTest, KeepsNulBytesNullsAndLargeNumbers) {
  auto database = open();
  const std::string odd("a\0b", 3);
  ASSERT_TRUE(put(*database, odd, std::numeric_limits<std::int64_t>::max()).ok());
  auto found = database->read([&](Connection& c) -> Result<Ok> {
    auto s = c.prepare("SELECT k, v, NULL FROM t WHERE k=?", odd);
    TRY_ASSIGN(const bool row, s.step());
    EXPECT_TRUE(row);
    EXPECT_EQ(s.text(0), odd);
    EXPECT_EQ(s.integer(1), std::numeric_limits<std::int64_t>::max());
    EXPECT_TRUE(s.isNull(2));
    return Ok{};
  });
  EXPECT_TRUE(found.ok());
}

TEST_F(DatabaseTest, RefusesANumberThatSqliteCannotHold) {
  auto database = open();
  auto put = database->write([](Connection& c) {
    return c.run("INSERT INTO t VALUES('big',?)", std::numeric_limits<std::uint64_t>::max());
  });
  ASSERT_FALSE(put.ok());
  EXPECT_EQ(put.error().code, Code::kInternal);
}

TEST_F(DatabaseTest, AReaderCannotWrite) {
  auto database = open();
  EXPECT_FALSE(database->read([](Connection& c) { return c.run("DELETE FROM t"); }).ok());
}

TEST_F(DatabaseTest, AReaderSeesOneSnapshotWhileAWriterCommits) {
  auto database = open();
  auto seen = database->read([&](Connection& c) -> Result<std::int64_t> {
    auto before = c.prepare("SELECT count(*) FROM t");
    TRY(before.step());
    TRY(put(*database, "new", 1));
    auto after = c.prepare("SELECT count(*) FROM t");
    TRY(after.step());
    return after.integer(0) - before.integer(0);
  });
  ASSERT_TRUE(seen.ok());
  EXPECT_EQ(*seen, 0);
  EXPECT_EQ(count(*database), 2);
}

TEST_F(DatabaseTest, ManyThreadsWriteAndReadWithoutBusyAnswers) {
  auto database = open();
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 24; ++t)  // more than there are reader connections
    threads.emplace_back([&, t] {
      for (int i = 0; i < 10; ++i) {
        if (!put(*database, std::to_string(t) + "." + std::to_string(i), i).ok()) ++failures;
        if (count(*database) < 1) ++failures;
      }
    });
  for (auto& thread : threads)
    thread.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(count(*database), 241);
}

}  // namespace
}  // namespace bulkhead::api::sqlite
