// The steps from an empty file to today's tables. Released steps are never edited: add one.
#include "api/store/sqlite/sqlite_store.h"

namespace bulkhead::api::sqlite {
namespace {

// Lists go by (created_at, id); the indexes make a page cost the same however long the list is.
// domains.sort_key is the name with its labels reversed and a dot at the end ("com.example."): all
// names below one are a range.
constexpr const char* kFirst = R"sql(
CREATE TABLE plans(
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  cpu_percent INTEGER NOT NULL CHECK(cpu_percent >= 0),
  memory_bytes INTEGER NOT NULL CHECK(memory_bytes >= 0),
  tasks INTEGER NOT NULL CHECK(tasks >= 0),
  disk_bytes INTEGER NOT NULL CHECK(disk_bytes >= 0),
  inodes INTEGER NOT NULL CHECK(inodes >= 0),
  domains_max INTEGER NOT NULL CHECK(domains_max >= 0),
  created_at INTEGER NOT NULL,
  revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX plans_by_time ON plans(created_at, id);

CREATE TABLE accounts(
  id TEXT NOT NULL PRIMARY KEY,
  username TEXT NOT NULL UNIQUE,
  plan_id TEXT NOT NULL REFERENCES plans(id),
  state TEXT NOT NULL CHECK(state IN ('creating','active','suspended','deleting','failed')),
  uid INTEGER NOT NULL,
  preview_port INTEGER UNIQUE CHECK(preview_port BETWEEN 32768 AND 60999),
  created_at INTEGER NOT NULL,
  revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX accounts_by_time ON accounts(created_at, id);
CREATE INDEX accounts_by_plan ON accounts(plan_id);

CREATE TABLE domains(
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  sort_key TEXT NOT NULL UNIQUE,
  account_id TEXT NOT NULL REFERENCES accounts(id),
  state TEXT NOT NULL CHECK(state IN ('pending','active','removing')),
  is_primary INTEGER NOT NULL CHECK(is_primary IN (0,1)),
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX domains_by_time ON domains(created_at, id);
CREATE INDEX domains_by_account ON domains(account_id, created_at, id);

CREATE TABLE jobs(
  id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  state TEXT NOT NULL CHECK(state IN ('queued','running','undoing','succeeded','failed','rolled_back')),
  account_id TEXT NOT NULL,
  username TEXT NOT NULL,
  domain_id TEXT NOT NULL,
  actor TEXT NOT NULL,
  request_id TEXT NOT NULL,
  traceparent TEXT NOT NULL,
  problem_code TEXT,
  problem_message TEXT,
  problem_field TEXT,
  created_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX jobs_by_time ON jobs(created_at, id);
CREATE INDEX jobs_unfinished ON jobs(account_id, created_at, id) WHERE ended_at = 0;

CREATE TABLE job_steps(
  job_id TEXT NOT NULL REFERENCES jobs(id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  name TEXT NOT NULL,
  subject TEXT NOT NULL,
  state TEXT NOT NULL CHECK(state IN ('pending','running','succeeded','failed','undone','skipped')),
  undo INTEGER NOT NULL CHECK(undo IN (0,1,2)),
  started_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  external_micros INTEGER NOT NULL,
  evidence TEXT NOT NULL,
  PRIMARY KEY(job_id, position)
) STRICT, WITHOUT ROWID;
)sql";

// People. owner_admin '' is the main administrator, whose name lives in another database. A name
// that an account is about to get (renaming_to) is kept for it. counters never go back, so that the
// number of a reseller that went away is not given again.
constexpr const char* kPeople = R"sql(
CREATE TABLE counters(
  name TEXT NOT NULL PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO counters VALUES('reseller', 0);

CREATE TABLE resellers(
  id TEXT NOT NULL PRIMARY KEY,
  number INTEGER NOT NULL UNIQUE CHECK(number BETWEEN 1 AND 999999999),
  name TEXT NOT NULL UNIQUE,
  email TEXT,
  locale TEXT,
  account_id TEXT UNIQUE REFERENCES accounts(id) ON DELETE SET NULL,
  owner_admin TEXT NOT NULL,
  accounts_max INTEGER NOT NULL CHECK(accounts_max >= 0),
  created_at INTEGER NOT NULL,
  revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX resellers_by_time ON resellers(created_at, id);
CREATE INDEX resellers_by_owner ON resellers(owner_admin);

ALTER TABLE plans ADD COLUMN reseller_id TEXT REFERENCES resellers(id);
ALTER TABLE plans ADD COLUMN owner_admin TEXT NOT NULL DEFAULT '';
CREATE INDEX plans_by_owner ON plans(reseller_id, owner_admin);

ALTER TABLE accounts ADD COLUMN email TEXT;
ALTER TABLE accounts ADD COLUMN locale TEXT;
ALTER TABLE accounts ADD COLUMN reseller_id TEXT REFERENCES resellers(id);
ALTER TABLE accounts ADD COLUMN owner_admin TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN renaming_to TEXT;
CREATE INDEX accounts_by_owner ON accounts(reseller_id, owner_admin);
CREATE INDEX accounts_by_uid ON accounts(uid);
CREATE UNIQUE INDEX accounts_renaming ON accounts(renaming_to) WHERE renaming_to IS NOT NULL;

ALTER TABLE domains ADD COLUMN kind TEXT NOT NULL DEFAULT 'site' CHECK(kind IN ('site','alias'));
ALTER TABLE domains ADD COLUMN target_id TEXT REFERENCES domains(id);
ALTER TABLE domains ADD COLUMN php TEXT;
ALTER TABLE domains ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
CREATE INDEX domains_by_target ON domains(target_id);
CREATE UNIQUE INDEX domains_primary ON domains(account_id) WHERE is_primary = 1;

CREATE TABLE database_users(
  name TEXT NOT NULL PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts(id),
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX database_users_by_time ON database_users(created_at, name);
CREATE INDEX database_users_by_account ON database_users(account_id, created_at, name);

ALTER TABLE jobs ADD COLUMN details TEXT NOT NULL DEFAULT '{}';
)sql";

// Jobs that were queued under the names of before go on.
constexpr const char* kKindsOfJobs = R"sql(
UPDATE jobs SET kind = CASE kind
  WHEN 'account.change' THEN 'account.update'
  WHEN 'alias.add' THEN 'alias.create'
  WHEN 'alias.remove' THEN 'alias.delete'
  WHEN 'domain.add' THEN 'domain.create'
  WHEN 'domain.change' THEN 'domain.update'
  WHEN 'domain.remove' THEN 'domain.delete'
  WHEN 'database_user.add' THEN 'database_user.create'
  WHEN 'database_user.remove' THEN 'database_user.delete'
  ELSE kind END;
)sql";

// Requests that are known again by their key. `number` counts up for each caller: which are too
// many is told without counting them.
constexpr const char* kRequestKeys = R"sql(
CREATE TABLE request_keys(
  id TEXT NOT NULL UNIQUE,
  caller TEXT NOT NULL,
  number INTEGER NOT NULL,
  request TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  state TEXT NOT NULL CHECK(state IN ('reserved','begun','done','answered','withheld')),
  reference TEXT NOT NULL,
  status INTEGER NOT NULL,
  location TEXT NOT NULL,
  etag TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX request_keys_by_time ON request_keys(created_at);
CREATE UNIQUE INDEX request_keys_of_caller ON request_keys(caller, number);
)sql";

// Plans in full. features: bits of Feature, NULL = all. A job that has parts (parts_total > 0) is
// ended by the last of them, in the same transaction.
constexpr const char* kWholePlans = R"sql(
ALTER TABLE plans ADD COLUMN sites_max INTEGER NOT NULL DEFAULT 0 CHECK(sites_max >= 0);
ALTER TABLE plans ADD COLUMN database_users_max INTEGER NOT NULL DEFAULT 0
  CHECK(database_users_max >= 0);
ALTER TABLE plans ADD COLUMN io_read_bytes INTEGER NOT NULL DEFAULT 0 CHECK(io_read_bytes >= 0);
ALTER TABLE plans ADD COLUMN io_write_bytes INTEGER NOT NULL DEFAULT 0 CHECK(io_write_bytes >= 0);
ALTER TABLE plans ADD COLUMN io_read_ops INTEGER NOT NULL DEFAULT 0 CHECK(io_read_ops >= 0);
ALTER TABLE plans ADD COLUMN io_write_ops INTEGER NOT NULL DEFAULT 0 CHECK(io_write_ops >= 0);
ALTER TABLE plans ADD COLUMN transfer_bytes INTEGER NOT NULL DEFAULT 0 CHECK(transfer_bytes >= 0);
ALTER TABLE plans ADD COLUMN features INTEGER;
ALTER TABLE plans ADD COLUMN limits_job TEXT NOT NULL DEFAULT '';

ALTER TABLE jobs ADD COLUMN parent_id TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN parts_total INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN parts_ended INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN parts_failed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX jobs_by_parent ON jobs(parent_id, created_at, id) WHERE parent_id <> '';
)sql";

// A deleted account is a suspended one with deleted_at set. What account.delete did is done by
// account.purge now: jobs that have not ended go on under that name.
constexpr const char* kRestoreWindows = R"sql(
ALTER TABLE accounts ADD COLUMN deleted_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN restore_until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN was_suspended INTEGER NOT NULL DEFAULT 0
  CHECK(was_suspended IN (0,1));
CREATE INDEX accounts_deleted ON accounts(restore_until) WHERE deleted_at > 0;
UPDATE jobs SET kind='account.purge' WHERE kind='account.delete' AND ended_at=0;
)sql";

// What has changed. The counter gives the ids: whoever counts holds it until he commits, so that a
// reader who has seen one id never misses a lower one.
constexpr const char* kEvents = R"sql(
INSERT INTO counters VALUES('event', 0);
CREATE TABLE events(
  id INTEGER NOT NULL PRIMARY KEY,
  time INTEGER NOT NULL,
  type TEXT NOT NULL,
  object TEXT NOT NULL,
  object_id TEXT NOT NULL,
  name TEXT NOT NULL,
  account_id TEXT NOT NULL,
  reseller_id TEXT NOT NULL,
  job_id TEXT NOT NULL,
  request_id TEXT NOT NULL,
  data TEXT NOT NULL
) STRICT;
CREATE INDEX events_of_account ON events(account_id, id);
CREATE INDEX events_of_reseller ON events(reseller_id, id);
CREATE INDEX events_of_job ON events(job_id, id);
)sql";

constexpr const char* kSteps[] = {kFirst,      kPeople,         kKindsOfJobs, kRequestKeys,
                                  kWholePlans, kRestoreWindows, kEvents};

}  // namespace

Migrations storeMigrations() { return kSteps; }

}  // namespace bulkhead::api::sqlite
