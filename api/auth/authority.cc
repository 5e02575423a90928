// Logins, sessions and one-time secrets.
#include "api/auth/authority.h"

#include "api/auth/api_token_text.h"
#include "api/auth/password.h"
#include "api/auth/roles.h"
#include "api/auth/secret.h"
#include "common/core/ulid.h"
#include "common/log/log.h"
#include "common/types/person_name.h"

namespace bulkhead::api {
namespace {

constexpr std::int64_t kTouchMicros =
    60 * Authority::kSecond;  // one write a minute and session, not one a request

// One text for all of them: which part was wrong is nobody's business.
Error wrongCredentials() {
  return Error{Code::kUnauthenticated, "the user name, the password or the code is wrong", ""};
}
Error wrongLink() { return Error{Code::kUnauthenticated, "the link is wrong, used or over", ""}; }
Error wrongCode() { return Error{Code::kUnauthenticated, "the code is wrong, used or over", ""}; }

}  // namespace

Authority::Authority(
    AdminStore& store, Store& panel, HashPool& hashes, const FactorKey& key, const Clock& clock)
    : store_(store),
      hashes_(hashes),
      clock_(clock),
      persons_(store, panel),
      touch_(store),
      tokens_(store, persons_, touch_, clock),
      limits_(kKnownPlaceMicros, clock),
      factors_(store, key, clock),
      denials_(clock),
      credentials_(store, persons_, hashes, limits_, factors_, clock) {
  auto dummy = hashes_.hash(newToken(kSessionPrefix));
  // Without it unknown names would answer faster; an empty hash keeps every login out instead.
  if (dummy.ok()) dummyHash_ = std::move(dummy).value();
}

Result<Principal> Authority::authenticate(std::string_view bearerToken) {
  return lookUp(bearerToken, Use::kCounts);
}

Result<Principal> Authority::recognise(std::string_view bearerToken) {
  return lookUp(bearerToken, Use::kNone);
}

Result<Principal> Authority::lookUp(std::string_view bearerToken, Use use) {
  if (bearerToken.starts_with(kApiTokenPrefix)) return tokens_.authenticate(bearerToken);
  if (!isToken(bearerToken, kSessionPrefix)) return unknownBearer();
  TRY_ASSIGN(auto found, store_.findSession(hashSecret(bearerToken)));
  const std::int64_t now = clock_.nowMicros();
  if (!found || found->session.expiresAt <= now ||
      found->session.usedAt + kSessionIdleMicros <= now)
    return unknownBearer();
  Person& person = found->person;
  TRY(persons_.bringUpToDate(person));
  if (person.state != PersonState::kActive) return unknownBearer();
  if (use == Use::kCounts && now - found->session.usedAt >= kTouchMicros)
    touch_.note(found->session.id, now);
  Principal principal;
  principal.actor = actorName(person.role, person.username);
  principal.personId = person.id;
  principal.username = person.username;
  principal.role = person.role;
  principal.sessionId = found->session.id;
  const std::int64_t provedAt = found->session.provedAt;
  principal.proved = provedAt > 0 && provedAt <= now && now - provedAt < kProofMicros;
  principal.reach = reachOf(person.role, person.id);
  principal.scopes = scopesOfRole(person.role);
  if (!found->session.scopes.empty())
    principal.scopes = principal.scopes.intersection(ScopeSet::of(found->session.scopes));
  if (found->by) TRY(checkStandIn(*found, now, principal));
  return principal;
}

Result<Ok> Authority::checkStandIn(const SessionAndPerson& found,
                                   std::int64_t now,
                                   Principal& principal) {
  const StandIn& by = *found.by;
  if (by.expiresAt <= now || by.usedAt + kSessionIdleMicros <= now) return unknownBearer();
  Person acting;
  acting.id = by.personId;
  acting.role = by.role;
  acting.username = by.username;
  TRY(persons_.bringUpToDate(acting));
  if (acting.state != PersonState::kActive) return unknownBearer();
  // The account may be somebody else's by now.
  TRY_ASSIGN(const bool below, persons_.isBelow(reachOf(acting.role, acting.id), found.person));
  if (!below) return unknownBearer();
  principal.standIn = actorName(acting.role, acting.username);
  principal.standInId = acting.id;
  principal.actor = principal.standIn + "/as:" + principal.actor;
  principal.proved = false;
  return Ok{};
}

std::optional<Kept> Authority::keepOut(const Principal& principal, const std::string& address) {
  if (!principal.token) return std::nullopt;
  return tokens_.keepOut(*principal.token, address);
}

std::pair<Login, Session> newSession(const Person& person, std::int64_t now) {
  Login login;
  login.token = newToken(kSessionPrefix);
  login.username = person.username;
  login.role = person.role;
  login.expiresAt = now + kSessionLifeMicros;
  Session session;
  session.id = "ses_" + newUlid(now);
  session.tokenHash = hashSecret(login.token);
  session.personId = person.id;
  session.createdAt = now;
  session.usedAt = now;
  session.expiresAt = login.expiresAt;
  return {std::move(login), std::move(session)};
}

Result<Login> Authority::openSession(const Person& person,
                                     std::int64_t provedAt,
                                     std::int64_t since) {
  auto [login, session] = newSession(person, clock_.nowMicros());
  session.provedAt = provedAt;
  TRY(store_.addSession(session, kSessionIdleMicros, person.passwordHash, since));
  return std::move(login);
}

Guarded<Login> Authority::login(const std::string& username,
                                const std::string& password,
                                const std::string& address,
                                const std::string& code) {
  const std::int64_t since = clock_.nowMicros();
  auto tries = LoginLimits::triesOf(username, address);
  if (const auto wait = limits_.take(tries)) return Throttled{*wait};
  auto found = persons_.byName(username);
  if (!found.ok()) return found.error();
  std::optional<Person>& person = found.value();
  const bool hasPassword = person && !person->passwordHash.empty();
  // The same work for a name that nobody has, and for somebody who has no password.
  const auto right = hashes_.verify(hasPassword ? person->passwordHash : dummyHash_, password);
  if (!right.ok()) return guardedRefusal<Login>(right.error());
  if (!hasPassword || !right.value() || person->state != PersonState::kActive) {
    denials_.refusedLogin(!person          ? "unknown_name"
                          : !hasPassword   ? "no_password"
                          : !right.value() ? "wrong_password"
                                           : "disabled",
                          person ? person->username : "", address);
    return wrongCredentials();
  }
  // Only now, so that an unknown name and a wrong password take the same way.
  const auto checked = factors_.check(person->id, code);
  // Who gave no code, or had to wait, has guessed nothing.
  if (!std::holds_alternative<Error>(checked)) limits_.giveBack(tries);
  if (!std::holds_alternative<Ok>(checked)) return refusedFactor(checked, *person, address);
  limits_.know(tries);
  renewHash(*person, password);
  auto login = openSession(*person, clock_.nowMicros(), since);
  if (!login.ok()) return login.error();
  return std::move(login).value();
}

Guarded<Login> Authority::refusedFactor(const Guarded<Ok>& checked,
                                        const Person& person,
                                        const std::string& address) {
  if (std::holds_alternative<Throttled>(checked))
    denials_.refusedLogin("code_blocked", person.username, address);
  const auto* error = std::get_if<Error>(&checked);
  if (error == nullptr || error->code != Code::kPermissionDenied) return refusedAs<Login>(checked);
  denials_.refusedLogin("wrong_code", person.username, address);
  return wrongCredentials();
}

void Authority::renewHash(Person& person, const std::string& password) {
  if (!hashes_.isOutdated(person.passwordHash)) return;
  const auto fresh = hashes_.hash(password);
  // Ignoring a failure: the old hash still works, and the next login tries again.
  if (fresh.ok() && store_.renewPasswordHash(person.id, person.passwordHash, fresh.value()).ok())
    person.passwordHash = fresh.value();
}

Result<Ok> Authority::logout(const Principal& principal) {
  if (principal.sessionId.empty())
    return Error{Code::kConflict, "root on this server has no session to end", ""};
  return store_.endSession(principal.sessionId);
}

Result<Login> Authority::standIn(const Principal& by,
                                 const std::string& personId,
                                 const std::string& requestId) {
  if (!by.standIn.empty() || by.token)
    return Error{Code::kPermissionDenied, "whoever stands in for somebody does so himself", ""};
  if (by.sessionId.empty())
    return Error{Code::kConflict, "root on this server has no session that could end it", ""};
  TRY_ASSIGN(const auto person, persons_.byId(personId));
  TRY_ASSIGN(const bool below, person ? persons_.isBelow(by.reach, *person) : Result<bool>(false));
  if (!below || person->id == by.personId)
    return Error{Code::kNotFound, "there is nobody of this name", ""};
  if (person->state != PersonState::kActive)
    return Error{Code::kConflict, "whoever it is is disabled or suspended", ""};
  TRY(store_.addLogin(person->id, ""));  // whoever has no password yet can be helped, too
  auto [login, session] = newSession(*person, clock_.nowMicros());
  session.bySession = by.sessionId;
  session.expiresAt = session.createdAt + kStandInLifeMicros;
  login.expiresAt = session.expiresAt;
  login.standIn = by.actor;
  TRY(store_.addSession(session, kSessionIdleMicros));
  logLine(LogLevel::kNotice, "stands in for somebody",
          {{"actor", by.actor},
           {"actor_id", by.personId},
           {"person", actorName(person->role, person->username)},
           {"person_id", person->id},
           {"session", session.id},
           {"request_id", requestId}});
  return std::move(login);
}

Result<OneTime> Authority::newBootstrapCode() {
  TRY_ASSIGN(const auto existing, store_.findMain());
  if (existing) return Error{Code::kConflict, "the main administrator exists already", ""};
  OneTime code;
  code.secret = newCode();
  code.expiresAt = clock_.nowMicros() + kBootstrapLifeMicros;
  TRY(store_.addOneTime(OneTimeKind::kBootstrap, hashSecret(normalCode(code.secret)), "",
                        code.expiresAt));
  return code;
}

Guarded<std::string> Authority::hashPassword(const std::string& password,
                                             const std::string& username) {
  const auto secret = Password::parse(password, username);
  if (!secret.ok()) return secret.error();
  auto hash = hashes_.hash(secret.value().text());
  if (!hash.ok()) return guardedRefusal<std::string>(hash.error());
  return std::move(hash).value();
}

Guarded<Person> Authority::bootstrap(const std::string& code,
                                     const std::string& username,
                                     const std::string& password,
                                     const std::string& address) {
  if (const auto wait = limits_.takeFrom(address)) return Throttled{*wait};
  const std::string codeHash = hashSecret(normalCode(code));
  const auto valid = store_.hasOneTime(OneTimeKind::kBootstrap, codeHash, clock_.nowMicros());
  if (!valid.ok()) return valid.error();
  if (!valid.value()) return wrongCode();
  limits_.giveBackFrom(address);
  const auto name = PersonName::parse(username);
  if (!name.ok()) return name.error();
  const auto secret = Password::parse(password, username);
  if (!secret.ok()) return secret.error();
  auto hash = hashes_.hash(secret.value().text());
  if (!hash.ok()) return guardedRefusal<Person>(hash.error());
  const std::int64_t now = clock_.nowMicros();
  Person admin{"adm_" + newUlid(now),   name.value().text(),  "main",
               std::move(hash).value(), PersonState::kActive, now};
  admin.unixUser = "root";  // whoever holds the code is root on this server
  // The code may have been used meanwhile: the store decides, once.
  const auto created = store_.createMain(admin, codeHash, now);
  if (!created.ok()) return created.error();
  return admin;
}

Result<OneTime> Authority::newLoginLink(const Principal& principal, const std::string& username) {
  const bool root = principal.kind == Principal::Kind::kLocalRoot;
  if (!root && !username.empty() && username != principal.username)
    return Error{
        Code::kPermissionDenied,
        "a login link is for oneself; only root on this server may name another administrator",
        "username"};
  TRY_ASSIGN(const auto person, !root              ? persons_.byId(principal.personId)
                                : username.empty() ? store_.findMain()
                                                   : store_.findByName(username));
  if (!person || person->state != PersonState::kActive)
    return Error{Code::kNotFound, "there is no such administrator", "username"};
  OneTime link;
  link.secret = newToken(kLinkPrefix);
  link.username = person->username;
  link.expiresAt = clock_.nowMicros() + kLinkLifeMicros;
  TRY(store_.addOneTime(OneTimeKind::kLoginLink, hashSecret(link.secret), person->id,
                        link.expiresAt, principal.sessionId));
  return link;
}

Result<std::optional<Person>> Authority::activeNow(Result<std::optional<Person>> found) {
  if (!found.ok() || !found.value()) return found;
  TRY(persons_.bringUpToDate(**found));
  if (found.value()->state != PersonState::kActive) return std::optional<Person>();
  return found;
}

Guarded<Login> Authority::loginByLink(const std::string& token,
                                      const std::string& address,
                                      const std::string& code) {
  const std::int64_t since = clock_.nowMicros();
  if (const auto wait = limits_.takeFrom(address)) return Throttled{*wait};
  if (!isToken(token, kLinkPrefix)) return wrongLink();
  const std::string secretHash = hashSecret(token);
  const auto owner = activeNow(store_.findLoginLink(secretHash, clock_.nowMicros()));
  if (!owner.ok()) return owner.error();
  if (!owner.value()) return wrongLink();
  const auto checked = factors_.check(owner.value()->id, code);
  if (!std::holds_alternative<Error>(checked)) limits_.giveBackFrom(address);
  if (!std::holds_alternative<Ok>(checked)) return refusedFactor(checked, *owner.value(), address);
  const auto person = activeNow(store_.takeLoginLink(secretHash, clock_.nowMicros()));
  if (!person.ok()) return person.error();
  if (!person.value()) return wrongLink();
  auto login = openSession(*person.value(), /*provedAt=*/0, since);
  if (!login.ok()) return login.error();
  return std::move(login).value();
}

}  // namespace bulkhead::api
