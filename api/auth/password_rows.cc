// Passwords, resets and states of people, with all that ends with them: one transaction
// each, so that nothing of before is left whenever the server dies.
#include "api/auth/admin_rows.h"
#include "api/auth/admin_store.h"

namespace bulkhead::api {

using sqlite::Connection;

Result<Ended> endWaysIn(Connection& c, const std::string& personId) {
  Ended ended;
  TRY_ASSIGN(ended.sessions, c.run("DELETE FROM sessions WHERE person_id = ?", personId));
  TRY_ASSIGN(ended.tokens, c.run("DELETE FROM api_tokens WHERE person_id = ?", personId));
  TRY(c.run("DELETE FROM one_time WHERE person_id = ?", personId));
  TRY(c.run("DELETE FROM password_resets WHERE person_id = ?", personId));
  // A factor that was never confirmed may wait for somebody else.
  TRY(c.run("DELETE FROM second_factors WHERE person_id = ? AND NOT active", personId));
  TRY(forgetUiTokensOf(c, personId));
  return ended;
}

Result<Ok> insertSession(Connection& c, const Session& session) {
  TRY(
      c.run("INSERT INTO sessions (id, token_hash, person_id, scopes, created_at, used_at, "
            "expires_at, proved_at, by_session) VALUES (?, ?, ?, ?, ?, ?, ?, ?, nullif(?, ''))",
            session.id, session.tokenHash, session.personId, session.scopes, session.createdAt,
            session.usedAt, session.expiresAt, session.provedAt, session.bySession));
  return Ok{};
}

Result<Ok> AdminStore::endAllAccess(std::int64_t before) {
  return database_->write([&](Connection& c) -> Result<Ok> {
    TRY(c.run("DELETE FROM sessions WHERE created_at < ?", before));
    TRY(c.run("DELETE FROM api_tokens WHERE created_at < ?", before));
    TRY(c.run("DELETE FROM one_time"));
    TRY(c.run("DELETE FROM password_resets"));
    TRY(c.run("DELETE FROM second_factors WHERE NOT active"));
    TRY(c.run("DELETE FROM ui_tokens"));
    return Ok{};
  });
}

Result<Ok> AdminStore::renewPasswordHash(const std::string& personId,
                                         const std::string& before,
                                         const std::string& hash) {
  return database_->write([&](Connection& c) -> Result<Ok> {
    TRY(c.run("UPDATE people SET password_hash = ? WHERE id = ? AND password_hash = ?", hash,
              personId, before));
    return Ok{};
  });
}

Result<Ended> AdminStore::changePassword(const std::string& before,
                                         const std::string& hash,
                                         const Session& fresh) {
  return database_->write([&](Connection& c) -> Result<Ended> {
    TRY_ASSIGN(const auto changed,
               c.run("UPDATE people SET password_hash = ? WHERE id = ? AND password_hash = ? AND "
                     "state = 'active'",
                     hash, fresh.personId, before));
    if (changed != 1)
      return Error{Code::kConflict, "the password has changed meanwhile; log in again", ""};
    TRY_ASSIGN(const Ended ended, endWaysIn(c, fresh.personId));
    TRY(insertSession(c, fresh));
    return ended;
  });
}

Result<Ok> AdminStore::setState(const std::string& personId, PersonState state) {
  return database_->write([&](Connection& c) -> Result<Ok> {
    TRY(c.run("UPDATE people SET state = ?1, revision = revision + 1 WHERE id = ?2 AND state <> ?1",
              personStateWord(state), personId));
    if (state == PersonState::kDisabled) TRY(endWaysIn(c, personId));
    return Ok{};
  });
}

Result<Ok> AdminStore::addReset(const std::string& personId,
                                const std::string& secretHash,
                                std::int64_t expiresAt) {
  return database_->write([&](Connection& c) -> Result<Ok> {
    // He may have been disabled since he was asked for.
    TRY_ASSIGN(const auto added,
               c.run("INSERT INTO password_resets (person_id, secret_hash, expires_at) "
                     "SELECT id, ?2, ?3 FROM people WHERE id = ?1 AND state = 'active' "
                     "ON CONFLICT (person_id) DO UPDATE SET secret_hash = ?2, expires_at = ?3",
                     personId, secretHash, expiresAt));
    if (added != 1) return Error{Code::kConflict, "whoever it is for is disabled", ""};
    return Ok{};
  });
}

Result<std::optional<Person>> AdminStore::findReset(const std::string& secretHash,
                                                    std::int64_t now) {
  return database_->read([&](Connection& c) {
    return findPerson(c,
                      "SELECT " PERSON_COLUMNS
                      "FROM password_resets r JOIN people a ON a.id = r.person_id WHERE "
                      "r.secret_hash = ? AND r.expires_at > ? AND a.state = 'active'",
                      secretHash, now);
  });
}

Result<bool> AdminStore::takeReset(const std::string& secretHash,
                                   std::int64_t now,
                                   const std::string& hash) {
  return database_->write([&](Connection& c) -> Result<bool> {
    TRY_ASSIGN(const auto admin,
               findPerson(c,
                          "SELECT " PERSON_COLUMNS
                          "FROM password_resets r JOIN people a ON a.id = r.person_id WHERE "
                          "r.secret_hash = ? AND r.expires_at > ? AND a.state = 'active'",
                          secretHash, now));
    if (!admin) return false;
    TRY(c.run("UPDATE people SET password_hash = ? WHERE id = ?", hash, admin->id));
    TRY(endWaysIn(c, admin->id));  // the code with them
    return true;
  });
}

}  // namespace bulkhead::api
