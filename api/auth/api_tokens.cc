// Issuing, ending and checking API tokens.
#include "api/auth/api_tokens.h"

#include <algorithm>

#include "api/auth/api_token_text.h"
#include "api/auth/roles.h"
#include "api/auth/secret.h"
#include "common/core/ulid.h"
#include "common/log/log.h"

namespace bulkhead::api {
namespace {

// The pages of a front end come in bursts; one client that runs wild leaves the others most of what
// the server can do.
constexpr Rate kPerToken{400, 1, 100};
constexpr Rate kStrangeAddressesLogged{10, 6};  // of one token: ten at once, then ten a minute
constexpr std::int64_t kTouchMicros = 60 * ApiTokens::kSecond;  // one write a minute and token

Error noSuchToken() { return {Code::kNotFound, "there is no such token", ""}; }

// The routes say so too; what is decided here does not hang on their table.
Result<Ok> refuseTokens(const Principal& by) {
  if (by.token) return Error{Code::kPermissionDenied, "this is for people, not for tokens", ""};
  return Ok{};
}

// Who gets the secret acts in its owner's name, with its scopes.
Result<Ok> refuseForeignSecret(const Principal& by, const ApiToken& token) {
  if (by.kind == Principal::Kind::kLocalRoot) return Ok{};
  if (token.personId != by.personId)
    return Error{Code::kPermissionDenied,
                 "a token's secret is for its owner and for root on this server; it can be revoked",
                 ""};
  const ScopeSet given = scopesOfRole(token.ownerRole).intersection(ScopeSet::of(token.scopes));
  if (given.intersection(by.scopes).words() != given.words())
    return Error{Code::kPermissionDenied, "the token has scopes that your session lacks", ""};
  return Ok{};
}

bool seesAll(const Principal& by) {
  return by.kind == Principal::Kind::kLocalRoot || by.role == "main";
}

Result<std::string> scopesFrom(const std::vector<std::string>& wanted, const ScopeSet& allowed) {
  if (wanted.empty())
    return Error{Code::kInvalidArgument, "scopes: a token has one at least", "scopes"};
  std::string words;
  for (const auto& scope : wanted) {
    if (!isScopeOfTokens(scope))
      return Error{Code::kInvalidArgument, "scopes: " + scope + " is not for tokens", "scopes"};
    if (!allowed.allows(scope))
      return Error{Code::kPermissionDenied, "scopes: the role does not give " + scope, "scopes"};
    words += scope + " ";
  }
  return ScopeSet::of(words).words();
}

Result<std::vector<std::string>> rangesFrom(const std::vector<std::string>& wanted) {
  if (wanted.size() > ApiTokens::kAddressesMax)
    return Error{Code::kInvalidArgument,
                 "addresses: at most " + std::to_string(ApiTokens::kAddressesMax) + " ranges",
                 "addresses"};
  std::vector<std::string> ranges;
  for (const auto& text : wanted) {
    const auto range = AddressRange::parse(text);
    if (!range.ok()) return Error{Code::kInvalidArgument, range.error().message, "addresses"};
    ranges.push_back(range->text());
  }
  return ranges;
}

Result<Ok> checkLife(std::int64_t seconds) {
  if (seconds < ApiTokens::kLifeMinSeconds || seconds > ApiTokens::kLifeMaxSeconds)
    return Error{Code::kInvalidArgument, "a token lives for a minute to a year",
                 "lifetime_seconds"};
  return Ok{};
}

void record(const char* what,
            const Principal& by,
            const ApiToken& token,
            const std::string& requestId) {
  logLine(LogLevel::kNotice, what,
          {{"actor", by.actor},
           {"token", token.id},
           {"name", token.name},
           {"owner", token.owner},
           {"scopes", token.scopes},
           {"request_id", requestId}});
}

}  // namespace

ApiTokens::ApiTokens(AdminStore& store, Persons& persons, SessionTouch& touch, const Clock& clock)
    : store_(store),
      persons_(persons),
      touch_(touch),
      clock_(clock),
      perToken_(kPerToken, clock),
      strangeAddressesLogged_(kStrangeAddressesLogged, clock) {}

Result<Principal> ApiTokens::authenticate(std::string_view secret) {
  if (!isApiToken(secret)) return unknownBearer();
  TRY_ASSIGN(const auto found, store_.findApiToken(hashSecret(secret)));
  const std::int64_t now = clock_.nowMicros();
  if (!found || found->token.expiresAt <= now ||
      (found->byOldSecret && found->token.oldUntil <= now))
    return unknownBearer();
  const ApiToken& token = found->token;
  Person owner = found->owner;
  TRY(persons_.bringUpToDate(owner));
  if (owner.state != PersonState::kActive) return unknownBearer();
  Principal principal;
  principal.actor = actorName(owner.role, owner.username) + "/" + token.id;
  principal.personId = owner.id;
  principal.username = owner.username;
  principal.role = owner.role;
  principal.reach = reachOf(owner.role, owner.id);
  principal.scopes = scopesOfRole(owner.role).intersection(ScopeSet::of(token.scopes));
  principal.token = found->limits;
  return principal;
}

std::optional<Kept> ApiTokens::keepOut(const TokenLimits& limits, const std::string& address) {
  const auto from = IpAddress::parse(address);  // root's "local" is none, and in no range
  const bool inside =
      limits.addresses.empty() ||
      (from.ok() && std::any_of(limits.addresses.begin(), limits.addresses.end(),
                                [&](const AddressRange& range) { return range.contains(*from); }));
  if (!inside) {
    // Before it is counted: who found a token must not use up its owner's rate.
    if (!strangeAddressesLogged_.take(limits.id))
      logLine(LogLevel::kWarning, "a token came from an address that it is not for",
              {{"token", limits.id}, {"address", address}});
    return Kept{Kept::Why::kAddress, 0};
  }
  if (const auto wait = perToken_.take(limits.id)) return Kept{Kept::Why::kRate, *wait};
  const std::int64_t now = clock_.nowMicros();
  if (now - limits.usedAt >= kTouchMicros) touch_.noteToken(limits.id, now, address);
  return std::nullopt;
}

Result<ApiToken> ApiTokens::named(ApiToken token) {
  if (!token.owner.empty()) return token;
  TRY_ASSIGN(const auto owner, persons_.byId(token.personId));
  if (owner) token.owner = owner->username;
  return token;
}

Result<Person> ApiTokens::ownerFor(const Principal& by, const std::string& wanted) {
  const bool root = by.kind == Principal::Kind::kLocalRoot;
  if (!root && !wanted.empty() && wanted != by.username)
    return Error{Code::kPermissionDenied,
                 "a token is for oneself; only root on this server may name another administrator",
                 "owner"};
  std::string id = by.personId;
  if (root) {
    TRY_ASSIGN(const auto named,
               wanted.empty() ? store_.mainAdministrator() : store_.findAdministrator(wanted));
    id = named.id;
    // Whom the setup has not created yet can own nothing.
    if (id.empty()) return Error{Code::kConflict, "create the main administrator first", "owner"};
  }
  TRY_ASSIGN(auto owner, persons_.byId(id));
  if (!owner) return Error{Code::kNotFound, "there is nobody of this name", "owner"};
  return std::move(*owner);
}

Result<IssuedToken> ApiTokens::create(const Principal& by,
                                      const NewApiToken& wanted,
                                      const std::string& requestId) {
  TRY(refuseTokens(by));
  TRY_ASSIGN(const Person owner, ownerFor(by, wanted.owner));
  IssuedToken issued;
  ApiToken& token = issued.token;
  TRY_ASSIGN(token.scopes,
             scopesFrom(wanted.scopes, scopesOfRole(owner.role).intersection(by.scopes)));
  TRY_ASSIGN(token.addresses, rangesFrom(wanted.addresses));
  TRY(checkLife(wanted.lifeSeconds));
  const std::int64_t now = clock_.nowMicros();
  token.id = "tok_" + newUlid(now);
  token.personId = owner.id;
  token.owner = owner.username;
  token.ownerRole = owner.role;
  token.name = wanted.name;
  token.readOnly = wanted.readOnly;
  token.dryRunOnly = wanted.dryRunOnly;
  token.createdAt = now;
  token.expiresAt = now + wanted.lifeSeconds * kSecond;
  issued.secret = newApiToken();
  TRY(store_.addApiToken(token, hashSecret(issued.secret), now - kShownAfterMicros, by.sessionId));
  record("created a token", by, token, requestId);
  return issued;
}

Result<IssuedToken> ApiTokens::rotate(const Principal& by,
                                      const std::string& id,
                                      std::int64_t overlapSeconds,
                                      const std::optional<std::int64_t>& lifeSeconds,
                                      const std::string& requestId) {
  TRY(refuseTokens(by));
  if (overlapSeconds < 0 || overlapSeconds > kOverlapMaxSeconds)
    return Error{Code::kInvalidArgument, "the secret before holds for a day at most",
                 "overlap_seconds"};
  if (lifeSeconds) TRY(checkLife(*lifeSeconds));
  IssuedToken issued;
  TRY_ASSIGN(issued.token, find(by, id));
  TRY(refuseForeignSecret(by, issued.token));
  const std::int64_t now = clock_.nowMicros();
  if (issued.token.expiresAt <= now)
    return Error{Code::kConflict, "the token is over; create another one", ""};
  // The end that the secret before was given is not put off for it.
  const std::int64_t oldUntil =
      overlapSeconds == 0 ? 0 : std::min(now + overlapSeconds * kSecond, issued.token.expiresAt);
  const std::int64_t end = lifeSeconds ? now + *lifeSeconds * kSecond : AdminStore::kSameEnd;
  if (end != AdminStore::kSameEnd) issued.token.expiresAt = end;
  issued.token.oldUntil = oldUntil;
  issued.secret = newApiToken();
  TRY(store_.rotateApiToken(id, hashSecret(issued.secret), oldUntil, end));
  record("rotated a token", by, issued.token, requestId);
  return issued;
}

Result<Ok> ApiTokens::revoke(const Principal& by,
                             const std::string& id,
                             const std::string& requestId) {
  TRY(refuseTokens(by));
  TRY_ASSIGN(const ApiToken token, find(by, id));
  TRY(store_.removeApiToken(id));
  record("revoked a token", by, token, requestId);
  return Ok{};
}

Result<Page<ApiToken>> ApiTokens::list(const Principal& by, const PageQuery& query) {
  TRY_ASSIGN(auto page, store_.apiTokens(seesAll(by) ? "" : by.personId, query));
  for (auto& token : page.items) {
    TRY_ASSIGN(token, named(std::move(token)));
  }
  return page;
}

Result<ApiToken> ApiTokens::find(const Principal& by, const std::string& id) {
  TRY_ASSIGN(ApiToken token, store_.apiToken(id));
  if (!seesAll(by) && token.personId != by.personId) return noSuchToken();
  return named(std::move(token));
}

Result<ApiToken> ApiTokens::self(const Principal& by) {
  if (!by.token) return Error{Code::kNotFound, "this request carries no API token", ""};
  TRY_ASSIGN(ApiToken token, store_.apiToken(by.token->id));
  return named(std::move(token));
}

}  // namespace bulkhead::api
