// The steps from an empty file to today's tables of admins.db. Released steps are never edited: add
// one.
#include "api/auth/admin_schema.h"

#include <array>

#include "api/auth/admin_store.h"

namespace bulkhead::api {
namespace {

constexpr const char* kFirst = R"sql(
CREATE TABLE admins (
  id TEXT PRIMARY KEY,
  username TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL CHECK (role IN ('main')),
  password_hash TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('active', 'disabled')),
  created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX one_main ON admins(role) WHERE role = 'main';
CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  token_hash TEXT NOT NULL UNIQUE,
  admin_id TEXT NOT NULL REFERENCES admins(id) ON DELETE CASCADE,
  scopes TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  used_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_of_admin ON sessions(admin_id, created_at);
CREATE TABLE one_time (
  secret_hash TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('bootstrap', 'login_link')),
  admin_id TEXT REFERENCES admins(id) ON DELETE CASCADE,
  expires_at INTEGER NOT NULL
) STRICT;
)sql";

// More administrators than the main one. A CHECK cannot be changed, so the table is made anew; what
// refers to it would go with the old one and is carried over.
constexpr const char* kPeople = R"sql(
CREATE TABLE new_admins (
  id TEXT PRIMARY KEY,
  username TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL CHECK (role IN ('main', 'admin')),
  password_hash TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('active', 'disabled')),
  created_at INTEGER NOT NULL,
  email TEXT,
  locale TEXT,
  unix_user TEXT,
  revision INTEGER NOT NULL
) STRICT;
INSERT INTO new_admins
  SELECT id, username, role, password_hash, state, created_at, NULL, NULL, 'root', 1 FROM admins;
CREATE TABLE kept_sessions AS SELECT * FROM sessions;
CREATE TABLE kept_one_time AS SELECT * FROM one_time;
DROP TABLE admins;
ALTER TABLE new_admins RENAME TO admins;
DELETE FROM sessions;
INSERT INTO sessions SELECT * FROM kept_sessions;
DELETE FROM one_time;
INSERT INTO one_time SELECT * FROM kept_one_time;
DROP TABLE kept_sessions;
DROP TABLE kept_one_time;
CREATE UNIQUE INDEX one_main ON admins(role) WHERE role = 'main';
CREATE INDEX admins_by_time ON admins(created_at, id);
)sql";
constexpr const char* kUiTokens = R"sql(
CREATE TABLE ui_tokens (
  token_hash TEXT PRIMARY KEY,
  role TEXT NOT NULL CHECK (role IN ('user', 'reseller', 'admin')),
  subject_id TEXT NOT NULL,
  domain TEXT NOT NULL,
  admin_id TEXT NOT NULL,
  session_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  used_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX ui_tokens_of_session ON ui_tokens(session_id);
CREATE INDEX ui_tokens_of_subject ON ui_tokens(subject_id, created_at);
)sql";
constexpr const char* kApiTokens = R"sql(
CREATE TABLE api_tokens (
  id TEXT PRIMARY KEY,
  admin_id TEXT NOT NULL REFERENCES admins(id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  secret_hash TEXT NOT NULL UNIQUE,
  old_hash TEXT UNIQUE,
  old_until INTEGER NOT NULL,
  scopes TEXT NOT NULL,
  addresses TEXT NOT NULL,
  read_only INTEGER NOT NULL CHECK (read_only IN (0, 1)),
  dry_run_only INTEGER NOT NULL CHECK (dry_run_only IN (0, 1)),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER NOT NULL,
  used_from TEXT NOT NULL
) STRICT;
CREATE INDEX api_tokens_of_admin ON api_tokens(admin_id, created_at, id);
CREATE INDEX api_tokens_by_time ON api_tokens(created_at, id);
)sql";
constexpr const char* kResets = R"sql(
ALTER TABLE sessions ADD COLUMN proved_at INTEGER NOT NULL DEFAULT 0;
CREATE TABLE password_resets (
  admin_id TEXT PRIMARY KEY REFERENCES admins(id) ON DELETE CASCADE,
  secret_hash TEXT NOT NULL UNIQUE,
  expires_at INTEGER NOT NULL
) STRICT;
)sql";
constexpr const char* kFactors = R"sql(
CREATE TABLE second_factors (
  admin_id TEXT PRIMARY KEY REFERENCES admins(id) ON DELETE CASCADE,
  sealed_seed TEXT NOT NULL,
  active INTEGER NOT NULL CHECK (active IN (0, 1)),
  used_step INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  blocked_until INTEGER NOT NULL,
  confirmed_at INTEGER NOT NULL
) STRICT;
CREATE TABLE backup_codes (
  admin_id TEXT NOT NULL REFERENCES second_factors(admin_id) ON DELETE CASCADE,
  code_hash TEXT NOT NULL,
  PRIMARY KEY (admin_id, code_hash)
) STRICT;
)sql";

// What resellers and users of accounts log in with lies beside what administrators do, so that one
// mechanism serves them all; their names and everything else about them stay in the store. `admins`
// is what it was to whoever reads administrators, and shows nobody else.
constexpr const char* kLogins = R"sql(
CREATE TABLE people (
  id TEXT PRIMARY KEY,
  username TEXT UNIQUE,
  role TEXT NOT NULL CHECK (role IN ('main', 'admin', 'reseller', 'user')),
  password_hash TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('active', 'disabled')),
  created_at INTEGER NOT NULL,
  email TEXT,
  locale TEXT,
  unix_user TEXT,
  revision INTEGER NOT NULL,
  CHECK ((username IS NULL) = (role IN ('reseller', 'user')))
) STRICT;
INSERT INTO people SELECT id, username, role, password_hash, state, created_at, email, locale,
  unix_user, revision FROM admins;

CREATE TABLE new_sessions (
  id TEXT PRIMARY KEY,
  token_hash TEXT NOT NULL UNIQUE,
  person_id TEXT NOT NULL REFERENCES people(id) ON DELETE CASCADE,
  scopes TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  used_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  proved_at INTEGER NOT NULL,
  by_session TEXT REFERENCES new_sessions(id) ON DELETE CASCADE
) STRICT;
INSERT INTO new_sessions SELECT id, token_hash, admin_id, scopes, created_at, used_at, expires_at,
  proved_at, NULL FROM sessions;
DROP TABLE sessions;
ALTER TABLE new_sessions RENAME TO sessions;
CREATE INDEX sessions_of_person ON sessions(person_id, created_at);
CREATE INDEX sessions_by_session ON sessions(by_session) WHERE by_session IS NOT NULL;

CREATE TABLE new_one_time (
  secret_hash TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('bootstrap', 'login_link')),
  person_id TEXT REFERENCES people(id) ON DELETE CASCADE,
  expires_at INTEGER NOT NULL
) STRICT;
INSERT INTO new_one_time SELECT secret_hash, kind, admin_id, expires_at FROM one_time;
DROP TABLE one_time;
ALTER TABLE new_one_time RENAME TO one_time;

CREATE TABLE new_api_tokens (
  id TEXT PRIMARY KEY,
  person_id TEXT NOT NULL REFERENCES people(id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  secret_hash TEXT NOT NULL UNIQUE,
  old_hash TEXT UNIQUE,
  old_until INTEGER NOT NULL,
  scopes TEXT NOT NULL,
  addresses TEXT NOT NULL,
  read_only INTEGER NOT NULL CHECK (read_only IN (0, 1)),
  dry_run_only INTEGER NOT NULL CHECK (dry_run_only IN (0, 1)),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER NOT NULL,
  used_from TEXT NOT NULL
) STRICT;
INSERT INTO new_api_tokens SELECT id, admin_id, name, secret_hash, old_hash, old_until, scopes,
  addresses, read_only, dry_run_only, created_at, expires_at, used_at, used_from FROM api_tokens;
DROP TABLE api_tokens;
ALTER TABLE new_api_tokens RENAME TO api_tokens;
CREATE INDEX api_tokens_of_person ON api_tokens(person_id, created_at, id);
CREATE INDEX api_tokens_by_time ON api_tokens(created_at, id);

CREATE TABLE new_password_resets (
  person_id TEXT PRIMARY KEY REFERENCES people(id) ON DELETE CASCADE,
  secret_hash TEXT NOT NULL UNIQUE,
  expires_at INTEGER NOT NULL
) STRICT;
INSERT INTO new_password_resets SELECT admin_id, secret_hash, expires_at FROM password_resets;
DROP TABLE password_resets;
ALTER TABLE new_password_resets RENAME TO password_resets;

CREATE TABLE new_second_factors (
  person_id TEXT PRIMARY KEY REFERENCES people(id) ON DELETE CASCADE,
  sealed_seed TEXT NOT NULL,
  active INTEGER NOT NULL CHECK (active IN (0, 1)),
  used_step INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  blocked_until INTEGER NOT NULL,
  confirmed_at INTEGER NOT NULL
) STRICT;
INSERT INTO new_second_factors SELECT admin_id, sealed_seed, active, used_step, failures,
  blocked_until, confirmed_at FROM second_factors;
CREATE TABLE new_backup_codes (
  person_id TEXT NOT NULL REFERENCES new_second_factors(person_id) ON DELETE CASCADE,
  code_hash TEXT NOT NULL,
  PRIMARY KEY (person_id, code_hash)
) STRICT;
INSERT INTO new_backup_codes SELECT admin_id, code_hash FROM backup_codes;
DROP TABLE backup_codes;
DROP TABLE second_factors;
ALTER TABLE new_second_factors RENAME TO second_factors;
ALTER TABLE new_backup_codes RENAME TO backup_codes;

DROP TABLE admins;
CREATE UNIQUE INDEX one_main ON people(role) WHERE role = 'main';
CREATE INDEX admins_by_time ON people(created_at, id) WHERE role IN ('main', 'admin');
CREATE VIEW admins AS SELECT * FROM people WHERE role IN ('main', 'admin');
)sql";
constexpr std::array kMigrations{kFirst,  kPeople,  kUiTokens, kApiTokens,
                                 kResets, kFactors, kLogins};

}  // namespace

const char* const AdminStore::kFirstSchema = kFirst;

sqlite::Migrations adminMigrations() { return kMigrations; }

}  // namespace bulkhead::api
