// What the steps of the store's schema make of rows that an older version wrote.
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "api/store/sqlite/sqlite_store.h"
#include "tests/support/temp_dir.h"

namespace bulkhead::api::sqlite {
namespace {

TEST(StoreMigrations, GiveKindsOfJobsTheNamesOfToday) {
  const std::map<std::string, std::string> names = {
      {"account.change", "account.update"},
      {"alias.add", "alias.create"},
      {"alias.remove", "alias.delete"},
      {"domain.add", "domain.create"},
      {"domain.change", "domain.update"},
      {"domain.remove", "domain.delete"},
      {"database_user.add", "database_user.create"},
      {"database_user.remove", "database_user.delete"},
      {"account.create", "account.create"},
      {"hook.retry", "hook.retry"},
  };
  const testing::TempDir dir;
  const std::string path = dir.path() + "/panel.db";
  {
    const auto old = Database::open(path, storeMigrations().first(2));
    ASSERT_TRUE(old.ok());
    const auto kept = (*old)->write([&](Connection& c) -> Result<Ok> {
      for (const auto& [kind, today] : names)
        TRY(
            c.run("INSERT INTO jobs(id, kind, state, account_id, username, domain_id, actor, "
                  "request_id, traceparent, created_at, ended_at) "
                  "VALUES(?,?,'queued','','','','','','',1,0)",
                  "job_" + kind, kind));
      return Ok{};
    });
    ASSERT_TRUE(kept.ok()) << kept.error().message;
  }
  const auto store = SqliteStore::open(path);
  ASSERT_TRUE(store.ok()) << store.error().message;
  for (const auto& name : names) {
    const std::string& kind = name.first;
    const std::string& today = name.second;
    const auto job =
        (*store)->read([&](const Tables& tables) { return tables.jobs().find("job_" + kind); });
    ASSERT_TRUE(job.ok()) << kind;
    EXPECT_EQ(job->job.kind, today);
  }
}

}  // namespace
}  // namespace bulkhead::api::sqlite
