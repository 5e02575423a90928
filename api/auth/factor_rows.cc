// Second factors and their backup codes in the administrators' database, and the proof of a
// session.
#include "api/auth/admin_rows.h"
#include "api/auth/admin_store.h"
#include "api/auth/hash_pool.h"

namespace bulkhead::api {
namespace {

using sqlite::Connection;
using sqlite::Statement;

Result<std::optional<FactorRow>> findFactor(Connection& c, const std::string& personId) {
  Statement row = c.prepare(
      "SELECT sealed_seed, active, used_step, failures, blocked_until, confirmed_at FROM "
      "second_factors WHERE person_id = ?",
      personId);
  TRY_ASSIGN(const bool found, row.step());
  if (!found) return std::optional<FactorRow>();
  return std::optional(FactorRow{row.text(0), row.integer(1) != 0, row.integer(2), row.integer(3),
                                 row.integer(4), row.integer(5)});
}

Result<Ok> setBackupCodes(Connection& c,
                          const std::string& personId,
                          const std::vector<std::string>& hashes) {
  TRY(c.run("DELETE FROM backup_codes WHERE person_id = ?", personId));
  for (const auto& hash : hashes)
    TRY(c.run("INSERT INTO backup_codes (person_id, code_hash) VALUES (?, ?)", personId, hash));
  return Ok{};
}

Result<Ok> activate(Connection& c,
                    const std::string& personId,
                    const FactorActivation& activation) {
  TRY(setBackupCodes(c, personId, activation.backupHashes));
  TRY(
      c.run("DELETE FROM ui_tokens WHERE session_id IN (SELECT id FROM sessions WHERE person_id = "
            "?1 AND id <> ?2)",
            personId, activation.keptSession));
  TRY(c.run("DELETE FROM sessions WHERE person_id = ? AND id <> ?", personId,
            activation.keptSession));
  return Ok{};
}

}  // namespace

Result<std::int64_t> AdminStore::proveSession(const std::string& sessionId,
                                              const std::string& tokenHash,
                                              std::int64_t now,
                                              const std::string& whileHash) {
  return database_->write([&](Connection& c) -> Result<std::int64_t> {
    TRY_ASSIGN(const auto changed,
               c.run("UPDATE sessions SET token_hash = ?2, proved_at = ?3, used_at = ?3 WHERE id = "
                     "?1 AND EXISTS (SELECT 1 FROM people a WHERE a.id = person_id AND "
                     "a.password_hash = ?4 AND a.state = 'active')",
                     sessionId, tokenHash, now, whileHash));
    if (changed != 1) return Error{Code::kUnauthenticated, "the session is over", ""};
    // What was made with the token of before may be somebody else's.
    TRY(c.run("DELETE FROM sessions WHERE by_session = ?", sessionId));
    TRY(c.run("DELETE FROM ui_tokens WHERE session_id = ?", sessionId));
    TRY(c.run(
        "DELETE FROM one_time WHERE person_id = (SELECT person_id FROM sessions WHERE id = ?)",
        sessionId));
    Statement row = c.prepare("SELECT expires_at FROM sessions WHERE id = ?", sessionId);
    TRY(row.step());
    return row.integer(0);
  });
}

Result<std::optional<FactorRow>> AdminStore::factor(const std::string& personId) {
  return database_->lookUp([&](Connection& c) { return findFactor(c, personId); });
}

Result<Ok> AdminStore::addFactor(const std::string& personId, const std::string& sealedSeed) {
  return database_->write([&](Connection& c) -> Result<Ok> {
    TRY_ASSIGN(const auto added,
               c.run("INSERT INTO second_factors (person_id, sealed_seed, active, used_step, "
                     "failures, blocked_until, confirmed_at) VALUES (?1, ?2, 0, 0, 0, 0, 0) "
                     "ON CONFLICT (person_id) DO UPDATE SET sealed_seed = ?2, used_step = 0 "
                     "WHERE active = 0",
                     personId, sealedSeed));
    if (added == 1) return Ok{};
    return Error{Code::kConflict, "there is a second factor already; disable it first", ""};
  });
}

Result<bool> AdminStore::changeFactor(const std::string& personId,
                                      FactorStep step,
                                      const FactorActivation& activation,
                                      const FactorWork& work) {
  return database_->write([&](Connection& c) -> Result<bool> {
    TRY_ASSIGN(auto row, findFactor(c, personId));
    if (!row || row->active != (step == FactorStep::kLogin)) return false;
    const bool before = row->active;
    TRY(work(*row));
    TRY(c.run(
        "UPDATE second_factors SET active = ?2, used_step = ?3, failures = ?4, "
        "blocked_until = ?5, confirmed_at = ?6 WHERE person_id = ?1",
        personId, row->active, row->usedStep, row->failures, row->blockedUntil, row->confirmedAt));
    if (row->active && !before) TRY(activate(c, personId, activation));
    return true;
  });
}

Result<bool> AdminStore::hasSecondFactors() {
  return database_->lookUp([](Connection& c) {
    Statement row = c.prepare("SELECT 1 FROM second_factors WHERE active LIMIT 1");
    return row.step();
  });
}

Result<bool> AdminStore::hasPepperedPasswords() {
  return database_->lookUp([](Connection& c) {
    Statement row = c.prepare("SELECT 1 FROM people WHERE password_hash LIKE ? LIMIT 1");
    row.bind(1, std::string(kPeppered) + "$%");
    return row.step();
  });
}

Result<bool> AdminStore::removeFactor(const std::string& personId) {
  return database_->write([&](Connection& c) -> Result<bool> {
    TRY_ASSIGN(const auto removed,
               c.run("DELETE FROM second_factors WHERE person_id = ?", personId));
    return removed == 1;
  });
}

Result<bool> AdminStore::takeBackupCode(const std::string& personId, const std::string& codeHash) {
  return database_->write([&](Connection& c) -> Result<bool> {
    TRY_ASSIGN(const auto used,
               c.run("DELETE FROM backup_codes WHERE person_id = ? AND code_hash = ?", personId,
                     codeHash));
    if (used != 1) return false;
    TRY(c.run("UPDATE second_factors SET failures = 0, blocked_until = 0 WHERE person_id = ?",
              personId));
    return true;
  });
}

Result<bool> AdminStore::replaceBackupCodes(const std::string& personId,
                                            const std::vector<std::string>& hashes) {
  return database_->write([&](Connection& c) -> Result<bool> {
    TRY_ASSIGN(const auto row, findFactor(c, personId));
    if (!row || !row->active) return false;
    TRY(setBackupCodes(c, personId, hashes));
    return true;
  });
}

Result<std::int64_t> AdminStore::backupCodesLeft(const std::string& personId) {
  return database_->lookUp([&](Connection& c) -> Result<std::int64_t> {
    Statement row = c.prepare("SELECT count(*) FROM backup_codes WHERE person_id = ?", personId);
    TRY_ASSIGN(const bool found, row.step());
    return found ? row.integer(0) : 0;
  });
}

}  // namespace bulkhead::api
