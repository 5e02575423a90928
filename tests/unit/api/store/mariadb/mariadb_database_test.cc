// What only a database server can do wrong: being away, being slow, going away with a commit.
#include <array>
#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "api/store/mariadb/database.h"
#include "tests/support/cutting_proxy.h"
#include "tests/support/mariadb_place.h"

namespace bulkhead::api::mariadb {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::CuttingProxy;
using testing::MariadbPlace;
using testing::MariadbServer;

constexpr const char* kTable[] = {
    "CREATE TABLE IF NOT EXISTS t(k VARCHAR(40) COLLATE utf8mb4_nopad_bin NOT NULL PRIMARY KEY, "
    "v BIGINT NOT NULL) ENGINE=InnoDB CHARACTER SET utf8mb4",
    "CREATE TABLE IF NOT EXISTS turns(id TINYINT NOT NULL PRIMARY KEY, token VARCHAR(32) NOT NULL) "
    "ENGINE=InnoDB",
    "INSERT IGNORE INTO turns VALUES(1, '')"};
constexpr Step kSteps[] = {kTable};

std::unique_ptr<Database> opened(const Access& access, Migrations migrations = kSteps) {
  auto database = Database::open(access, migrations);
  EXPECT_TRUE(database.ok()) << (database.ok() ? "" : database.error().message);
  return database.ok() ? std::move(database).value() : nullptr;
}
Result<Ok> put(Database& database, std::string_view key, std::int64_t value = 1) {
  return database.write([&](sql::Connection& c) -> Result<Ok> {
    TRY(c.run("INSERT INTO t VALUES(?,?)", key, value));
    return Ok{};
  });
}
std::int64_t count(Database& database) {
  std::int64_t rows = -1;
  const auto done = database.read([&](sql::Connection& c) -> Result<Ok> {
    auto statement = c.prepare("SELECT count(*) FROM t");
    TRY(statement.step());
    rows = statement.integer(0);
    return Ok{};
  });
  return done.ok() ? rows : -1;
}
// Until it goes again, or four seconds.
bool comesBack(Database& database) {
  const auto until = steady_clock::now() + seconds(4);
  while (steady_clock::now() < until) {
    if (count(database) >= 0) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return false;
}

TEST(MariaDbDatabase, GivesExactlyTheLimitToFiftyAtOnceFromTwoProcesses) {
  const MariadbPlace place;
  const std::array databases{opened(place.access()), opened(place.access())};
  constexpr int kLimit = 17;
  std::atomic<int> added = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 50; ++i)
    threads.emplace_back([&, i] {
      const auto done = databases.at(static_cast<std::size_t>(i % 2))
                            ->write([&](sql::Connection& c) -> Result<Ok> {
                              auto rows = c.prepare("SELECT count(*) FROM t");
                              TRY(rows.step());
                              if (rows.integer(0) >= kLimit)
                                return Error{Code::kLimitExceeded, "", ""};
                              TRY(c.run("INSERT INTO t VALUES(?,1)", std::to_string(i)));
                              return Ok{};
                            });
      if (done.ok()) ++added;
      EXPECT_TRUE(done.ok() || done.error().code == Code::kLimitExceeded) << done.error().message;
    });
  for (auto& thread : threads)
    thread.join();
  EXPECT_EQ(added, kLimit);
  EXPECT_EQ(count(*databases[0]), kLimit);
}

TEST(MariaDbDatabase, TakesBackWhatFailsOrThrows) {
  const MariadbPlace place;
  const auto database = opened(place.access());
  const auto failed = database->write([](sql::Connection& c) -> Result<Ok> {
    TRY(c.run("INSERT INTO t VALUES('a',1)"));
    return Error{Code::kConflict, "no", ""};
  });
  EXPECT_EQ(failed.error().code, Code::kConflict);
  EXPECT_THROW((void)database->write([](sql::Connection& c) -> Result<Ok> {
    TRY(c.run("INSERT INTO t VALUES('b',1)"));
    throw std::runtime_error("fault");
  }),
               std::runtime_error);
  EXPECT_EQ(count(*database), 0);
  EXPECT_TRUE(put(*database, "a").ok());
}

TEST(MariaDbDatabase, TellsTextApartByteByByteAndRefusesWhatDoesNotFit) {
  const MariadbPlace place;
  const auto database = opened(place.access());
  for (const char* key : {"a", "A", "a ", "\xc3\xa4", "a\\", "a'", "a\"; DROP TABLE t; --", "?"})
    EXPECT_TRUE(put(*database, key).ok()) << key;
  EXPECT_EQ(put(*database, "a ").error().code, Code::kAlreadyExists);
  EXPECT_FALSE(put(*database, std::string(41, 'x')).ok());
  EXPECT_FALSE(put(*database, "\xff\xfe").ok());
  EXPECT_EQ(count(*database), 8);
}

TEST(MariaDbDatabase, RepeatsWhatHadToGiveWay) {
  const MariadbPlace place;
  const auto database = opened(place.access());
  ASSERT_TRUE(put(*database, "x").ok());
  ASSERT_TRUE(put(*database, "y").ok());
  auto other = Connection::open(place.access(), Connection::Use::kServing).value();
  ASSERT_TRUE(other->command("START TRANSACTION").ok());
  for (int i = 0; i < 100; ++i)  // who has done more stays
    ASSERT_TRUE(other->run("INSERT INTO t VALUES(?,1)", "o" + std::to_string(i)).ok());
  ASSERT_TRUE(other->run("UPDATE t SET v=2 WHERE k='y'").ok());
  std::thread crossing;
  int attempts = 0;
  const auto done = database->write([&](sql::Connection& c) -> Result<Ok> {
    TRY(c.run("UPDATE t SET v=v+10 WHERE k='x'"));
    if (++attempts == 1) {
      crossing = std::thread([&] {
        EXPECT_TRUE(other->run("UPDATE t SET v=v+1 WHERE k='x'").ok());
        EXPECT_TRUE(other->command("COMMIT").ok());
      });
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
    (void)c.run("UPDATE t SET v=v+10 WHERE k='y'");  // passed over: it must not matter
    return Ok{};
  });
  crossing.join();
  EXPECT_TRUE(done.ok()) << done.error().message;
  EXPECT_EQ(attempts, 2);
  std::int64_t sum = 0;
  ASSERT_TRUE(database
                  ->read([&](sql::Connection& c) -> Result<Ok> {
                    auto row =
                        c.prepare("SELECT CAST(sum(v) AS INTEGER) FROM t WHERE k IN ('x','y')");
                    TRY(row.step());
                    sum = row.integer(0);
                    return Ok{};
                  })
                  .ok());
  EXPECT_EQ(sum, 24);  // 1+1+10 and 2+10: each once
}

TEST(MariaDbDatabase, RefusesWhileTheServerIsAwayAndGoesOnWhenItIsBack) {
  MariadbServer server;
  const MariadbPlace place(server.path());
  const auto database = opened(place.access());
  ASSERT_TRUE(put(*database, "before").ok());
  // In the middle of a transaction.
  const auto middle = database->write([&](sql::Connection& c) -> Result<Ok> {
    TRY(c.run("INSERT INTO t VALUES('half',1)"));
    server.kill();
    TRY(c.run("INSERT INTO t VALUES('done',1)"));
    return Ok{};
  });
  EXPECT_EQ(middle.error().code, Code::kUnavailable);
  const auto start = steady_clock::now();
  EXPECT_EQ(put(*database, "away").error().code, Code::kUnavailable);
  EXPECT_EQ(count(*database), -1);
  EXPECT_LT(steady_clock::now() - start, seconds(1));
  server.start();
  EXPECT_TRUE(comesBack(*database));
  EXPECT_TRUE(put(*database, "after").ok());
  EXPECT_EQ(count(*database), 2);
}

TEST(MariaDbDatabase, WaitsForAServerThatHangsButNotForEver) {
  MariadbServer server;
  const MariadbPlace place(server.path());
  const auto database = opened(place.access());
  ASSERT_TRUE(put(*database, "before").ok());
  server.pause();
  const auto start = steady_clock::now();
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i)
    callers.emplace_back([&] { EXPECT_EQ(count(*database), -1); });
  EXPECT_FALSE(put(*database, "hangs").ok());
  for (auto& caller : callers)
    caller.join();
  EXPECT_LT(steady_clock::now() - start, seconds(20));
  server.goOn();
  EXPECT_TRUE(comesBack(*database));
  EXPECT_TRUE(put(*database, "after").ok());
}

TEST(MariaDbDatabase, KnowsOfACommitWhoseAnswerWasLost) {
  const MariadbPlace place;
  const testing::TempDir directory;
  CuttingProxy proxy(directory.path() + "/s", place.access().socket);
  Access access = place.access();
  access.socket = proxy.path();
  const auto database = opened(access);
  proxy.cut = CuttingProxy::Cut::kAfter;
  const auto kept = put(*database, "kept");
  EXPECT_TRUE(kept.ok()) << kept.error().message;
  EXPECT_EQ(proxy.cut, CuttingProxy::Cut::kNone);
  ASSERT_TRUE(comesBack(*database));
  proxy.cut = CuttingProxy::Cut::kBefore;
  const auto dropped = put(*database, "dropped");
  ASSERT_FALSE(dropped.ok());
  EXPECT_EQ(dropped.error().code, Code::kUnavailable);
  ASSERT_TRUE(comesBack(*database));
  EXPECT_EQ(count(*database), 1);
}

TEST(MariaDbDatabase, RepeatsAMigrationThatWasCutOffAnywhere) {
  const auto steps = storeMigrations();
  for (std::size_t step = 0; step < steps.size(); ++step)
    for (std::size_t cut = 1; cut <= steps[step].size(); ++cut) {
      const MariadbPlace place;
      {
        auto connection = Connection::open(place.access(), Connection::Use::kMigrating).value();
        ASSERT_TRUE(migrate(*connection, steps.first(step)).ok());
        for (const char* statement : steps[step].first(cut))
          ASSERT_TRUE(connection->command(statement).ok()) << statement;
      }
      const auto store = MariadbStore::open(place.access());
      EXPECT_TRUE(store.ok()) << "after statement " << cut << " of step " << step;
    }
}

TEST(MariaDbDatabase, IsMigratedOnceWhenManyStartAtOnce) {
  const MariadbPlace place;
  std::vector<std::thread> starts;
  for (int i = 0; i < 6; ++i)
    starts.emplace_back([&] { EXPECT_TRUE(MariadbStore::open(place.access()).ok()); });
  for (auto& start : starts)
    start.join();
}

TEST(MariaDbDatabase, RefusesTablesOfANewerVersionAndAWrongPassword) {
  const MariadbPlace place;
  constexpr Step kTwo[] = {kTable, {}};
  (void)opened(place.access(), kTwo);
  EXPECT_EQ(Database::open(place.access(), kSteps).error().code, Code::kUnsupported);
  Access wrong = place.access();
  wrong.password = "guess";
  const auto refused = Database::open(wrong, kSteps);
  EXPECT_EQ(refused.error().code, Code::kUnavailable);
  EXPECT_EQ(refused.error().message.find("guess"), std::string::npos);
}

}  // namespace
}  // namespace bulkhead::api::mariadb
