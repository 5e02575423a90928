// SQL of the administrators' database.
#include "api/auth/admin_store.h"

#include "api/auth/admin_rows.h"
#include "api/auth/admin_schema.h"

namespace bulkhead::api {
namespace {

using sqlite::Connection;
using sqlite::Statement;

constexpr const char* kindWord(OneTimeKind kind) {
  return kind == OneTimeKind::kBootstrap ? "bootstrap" : "login_link";
}
Result<Ok> noRows(Result<std::int64_t> changed) {
  if (!changed.ok()) return changed.error();
  return Ok{};
}

}  // namespace

Result<std::unique_ptr<AdminStore>> AdminStore::open(const std::string& path) {
  TRY_ASSIGN(auto database, sqlite::Database::open(path, adminMigrations()));
  return std::unique_ptr<AdminStore>(new AdminStore(std::move(database)));
}

Result<std::optional<Person>> AdminStore::findByName(const std::string& username) {
  return database_->read([&](Connection& c) {
    return findPerson(c, "SELECT " PERSON_COLUMNS "FROM admins a WHERE a.username = ?", username);
  });
}

Result<std::optional<Person>> AdminStore::findMain() {
  return database_->read([&](Connection& c) {
    return findPerson(c, "SELECT " PERSON_COLUMNS "FROM admins a WHERE a.role = ?", "main");
  });
}

Result<Ok> AdminStore::addSession(const Session& session,
                                  std::int64_t idleMicros,
                                  const std::string& whileHash,
                                  std::int64_t since) {
  return database_->write([&](Connection& c) -> Result<Ok> {
    if (!whileHash.empty()) {
      TRY_ASSIGN(const bool same,
                 c.prepare("SELECT 1 FROM people WHERE id = ? AND password_hash = ? AND state = "
                           "'active'",
                           session.personId, whileHash)
                     .step());
      if (!same) return Error{Code::kUnauthenticated, "the password has changed meanwhile", ""};
      TRY_ASSIGN(const bool guarded,
                 c.prepare("SELECT 1 FROM second_factors WHERE person_id = ? AND active AND "
                           "confirmed_at > ?",
                           session.personId, since)
                     .step());
      if (guarded) return Error{Code::kUnauthenticated, "there is a second factor by now", ""};
    }
    TRY(c.run("DELETE FROM sessions WHERE expires_at <= ?1 OR used_at <= ?1 - ?2",
              session.createdAt, idleMicros));
    TRY(c.run("DELETE FROM one_time WHERE expires_at <= ?", session.createdAt));
    // Each kind for itself: who stands in for somebody pushes no session of his out.
    TRY(
        c.run("DELETE FROM sessions WHERE person_id = ?1 AND (by_session IS NULL) = (?3 = '') AND "
              "id NOT IN (SELECT id FROM sessions WHERE person_id = ?1 AND (by_session IS NULL) = "
              "(?3 = '') ORDER BY created_at DESC, id DESC LIMIT ?2)",
              session.personId, kSessionsPerPersonMax - 1, session.bySession));
    auto added = insertSession(c, session);
    if (!added.ok() && added.error().code == Code::kConflict)  // whoever it hangs on is gone
      return Error{Code::kUnauthenticated, "the session is over", ""};
    return added;
  });
}

Result<std::optional<SessionAndPerson>> AdminStore::findSession(const std::string& tokenHash) {
  RecordCache<SessionAndPerson>& sessions = database_->sessions();
  const auto now = std::chrono::steady_clock::now();
  if (const auto known = sessions.find(tokenHash, now)) return std::optional(*known);
  const std::uint64_t changes = sessions.changes();
  TRY_ASSIGN(auto found, lookUpSession(tokenHash));
  if (found) {
    found->person.passwordHash.clear();  // no request needs it, so it is not kept
    sessions.keep(tokenHash, *found, changes, now);
  }
  return found;
}

Result<std::optional<SessionAndPerson>> AdminStore::lookUpSession(const std::string& tokenHash) {
  return database_->lookUp([&](Connection& c) -> Result<std::optional<SessionAndPerson>> {
    Statement row = c.prepare(
        "SELECT s.id, s.scopes, s.created_at, s.used_at, s.expires_at, s.proved_at, "
        "s.by_session, b.person_id, p.role, p.username, b.used_at, b.expires_at, " PERSON_COLUMNS
        "FROM sessions s JOIN people a ON a.id = s.person_id "
        "LEFT JOIN sessions b ON b.id = s.by_session LEFT JOIN people p ON p.id = b.person_id "
        "WHERE s.token_hash = ?",
        tokenHash);
    TRY_ASSIGN(const bool found, row.step());
    if (!found) return std::optional<SessionAndPerson>();
    SessionAndPerson both;
    both.person = personFrom(row, 12);
    both.session =
        Session{row.text(0),    tokenHash,      both.person.id, row.text(1), row.integer(2),
                row.integer(3), row.integer(4), row.integer(5), row.text(6)};
    if (!both.session.bySession.empty())
      both.by = StandIn{row.text(7), row.text(8), row.text(9), row.integer(10), row.integer(11)};
    return std::optional<SessionAndPerson>(std::move(both));
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
                                  const std::string& personId,
                                  std::int64_t expiresAt,
                                  const std::string& bySession) {
  return database_->write([&](Connection& c) -> Result<Ok> {
    if (kind == OneTimeKind::kBootstrap) {
      TRY(c.run("DELETE FROM one_time WHERE kind = 'bootstrap'"));
      return noRows(
          c.run("INSERT INTO one_time (secret_hash, kind, person_id, expires_at) VALUES (?, "
                "'bootstrap', NULL, ?)",
                secretHash, expiresAt));
    }
    TRY(c.run(
        "DELETE FROM one_time WHERE person_id = ?1 AND secret_hash NOT IN (SELECT secret_hash "
        "FROM one_time WHERE person_id = ?1 ORDER BY expires_at DESC LIMIT ?2)",
        personId, kLinksPerPersonMax - 1));
    TRY_ASSIGN(const auto added,
               c.run("INSERT INTO one_time (secret_hash, kind, person_id, expires_at) "
                     "SELECT ?1, 'login_link', ?2, ?3 WHERE ?4 = '' OR EXISTS (SELECT 1 FROM "
                     "sessions WHERE id = ?4)",
                     secretHash, personId, expiresAt, bySession));
    if (added != 1) return Error{Code::kUnauthenticated, "the session is over", ""};
    return Ok{};
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

Result<Ok> AdminStore::createMain(const Person& admin,
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
               findPerson(c, "SELECT " PERSON_COLUMNS "FROM admins a WHERE a.role = ?", "main"));
    if (existing) return Error{Code::kConflict, "the main administrator exists already", ""};
    return insertPerson(c, admin);
  });
}

Result<std::optional<Person>> AdminStore::findLoginLink(const std::string& tokenHash,
                                                        std::int64_t now) {
  return database_->read([&](Connection& c) {
    return findPerson(c,
                      "SELECT " PERSON_COLUMNS
                      "FROM one_time o JOIN people a ON a.id = o.person_id WHERE o.secret_hash = ? "
                      "AND o.kind = 'login_link' AND o.expires_at > ? AND a.state = 'active'",
                      tokenHash, now);
  });
}

Result<std::optional<Person>> AdminStore::takeLoginLink(const std::string& tokenHash,
                                                        std::int64_t now) {
  return database_->write([&](Connection& c) -> Result<std::optional<Person>> {
    TRY_ASSIGN(auto admin, findPerson(c,
                                      "SELECT " PERSON_COLUMNS
                                      "FROM one_time o JOIN people a ON a.id = o.person_id WHERE "
                                      "o.secret_hash = ? AND o.kind = 'login_link'",
                                      tokenHash));
    TRY_ASSIGN(
        const auto used,
        c.run(
            "DELETE FROM one_time WHERE secret_hash = ? AND kind = 'login_link' AND expires_at > ?",
            tokenHash, now));
    if (used != 1 || !admin || admin->state != PersonState::kActive) return std::optional<Person>();
    return admin;
  });
}

}  // namespace bulkhead::api
