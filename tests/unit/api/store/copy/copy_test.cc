// Copying between stores, both ways: everything arrives and is proved, a cut leaves nothing, and
// the source stays as it was.
#include "api/store/copy/copy.h"

#include <signal.h>

#include <algorithm>
#include <thread>

#include <gtest/gtest.h>

#include "api/store/sqlite/sqlite_store.h"
#include "tests/support/child.h"
#include "tests/support/mariadb_place.h"
#include "tests/support/points.h"
#include "tests/support/store_fixture.h"

namespace bulkhead::api {
namespace {

using testing::MariadbPlace;

TEST(Copy, KnowsEveryColumnOfEveryTable) {
  const testing::TempDir directory;
  const std::string path = directory.path() + "/panel.db";
  ASSERT_TRUE(sqlite::SqliteStore::open(path).ok());
  auto connection = sqlite::Connection::open(path, sqlite::Connection::Access::kReadOnly).value();
  auto rows = connection->prepare(
      "SELECT m.name || '.' || c.name FROM sqlite_schema m, pragma_table_info(m.name) c "
      "WHERE m.type='table' ORDER BY 1");
  std::vector<std::string> there;
  while (rows.step().value())
    there.push_back(rows.text(0));
  auto copied = copiedColumns();
  std::sort(copied.begin(), copied.end());
  EXPECT_EQ(copied, there);
}

// One place of each kind.
struct Places {
  testing::TempDir directory;
  MariadbPlace server;
  std::string file() const { return directory.path() + "/panel.db"; }
};
struct Way {
  const char* name;
  bool toServer;
  std::unique_ptr<StoreEnd> source(const Places& places) const {
    auto end = toServer ? sourceAt(places.file()) : sourceAt(places.server.access());
    EXPECT_TRUE(end.ok()) << (end.ok() ? "" : end.error().message);
    return end.ok() ? std::move(end).value() : nullptr;
  }
  std::unique_ptr<StoreEnd> target(const Places& places) const {
    auto end = toServer ? targetAt(places.server.access()) : targetAt(places.file());
    EXPECT_TRUE(end.ok()) << (end.ok() ? "" : end.error().message);
    return end.ok() ? std::move(end).value() : nullptr;
  }
  std::unique_ptr<Store> store(Places& places, bool ofSource) const {
    if (toServer != ofSource) return places.server.open();
    return std::move(sqlite::SqliteStore::open(places.file())).value();
  }
};

class CopyBothWays : public ::testing::TestWithParam<Way>, protected StoreRows {
 protected:
  static void fill(Store& store, int accounts) {
    const auto filled = store.write([&](Tables& t) -> Result<Ok> {
      TRY(t.plans().add(plan("basic")));
      Reseller reseller;
      reseller.id = "res_r";
      reseller.name = "r";
      reseller.accountsMax = 9;
      reseller.email = "r@example.com";
      TRY(t.resellers().add(reseller));
      for (int i = 0; i < accounts; ++i) {
        const std::string name = "u" + std::to_string(i);
        Account one = account(name, i, i == 0 ? 40000 : 0);
        if (i % 2 == 1) one.resellerId = "res_r";
        TRY(t.accounts().add(one));
        Domain site = domain(name + ".example", name, i);
        site.primary = true;
        TRY(t.domains().add(site));
        // Sorts before what it shows.
        Domain alias = domain("alias-" + name + ".example", name, i);
        alias.id = "dom_0" + name;
        alias.kind = DomainKind::kAlias;
        alias.target = site.id;
        TRY(t.domains().add(alias));
        JobRecord record = job(name, name, i);
        record.job.steps[0].evidence = {{"what", "it's \"that\" \\ \xc3\xa4"}};
        if (i % 3 == 0) record.job.problem = Error{Code::kBusy, "busy", ""};
        TRY(t.jobs().add(record));
        TRY(t.databaseUsers().add({name + "_db", "acc_" + name, i}));
      }
      reseller.accountId = "acc_u0";
      TRY(t.resellers().change(reseller));
      return t.requestKeys().add(
          {"key", "root", "request", 5, KeyState::kAnswered, "ref", {201, "/x", "", R"({"a":1})"}},
          10);
    });
    ASSERT_TRUE(filled.ok()) << filled.error().message;
  }
  Places places_;
};
INSTANTIATE_TEST_SUITE_P(MariaDb,
                         CopyBothWays,
                         ::testing::Values(Way{"FromSqlite", true}, Way{"ToSqlite", false}),
                         [](const auto& way) { return way.param.name; });

TEST_P(CopyBothWays, BringsEverythingAndProvesIt) {
  fill(*GetParam().store(places_, /*ofSource=*/true), 30);
  const auto source = GetParam().source(places_);
  const auto target = GetParam().target(places_);
  const auto copied = copyStore(*source, *target);
  ASSERT_TRUE(copied.ok()) << copied.error().message;
  EXPECT_FALSE(copied->wasThere);
  std::map<std::string, std::int64_t> rows;
  for (const auto& table : copied->tables)
    rows[table.table] = table.rows;
  EXPECT_EQ(rows["accounts"], 30);
  EXPECT_EQ(rows["domains"], 60);
  EXPECT_EQ(rows["job_steps"], 60);
  EXPECT_EQ(rows["request_keys"], 1);
  // What the panel sees is the same.
  const auto before = GetParam().store(places_, true);
  const auto after = GetParam().store(places_, false);
  for (Store* store : {before.get(), after.get()}) {
    const auto seen = store->read([](const Tables& t) -> Result<std::string> {
      TRY_ASSIGN(const auto reseller, t.resellers().find("r"));
      TRY_ASSIGN(const auto alias, t.domains().find("alias-u7.example"));
      TRY_ASSIGN(const auto record, t.jobs().find("job_u7"));
      return reseller.accountName + " " + alias.targetName + " " +
             std::to_string(record.job.steps.size()) + record.job.steps[0].evidence[0].detail;
    });
    ASSERT_TRUE(seen.ok()) << seen.error().message;
    EXPECT_EQ(*seen, "u0 u7.example 2it's \"that\" \\ \xc3\xa4");
  }
  // And the next number is not one that somebody has.
  Reseller next;
  next.id = "res_s";
  next.name = "s";
  ASSERT_TRUE(after->write([&](Tables& t) { return t.resellers().add(next); }).ok());
  EXPECT_EQ(next.number, 2U);
}

TEST_P(CopyBothWays, RefusesATargetWithOtherRowsAndKnowsItsOwn) {
  fill(*GetParam().store(places_, true), 3);
  const auto source = GetParam().source(places_);
  const auto target = GetParam().target(places_);
  const auto first = copyStore(*source, *target);
  ASSERT_TRUE(first.ok());
  const auto again = copyStore(*source, *target);
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->wasThere);
  EXPECT_EQ(again->tables, first->tables);
  const auto removed = GetParam().store(places_, false)->write([](Tables& t) {
    return t.databaseUsers().remove("u1_db");
  });
  ASSERT_TRUE(removed.ok());
  const auto refused = copyStore(*source, *target);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::kConflict);
}

TEST_P(CopyBothWays, CutOffAnywhereIsDoneByTheNextOne) {
  fill(*GetParam().store(places_, true), 150);
  (void)GetParam().target(places_);
  std::size_t killed = 0;
  for (int round = 0; round < 12; ++round) {
    const int status = testing::inChild(
        [&] {
          const auto source = GetParam().source(places_);
          const auto target = GetParam().target(places_);
          (void)copyStore(*source, *target);
        },
        std::chrono::milliseconds(3 + round * 9));
    if (WIFSIGNALED(status)) ++killed;
  }
  EXPECT_GT(killed, 0U);
  testing::notePoints(killed);
  const auto source = GetParam().source(places_);
  const auto target = GetParam().target(places_);
  const auto copied = copyStore(*source, *target);
  ASSERT_TRUE(copied.ok()) << copied.error().message;
  const auto again = copyStore(*source, *target);
  EXPECT_TRUE(again.ok() && again->wasThere);
}

TEST_P(CopyBothWays, RefusesASourceThatIsNotThereOrNotOfToday) {
  EXPECT_FALSE(
      (GetParam().toServer ? sourceAt(places_.file()) : sourceAt(places_.server.access())).ok());
}

}  // namespace
}  // namespace bulkhead::api
