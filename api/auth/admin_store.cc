// SQL of the administrators' database.
#include "api/auth/admin_store.h"

#include <array>

#include "api/auth/admin_rows.h"

namespace bulkhead::api {
namespace {

using sqlite::Connection;
using sqlite::Statement;

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
constexpr std::array kMigrations{kFirst, kPeople, kUiTokens, kApiTokens};

constexpr const char* kindWord(OneTimeKind kind) {
  return kind == OneTimeKind::kBootstrap ? "bootstrap" : "login_link";
}
Result<Ok> noRows(Result<std::int64_t> changed) {
  if (!changed.ok()) return changed.error();
  return Ok{};
}

}  // namespace

const char* const AdminStore::kFirstSchema = kFirst;

Result<std::unique_ptr<AdminStore>> AdminStore::open(const std::string& path) {
  TRY_ASSIGN(auto database, sqlite::Database::open(path, kMigrations));
  return std::unique_ptr<AdminStore>(new AdminStore(std::move(database)));
}

Result<std::optional<Admin>> AdminStore::findByName(const std::string& username) {
  return database_->read([&](Connection& c) {
    return findAdmin(c, "SELECT " ADMIN_COLUMNS "FROM admins a WHERE a.username = ?", username);
  });
}

Result<std::optional<Admin>> AdminStore::findMain() {
  return database_->read([&](Connection& c) {
    return findAdmin(c, "SELECT " ADMIN_COLUMNS "FROM admins a WHERE a.role = ?", "main");
  });
}

Result<Ok> AdminStore::setPasswordHash(const std::string& adminId, const std::string& hash) {
  return database_->write([&](Connection& c) {
    return noRows(c.run("UPDATE admins SET password_hash = ? WHERE id = ?", hash, adminId));
  });
}

Result<Ok> AdminStore::setState(const std::string& adminId, AdminState state) {
  return database_->write([&](Connection& c) -> Result<Ok> {
    TRY(c.run("UPDATE admins SET state = ? WHERE id = ?", adminStateWord(state), adminId));
    if (state != AdminState::kDisabled) return Ok{};
    TRY(c.run("DELETE FROM sessions WHERE admin_id = ?", adminId));
    TRY(c.run("DELETE FROM api_tokens WHERE admin_id = ?", adminId));
    return forgetUiTokensOf(c, adminId);
  });
}

Result<Ok> AdminStore::addSession(const Session& session, std::int64_t idleMicros) {
  return database_->write([&](Connection& c) -> Result<Ok> {
    TRY(c.run("DELETE FROM sessions WHERE expires_at <= ?1 OR used_at <= ?1 - ?2",
              session.createdAt, idleMicros));
    TRY(c.run("DELETE FROM one_time WHERE expires_at <= ?", session.createdAt));
    TRY(c.run(
        "DELETE FROM sessions WHERE admin_id = ?1 AND id NOT IN "
        "(SELECT id FROM sessions WHERE admin_id = ?1 ORDER BY created_at DESC, id DESC LIMIT ?2)",
        session.adminId, kSessionsPerAdminMax - 1));
    return noRows(c.run(
        "INSERT INTO sessions (id, token_hash, admin_id, scopes, created_at, used_at, expires_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        session.id, session.tokenHash, session.adminId, session.scopes, session.createdAt,
        session.usedAt, session.expiresAt));
  });
}

Result<std::optional<SessionAndAdmin>> AdminStore::findSession(const std::string& tokenHash) {
  RecordCache<SessionAndAdmin>& sessions = database_->sessions();
  const auto now = std::chrono::steady_clock::now();
  if (const auto known = sessions.find(tokenHash, now)) return std::optional(*known);
  const std::uint64_t changes = sessions.changes();
  TRY_ASSIGN(auto found, lookUpSession(tokenHash));
  if (found) {
    found->admin.passwordHash.clear();  // no request needs it, so it is not kept
    sessions.keep(tokenHash, *found, changes, now);
  }
  return found;
}

Result<std::optional<SessionAndAdmin>> AdminStore::lookUpSession(const std::string& tokenHash) {
  return database_->lookUp([&](Connection& c) -> Result<std::optional<SessionAndAdmin>> {
    Statement row =
        c.prepare("SELECT s.id, s.scopes, s.created_at, s.used_at, s.expires_at, " ADMIN_COLUMNS
                  "FROM sessions s JOIN admins a ON a.id = s.admin_id WHERE s.token_hash = ?",
                  tokenHash);
    TRY_ASSIGN(const bool found, row.step());
    if (!found) return std::optional<SessionAndAdmin>();
    SessionAndAdmin both;
    both.admin = adminFrom(row, 5);
    both.session = Session{row.text(0),    tokenHash,      both.admin.id, row.text(1),
                           row.integer(2), row.integer(3), row.integer(4)};
    return std::optional<SessionAndAdmin>(std::move(both));
  });
}

Result<Ok> AdminStore::touchSession(const std::string& sessionId, std::int64_t usedAt) {
  return database_->write([&](Connection& c) {
    return noRows(c.run("UPDATE sessions SET used_at = ? WHERE id = ?", usedAt, sessionId));
  });
}

Result<Ok> AdminStore::endSession(const std::string& sessionId) {
  return database_->write([&](Connection& c) -> Result<Ok> {
    TRY(c.run("DELETE FROM ui_tokens WHERE session_id = ?", sessionId));
    return noRows(c.run("DELETE FROM sessions WHERE id = ?", sessionId));
  });
}

Result<Ok> AdminStore::addOneTime(OneTimeKind kind,
                                  const std::string& secretHash,
                                  const std::string& adminId,
                                  std::int64_t expiresAt) {
  return database_->write([&](Connection& c) -> Result<Ok> {
    if (kind == OneTimeKind::kBootstrap) {
      TRY(c.run("DELETE FROM one_time WHERE kind = 'bootstrap'"));
      return noRows(
          c.run("INSERT INTO one_time (secret_hash, kind, admin_id, expires_at) VALUES (?, "
                "'bootstrap', NULL, ?)",
                secretHash, expiresAt));
    }
    return noRows(
        c.run("INSERT INTO one_time (secret_hash, kind, admin_id, expires_at) VALUES (?, "
              "'login_link', ?, ?)",
              secretHash, adminId, expiresAt));
  });
}

Result<bool> AdminStore::hasOneTime(OneTimeKind kind,
                                    const std::string& secretHash,
                                    std::int64_t now) {
  return database_->read([&](Connection& c) {
    return c
        .prepare("SELECT 1 FROM one_time WHERE secret_hash = ? AND kind = ? AND expires_at > ?",
                 secretHash, kindWord(kind), now)
        .step();
  });
}

Result<Ok> AdminStore::createMain(const Admin& admin,
                                  const std::string& codeHash,
                                  std::int64_t now) {
  return database_->write([&](Connection& c) -> Result<Ok> {
    TRY_ASSIGN(
        const auto used,
        c.run(
            "DELETE FROM one_time WHERE secret_hash = ? AND kind = 'bootstrap' AND expires_at > ?",
            codeHash, now));
    if (used != 1) return Error{Code::kUnauthenticated, "the code is wrong, used or over", ""};
    TRY_ASSIGN(const auto existing,
               findAdmin(c, "SELECT " ADMIN_COLUMNS "FROM admins a WHERE a.role = ?", "main"));
    if (existing) return Error{Code::kConflict, "the main administrator exists already", ""};
    return insertAdmin(c, admin);
  });
}

Result<std::optional<Admin>> AdminStore::takeLoginLink(const std::string& tokenHash,
                                                       std::int64_t now) {
  return database_->write([&](Connection& c) -> Result<std::optional<Admin>> {
    TRY_ASSIGN(auto admin, findAdmin(c,
                                     "SELECT " ADMIN_COLUMNS
                                     "FROM one_time o JOIN admins a ON a.id = o.admin_id WHERE "
                                     "o.secret_hash = ? AND o.kind = 'login_link'",
                                     tokenHash));
    TRY_ASSIGN(
        const auto used,
        c.run(
            "DELETE FROM one_time WHERE secret_hash = ? AND kind = 'login_link' AND expires_at > ?",
            tokenHash, now));
    if (used != 1 || !admin || admin->state != AdminState::kActive) return std::optional<Admin>();
    return admin;
  });
}

}  // namespace bulkhead::api
