// The steps from an empty database to today's tables. Released steps are never edited: add one.
// Every statement does nothing when it has been run before, because the server commits each by
// itself and may be killed between two of them.
#include "api/store/mariadb/mariadb_store.h"

namespace bulkhead::api::mariadb {
namespace {

// No padding and by code point: as SQLite compares text. 255 characters are more than any id, name
// or sort key has, and an index has room for three of them.
#define NAME "VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin"
#define LONG_TEXT "MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin"
#define TABLE_END \
  ") ENGINE=InnoDB ROW_FORMAT=DYNAMIC CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin"

// The same columns as in SQLite's tables, which say what they mean. What is unique there for some
// rows only is unique here by a column that is NULL for the others. `turns` has one row: whoever
// writes holds it, and leaves his transaction's name in it.
constexpr const char* kFirst[] = {
    "CREATE TABLE IF NOT EXISTS turns("
    "id TINYINT NOT NULL PRIMARY KEY,"
    "token VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL" TABLE_END,
    "INSERT IGNORE INTO turns VALUES(1, '')",

    "CREATE TABLE IF NOT EXISTS counters("
    "name " NAME
    " NOT NULL PRIMARY KEY,"
    "value BIGINT NOT NULL" TABLE_END,
    "INSERT IGNORE INTO counters VALUES('reseller', 0)",

    // The reference to accounts comes when they are there.
    "CREATE TABLE IF NOT EXISTS resellers("
    "id " NAME
    " NOT NULL PRIMARY KEY,"
    "number BIGINT NOT NULL UNIQUE CHECK(number BETWEEN 1 AND 999999999),"
    "name " NAME
    " NOT NULL UNIQUE,"
    "email " NAME ", locale " NAME
    ","
    "account_id " NAME
    " UNIQUE,"
    "owner_admin " NAME
    " NOT NULL,"
    "accounts_max BIGINT NOT NULL CHECK(accounts_max >= 0),"
    "created_at BIGINT NOT NULL, revision BIGINT NOT NULL,"
    "INDEX resellers_by_time(created_at, id), INDEX resellers_by_owner(owner_admin)" TABLE_END,

    "CREATE TABLE IF NOT EXISTS plans("
    "id " NAME
    " NOT NULL PRIMARY KEY,"
    "name " NAME
    " NOT NULL UNIQUE,"
    "cpu_percent BIGINT NOT NULL CHECK(cpu_percent >= 0),"
    "memory_bytes BIGINT NOT NULL CHECK(memory_bytes >= 0),"
    "tasks BIGINT NOT NULL CHECK(tasks >= 0),"
    "disk_bytes BIGINT NOT NULL CHECK(disk_bytes >= 0),"
    "inodes BIGINT NOT NULL CHECK(inodes >= 0),"
    "domains_max BIGINT NOT NULL CHECK(domains_max >= 0),"
    "created_at BIGINT NOT NULL, revision BIGINT NOT NULL,"
    "reseller_id " NAME
    ","
    "owner_admin " NAME
    " NOT NULL DEFAULT '',"
    "sites_max BIGINT NOT NULL DEFAULT 0 CHECK(sites_max >= 0),"
    "database_users_max BIGINT NOT NULL DEFAULT 0 CHECK(database_users_max >= 0),"
    "io_read_bytes BIGINT NOT NULL DEFAULT 0 CHECK(io_read_bytes >= 0),"
    "io_write_bytes BIGINT NOT NULL DEFAULT 0 CHECK(io_write_bytes >= 0),"
    "io_read_ops BIGINT NOT NULL DEFAULT 0 CHECK(io_read_ops >= 0),"
    "io_write_ops BIGINT NOT NULL DEFAULT 0 CHECK(io_write_ops >= 0),"
    "transfer_bytes BIGINT NOT NULL DEFAULT 0 CHECK(transfer_bytes >= 0),"
    "features BIGINT,"
    "limits_job " NAME
    " NOT NULL DEFAULT '',"
    "INDEX plans_by_time(created_at, id), INDEX plans_by_owner(reseller_id, owner_admin),"
    "CONSTRAINT plans_reseller FOREIGN KEY(reseller_id) REFERENCES resellers(id)" TABLE_END,

    "CREATE TABLE IF NOT EXISTS accounts("
    "id " NAME
    " NOT NULL PRIMARY KEY,"
    "username " NAME
    " NOT NULL UNIQUE,"
    "plan_id " NAME
    " NOT NULL,"
    "state " NAME
    " NOT NULL"
    " CHECK(state IN ('creating','active','suspended','deleting','failed')),"
    "uid BIGINT NOT NULL,"
    "preview_port BIGINT UNIQUE CHECK(preview_port BETWEEN 32768 AND 60999),"
    "created_at BIGINT NOT NULL, revision BIGINT NOT NULL,"
    "email " NAME ", locale " NAME
    ","
    "reseller_id " NAME
    ","
    "owner_admin " NAME
    " NOT NULL DEFAULT '',"
    "renaming_to " NAME
    " UNIQUE,"
    "deleted_at BIGINT NOT NULL DEFAULT 0,"
    "restore_until BIGINT NOT NULL DEFAULT 0,"
    "was_suspended BIGINT NOT NULL DEFAULT 0 CHECK(was_suspended IN (0,1)),"
    "INDEX accounts_by_time(created_at, id), INDEX accounts_by_plan(plan_id),"
    "INDEX accounts_by_owner(reseller_id, owner_admin), INDEX accounts_by_uid(uid),"
    "INDEX accounts_deleted(restore_until),"
    "CONSTRAINT accounts_plan FOREIGN KEY(plan_id) REFERENCES plans(id),"
    "CONSTRAINT accounts_reseller FOREIGN KEY(reseller_id) REFERENCES resellers(id)" TABLE_END,

    "ALTER TABLE resellers ADD CONSTRAINT resellers_account FOREIGN KEY IF NOT EXISTS "
    "(account_id) REFERENCES accounts(id) ON DELETE SET NULL",

    "CREATE TABLE IF NOT EXISTS domains("
    "id " NAME
    " NOT NULL PRIMARY KEY,"
    "name " NAME
    " NOT NULL UNIQUE,"
    "sort_key " NAME
    " NOT NULL UNIQUE,"
    "account_id " NAME
    " NOT NULL,"
    "state " NAME
    " NOT NULL CHECK(state IN ('pending','active','removing')),"
    "is_primary BIGINT NOT NULL CHECK(is_primary IN (0,1)),"
    "created_at BIGINT NOT NULL,"
    "kind " NAME
    " NOT NULL DEFAULT 'site' CHECK(kind IN ('site','alias')),"
    "target_id " NAME
    ","
    "php " NAME
    ","
    "revision BIGINT NOT NULL DEFAULT 1,"
    "primary_of " NAME
    " GENERATED ALWAYS AS (IF(is_primary=1, account_id, NULL)) VIRTUAL UNIQUE,"
    "INDEX domains_by_time(created_at, id),"
    "INDEX domains_by_account(account_id, created_at, id), INDEX domains_by_target(target_id),"
    "CONSTRAINT domains_account FOREIGN KEY(account_id) REFERENCES accounts(id),"
    "CONSTRAINT domains_target FOREIGN KEY(target_id) REFERENCES domains(id)" TABLE_END,

    "CREATE TABLE IF NOT EXISTS database_users("
    "name " NAME
    " NOT NULL PRIMARY KEY,"
    "account_id " NAME
    " NOT NULL,"
    "created_at BIGINT NOT NULL,"
    "INDEX database_users_by_time(created_at, name),"
    "INDEX database_users_by_account(account_id, created_at, name),"
    "CONSTRAINT database_users_account FOREIGN KEY(account_id) REFERENCES accounts(id)" TABLE_END,

    "CREATE TABLE IF NOT EXISTS jobs("
    "id " NAME
    " NOT NULL PRIMARY KEY,"
    "kind " NAME
    " NOT NULL,"
    "state " NAME
    " NOT NULL"
    " CHECK(state IN ('queued','running','undoing','succeeded','failed','rolled_back')),"
    "account_id " NAME
    " NOT NULL,"
    "username " NAME
    " NOT NULL,"
    "domain_id " NAME
    " NOT NULL,"
    "actor " LONG_TEXT
    " NOT NULL,"
    "request_id " LONG_TEXT
    " NOT NULL,"
    "traceparent " LONG_TEXT
    " NOT NULL,"
    "problem_code " NAME ", problem_message " LONG_TEXT ", problem_field " LONG_TEXT
    ","
    "created_at BIGINT NOT NULL, ended_at BIGINT NOT NULL,"
    "details " LONG_TEXT
    " NOT NULL,"
    "parent_id " NAME
    " NOT NULL DEFAULT '',"
    "parts_total BIGINT NOT NULL DEFAULT 0,"
    "parts_ended BIGINT NOT NULL DEFAULT 0,"
    "parts_failed BIGINT NOT NULL DEFAULT 0,"
    "INDEX jobs_by_time(created_at, id),"
    "INDEX jobs_unfinished(ended_at, account_id, created_at),"
    "INDEX jobs_by_parent(parent_id, created_at, id)" TABLE_END,

    "CREATE TABLE IF NOT EXISTS job_steps("
    "job_id " NAME
    " NOT NULL,"
    "position BIGINT NOT NULL,"
    "name " NAME
    " NOT NULL,"
    "subject " LONG_TEXT
    " NOT NULL,"
    "state " NAME
    " NOT NULL"
    " CHECK(state IN ('pending','running','succeeded','failed','undone','skipped')),"
    "\"undo\" BIGINT NOT NULL CHECK(\"undo\" IN (0,1,2)),"
    "started_at BIGINT NOT NULL, ended_at BIGINT NOT NULL,"
    "external_micros BIGINT NOT NULL,"
    "evidence " LONG_TEXT
    " NOT NULL,"
    "PRIMARY KEY(job_id, position),"
    "CONSTRAINT job_steps_job FOREIGN KEY(job_id) REFERENCES jobs(id) ON DELETE CASCADE" TABLE_END,

    "CREATE TABLE IF NOT EXISTS request_keys("
    "id " NAME
    " NOT NULL PRIMARY KEY,"
    "caller " NAME
    " NOT NULL,"
    "number BIGINT NOT NULL,"
    "request " LONG_TEXT
    " NOT NULL,"
    "created_at BIGINT NOT NULL,"
    "state " NAME
    " NOT NULL"
    " CHECK(state IN ('reserved','begun','done','answered','withheld')),"
    "reference " LONG_TEXT
    " NOT NULL,"
    "status BIGINT NOT NULL,"
    "location " LONG_TEXT
    " NOT NULL,"
    "etag " LONG_TEXT
    " NOT NULL,"
    "body " LONG_TEXT
    " NOT NULL,"
    "INDEX request_keys_by_time(created_at),"
    "UNIQUE INDEX request_keys_of_caller(caller, number)" TABLE_END,
};

constexpr const char* kEvents[] = {
    "INSERT IGNORE INTO counters VALUES('event', 0)",
    "CREATE TABLE IF NOT EXISTS events("
    "id BIGINT NOT NULL PRIMARY KEY,"
    "time BIGINT NOT NULL,"
    "type " NAME
    " NOT NULL,"
    "object " NAME
    " NOT NULL,"
    "object_id " NAME
    " NOT NULL,"
    "name " NAME
    " NOT NULL,"
    "account_id " NAME
    " NOT NULL,"
    "reseller_id " NAME
    " NOT NULL,"
    "job_id " NAME
    " NOT NULL,"
    "request_id " NAME
    " NOT NULL,"
    "data " LONG_TEXT
    " NOT NULL,"
    "INDEX events_of_account(account_id, id),"
    "INDEX events_of_reseller(reseller_id, id),"
    "INDEX events_of_job(job_id, id)" TABLE_END,
};

constexpr Step kSteps[] = {kFirst, kEvents};

#undef NAME
#undef LONG_TEXT
#undef TABLE_END

}  // namespace

Migrations storeMigrations() { return kSteps; }

}  // namespace bulkhead::api::mariadb
