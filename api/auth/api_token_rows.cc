// API tokens in the administrators' database.
#include <algorithm>

#include "api/auth/admin_rows.h"
#include "api/auth/admin_store.h"
#include "api/store/cursor.h"
#include "api/store/sql/rows.h"

namespace bulkhead::api {
namespace {

using sqlite::Connection;
using sqlite::Statement;

#define TOKEN_COLUMNS                                                                   \
  "t.id, t.person_id, a.username, a.role, t.name, t.scopes, t.addresses, t.read_only, " \
  "t.dry_run_only, t.created_at, t.expires_at, t.old_until, t.used_at, t.used_from "
#define TOKENS "FROM api_tokens t JOIN people a ON a.id = t.person_id "
constexpr int kTokenColumns = 14;

Error noSuchToken() { return {Code::kNotFound, "there is no such token", ""}; }

std::vector<std::string> wordsOf(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words)
    text += (text.empty() ? "" : " ") + word;
  return text;
}

ApiToken tokenFrom(const Statement& row) {
  ApiToken token;
  token.id = row.text(0);
  token.personId = row.text(1);
  token.owner = row.text(2);
  token.ownerRole = row.text(3);
  token.name = row.text(4);
  token.scopes = row.text(5);
  token.addresses = wordsOf(row.view(6));
  token.readOnly = row.integer(7) != 0;
  token.dryRunOnly = row.integer(8) != 0;
  token.createdAt = row.integer(9);
  token.expiresAt = row.integer(10);
  token.oldUntil = row.integer(11);
  token.usedAt = row.integer(12);
  token.usedFrom = row.text(13);
  return token;
}

// Refuses what it cannot read: a damaged row must not open the token to every address.
Result<std::shared_ptr<const TokenLimits>> limitsOf(const ApiToken& token) {
  auto limits = std::make_shared<TokenLimits>();
  limits->id = token.id;
  limits->readOnly = token.readOnly;
  limits->dryRunOnly = token.dryRunOnly;
  limits->usedAt = token.usedAt;
  for (const auto& text : token.addresses) {
    const auto range = AddressRange::parse(text);
    if (!range.ok()) return Error{Code::kInternal, "a token's addresses cannot be read", ""};
    limits->addresses.push_back(*range);
  }
  return std::shared_ptr<const TokenLimits>(std::move(limits));
}

Result<Ok> oneRow(const Result<std::int64_t>& changed) {
  if (!changed.ok()) return changed.error();
  return *changed == 1 ? Result<Ok>(Ok{}) : noSuchToken();
}

Result<std::int64_t> countOf(Connection& c, const std::string& personId, std::int64_t now) {
  Statement row = c.prepare(
      "SELECT count(*) FROM api_tokens WHERE person_id = ? AND expires_at > ?", personId, now);
  TRY_ASSIGN(const bool found, row.step());
  return found ? row.integer(0) : 0;
}

}  // namespace

Result<Ok> AdminStore::addApiToken(const ApiToken& token,
                                   const std::string& secretHash,
                                   std::int64_t forgetBefore,
                                   const std::string& bySession) {
  return database_->write([&](Connection& c) -> Result<Ok> {
    if (!bySession.empty()) {
      // It may have ended with a password since it was asked.
      TRY_ASSIGN(const bool goesOn,
                 c.prepare("SELECT 1 FROM sessions WHERE id = ?", bySession).step());
      if (!goesOn) return Error{Code::kUnauthenticated, "the session is over", ""};
    }
    TRY(c.run("DELETE FROM api_tokens WHERE expires_at < ?", forgetBefore));
    // He may have gone, or been disabled, since he was asked for.
    TRY_ASSIGN(
        const auto owner,
        findPerson(c, "SELECT " PERSON_COLUMNS "FROM people a WHERE a.id = ?", token.personId));
    if (!owner || owner->state != PersonState::kActive)
      return Error{Code::kNotFound, "there is nobody of this name", "owner"};
    TRY_ASSIGN(const auto count, countOf(c, token.personId, token.createdAt));
    if (count >= kApiTokensPerPersonMax)
      return Error{
          Code::kLimitExceeded,
          "one has at most " + std::to_string(kApiTokensPerPersonMax) + " tokens; revoke one", ""};
    TRY(c.run(
        "INSERT INTO api_tokens (id, person_id, name, secret_hash, old_hash, old_until, "
        "scopes, addresses, read_only, dry_run_only, created_at, expires_at, used_at, "
        "used_from) VALUES (?, ?, ?, ?, NULL, 0, ?, ?, ?, ?, ?, ?, 0, '')",
        token.id, token.personId, token.name, secretHash, token.scopes, joined(token.addresses),
        token.readOnly, token.dryRunOnly, token.createdAt, token.expiresAt));
    TRY(
        c.run("DELETE FROM api_tokens WHERE person_id = ?1 AND expires_at <= ?2 AND id "
              "NOT IN (SELECT id FROM api_tokens WHERE person_id = ?1 "
              "ORDER BY created_at DESC, id DESC LIMIT ?3)",
              token.personId, token.createdAt, kApiTokensShownMax));
    return Ok{};
  });
}

Result<std::shared_ptr<const KnownToken>> AdminStore::findApiToken(const std::string& secretHash) {
  using Found = std::shared_ptr<const KnownToken>;
  RecordCache<KnownToken>& tokens = database_->tokens();
  const auto now = std::chrono::steady_clock::now();
  if (auto known = tokens.find(secretHash, now)) return known;
  const std::uint64_t changes = tokens.changes();
  TRY_ASSIGN(const Found found, database_->lookUp([&](Connection& c) -> Result<Found> {
    Statement row = c.prepare("SELECT " TOKEN_COLUMNS ", t.secret_hash, " PERSON_COLUMNS TOKENS
                              "WHERE t.secret_hash = ?1 OR t.old_hash = ?1",
                              secretHash);
    TRY_ASSIGN(const bool any, row.step());
    if (!any) return Found();
    auto known = std::make_shared<KnownToken>();
    known->token = tokenFrom(row);
    known->byOldSecret = row.view(kTokenColumns) != secretHash;
    known->owner = personFrom(row, kTokenColumns + 1);
    known->owner.passwordHash.clear();  // no request needs it, so it is not kept
    TRY_ASSIGN(known->limits, limitsOf(known->token));
    return Found(std::move(known));
  }));
  if (found) tokens.keep(secretHash, *found, changes, now);
  return found;
}

Result<ApiToken> AdminStore::apiToken(const std::string& id) {
  return database_->lookUp([&](Connection& c) -> Result<ApiToken> {
    Statement row = c.prepare("SELECT " TOKEN_COLUMNS TOKENS "WHERE t.id = ?", id);
    TRY_ASSIGN(const bool found, row.step());
    if (!found) return noSuchToken();
    return tokenFrom(row);
  });
}

Result<Page<ApiToken>> AdminStore::apiTokens(const std::string& personId, const PageQuery& query) {
  return database_->read([&](Connection& c) -> Result<Page<ApiToken>> {
    TRY_ASSIGN(const Position after, startOf("tokens", query));
    auto statement = personId.empty()
                         ? c.prepare("SELECT " TOKEN_COLUMNS TOKENS
                                     "WHERE (t.created_at, t.id) > (?, ?) "
                                     "ORDER BY t.created_at, t.id LIMIT ?",
                                     after.createdAt, after.id, pageSize(query) + 1)
                         : c.prepare("SELECT " TOKEN_COLUMNS TOKENS
                                     "WHERE t.person_id = ? AND (t.created_at, t.id) > (?, ?) "
                                     "ORDER BY t.created_at, t.id LIMIT ?",
                                     personId, after.createdAt, after.id, pageSize(query) + 1);
    TRY_ASSIGN(auto rows, sql::collectRows(statement, tokenFrom));
    return makePage("tokens", std::move(rows), query);
  });
}

Result<Ok> AdminStore::rotateApiToken(const std::string& id,
                                      const std::string& secretHash,
                                      std::int64_t oldUntil,
                                      std::int64_t expiresAt) {
  return database_->write([&](Connection& c) {
    return oneRow(
        oldUntil == 0
            ? c.run("UPDATE api_tokens SET old_hash = NULL, old_until = 0, secret_hash = ?1, "
                    "expires_at = iif(?2 = 0, expires_at, ?2) WHERE id = ?3",
                    secretHash, expiresAt, id)
            : c.run("UPDATE api_tokens SET old_hash = secret_hash, old_until = ?1, secret_hash = "
                    "?2, expires_at = iif(?3 = 0, expires_at, ?3) WHERE id = ?4",
                    oldUntil, secretHash, expiresAt, id));
  });
}

Result<Ok> AdminStore::removeApiToken(const std::string& id) {
  return database_->write(
      [&](Connection& c) { return oneRow(c.run("DELETE FROM api_tokens WHERE id = ?", id)); });
}

Result<Ok> AdminStore::touchApiToken(const std::string& id,
                                     std::int64_t usedAt,
                                     const std::string& address) {
  return database_->write([&](Connection& c) -> Result<Ok> {
    TRY(c.run("UPDATE api_tokens SET used_at = ?, used_from = ? WHERE id = ?", usedAt, address,
              id));
    return Ok{};
  });
}

}  // namespace bulkhead::api
