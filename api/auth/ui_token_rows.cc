// Tokens of CloudLinux's pages in the administrators' database.
#include "api/auth/admin_rows.h"

namespace bulkhead::api {

using sqlite::Connection;

Result<Ok> forgetUiTokensOf(Connection& connection, const std::string& personId) {
  TRY(connection.run("DELETE FROM ui_tokens WHERE admin_id = ?1 OR subject_id = ?1", personId));
  return Ok{};
}

Result<Ok> AdminStore::addUiToken(const UiTokenRow& row) {
  return database_->write([&](Connection& c) -> Result<Ok> {
    TRY(c.run("DELETE FROM ui_tokens WHERE expires_at <= ?", row.createdAt));
    TRY(
        c.run("DELETE FROM ui_tokens WHERE subject_id = ?1 AND token_hash NOT IN (SELECT "
              "token_hash FROM ui_tokens WHERE subject_id = ?1 "
              "ORDER BY created_at DESC, token_hash LIMIT ?2)",
              row.subjectId, kUiTokensPerSubjectMax - 1));
    TRY(c.run("INSERT INTO ui_tokens VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row.tokenHash, row.role,
              row.subjectId, row.domain, row.personId, row.sessionId, row.createdAt, row.usedAt,
              row.expiresAt));
    return Ok{};
  });
}

Result<std::optional<UiTokenRow>> AdminStore::findUiToken(const std::string& tokenHash,
                                                          std::int64_t now,
                                                          std::int64_t idleMicros) {
  return database_->read([&](Connection& c) -> Result<std::optional<UiTokenRow>> {
    sqlite::Statement row = c.prepare(
        "SELECT token_hash, role, subject_id, domain, admin_id, session_id, created_at, used_at, "
        "expires_at FROM ui_tokens WHERE token_hash = ?1 AND (session_id = '' OR EXISTS (SELECT 1 "
        "FROM sessions s WHERE s.id = session_id AND s.expires_at > ?2 AND s.used_at > ?2 - ?3))",
        tokenHash, now, idleMicros);
    TRY_ASSIGN(const bool found, row.step());
    if (!found) return std::optional<UiTokenRow>();
    return std::optional(UiTokenRow{row.text(0), row.text(1), row.text(2), row.text(3), row.text(4),
                                    row.text(5), row.integer(6), row.integer(7), row.integer(8)});
  });
}

Result<Ok> AdminStore::touchUiToken(const UiTokenRow& token, std::int64_t usedAt) {
  return database_->write([&](Connection& c) -> Result<Ok> {
    TRY(c.run("UPDATE ui_tokens SET used_at = ? WHERE token_hash = ?", usedAt, token.tokenHash));
    TRY(c.run("UPDATE sessions SET used_at = max(used_at, ?) WHERE id = ?", usedAt,
              token.sessionId));
    return Ok{};
  });
}

}  // namespace bulkhead::api
