// Logins, sessions and one-time secrets.
#include "api/auth/authority.h"

#include "api/auth/api_token_text.h"
#include "api/auth/password.h"
#include "api/auth/secret.h"
#include "common/core/ulid.h"
#include "common/types/person_name.h"

namespace bulkhead::api {
namespace {

// Of one name from one address: five at once, then five a minute. Not of the name alone: a stranger
// could keep its owner out.
constexpr Rate kPerNameThere{5, 12};
constexpr Rate kPerAddress{20, 3};  // twenty at once, then twenty a minute
// Of one name from everywhere: what many strangers can guess together. A few addresses use it up,
// so it does not count where the name's owner has logged in lately; there kPerNameThere alone does.
constexpr Rate kPerName{20, 3};
constexpr std::int64_t kTouchMicros =
    60 * Authority::kSecond;  // one write a minute and session, not one a request
constexpr int kFullQueueSeconds = 2;
constexpr std::size_t kNameKeyMax = 64;  // of the limiter's memory

// One text for all of them: which part was wrong is nobody's business.
Error wrongCredentials() {
  return Error{Code::kUnauthenticated, "the user name or the password is wrong", ""};
}
Error wrongLink() { return Error{Code::kUnauthenticated, "the link is wrong, used or over", ""}; }
Error wrongCode() { return Error{Code::kUnauthenticated, "the code is wrong, used or over", ""}; }

template <typename T>
Guarded<T> refusal(const Error& error) {
  // Only the password queue answers busy here.
  if (error.code == Code::kBusy) return Throttled{kFullQueueSeconds};
  return error;
}

}  // namespace

Authority::Authority(AdminStore& store, HashPool& hashes, const Clock& clock)
    : store_(store),
      hashes_(hashes),
      clock_(clock),
      touch_(store),
      tokens_(store, touch_, clock),
      perNameThere_(kPerNameThere, clock),
      perName_(kPerName, clock),
      perAddress_(kPerAddress, clock),
      knownPlaces_(kKnownPlaceMicros, clock) {
  auto dummy = hashes_.hash(newToken(kSessionPrefix));
  // Without it unknown names would answer faster; an empty hash keeps every login out instead.
  if (dummy.ok()) dummyHash_ = std::move(dummy).value();
}

Result<Principal> Authority::authenticate(std::string_view bearerToken) {
  if (bearerToken.starts_with(kApiTokenPrefix)) return tokens_.authenticate(bearerToken);
  if (!isToken(bearerToken, kSessionPrefix)) return unknownBearer();
  TRY_ASSIGN(const auto found, store_.findSession(hashSecret(bearerToken)));
  const std::int64_t now = clock_.nowMicros();
  if (!found || found->admin.state != AdminState::kActive || found->session.expiresAt <= now ||
      found->session.usedAt + kSessionIdleMicros <= now)
    return unknownBearer();
  if (now - found->session.usedAt >= kTouchMicros) touch_.note(found->session.id, now);
  Principal principal;
  principal.actor = "admin:" + found->admin.username;
  principal.adminId = found->admin.id;
  principal.username = found->admin.username;
  principal.role = found->admin.role;
  principal.sessionId = found->session.id;
  principal.scopes = scopesOfRole(found->admin.role);
  if (!found->session.scopes.empty())
    principal.scopes = principal.scopes.intersection(ScopeSet::of(found->session.scopes));
  return principal;
}

std::optional<Kept> Authority::keepOut(const Principal& principal, const std::string& address) {
  if (!principal.token) return std::nullopt;
  return tokens_.keepOut(*principal.token, address);
}

Result<Login> Authority::openSession(const Admin& admin) {
  const std::int64_t now = clock_.nowMicros();
  Login login;
  login.token = newToken(kSessionPrefix);
  login.username = admin.username;
  login.role = admin.role;
  login.expiresAt = now + kSessionLifeMicros;
  Session session;
  session.id = "ses_" + newUlid(now);
  session.tokenHash = hashSecret(login.token);
  session.adminId = admin.id;
  session.createdAt = now;
  session.usedAt = now;
  session.expiresAt = login.expiresAt;
  TRY(store_.addSession(session, kSessionIdleMicros));
  return login;
}

std::optional<int> Authority::take(Tries& tries) {
  auto wait = perAddress_.take(tries.from);
  if (wait) return wait;
  wait = perNameThere_.take(tries.nameThere);
  if (wait) {
    perAddress_.giveBack(tries.from);
    return wait;
  }
  if (knownPlaces_.has(tries.nameThere)) return std::nullopt;
  wait = perName_.take(tries.name);
  tries.ofName = !wait;
  if (wait) giveBack(tries);
  return wait;
}

void Authority::giveBack(const Tries& tries) {
  perAddress_.giveBack(tries.from);
  perNameThere_.giveBack(tries.nameThere);
  if (tries.ofName) perName_.giveBack(tries.name);
}

Guarded<Login> Authority::login(const std::string& username,
                                const std::string& password,
                                const std::string& address) {
  Tries tries{addressKey(address), username.substr(0, kNameKeyMax), "", false};
  tries.nameThere = tries.name + '\n' + tries.from;
  if (const auto wait = take(tries)) return Throttled{*wait};
  const auto found = store_.findByName(username);
  if (!found.ok()) return found.error();
  const std::optional<Admin>& admin = found.value();
  // The same work for a name that nobody has.
  const auto right = hashes_.verify(admin ? admin->passwordHash : dummyHash_, password);
  if (!right.ok()) return refusal<Login>(right.error());
  if (!admin || !right.value() || admin->state != AdminState::kActive) return wrongCredentials();
  giveBack(tries);
  knownPlaces_.add(tries.nameThere);
  if (hashes_.isOutdated(admin->passwordHash)) {
    const auto fresh = hashes_.hash(password);
    // Ignoring a failure: the old hash still works, and the next login tries again.
    if (fresh.ok()) (void)store_.setPasswordHash(admin->id, fresh.value());
  }
  auto login = openSession(*admin);
  if (!login.ok()) return login.error();
  return std::move(login).value();
}

Result<Ok> Authority::logout(const Principal& principal) {
  if (principal.sessionId.empty())
    return Error{Code::kConflict, "root on this server has no session to end", ""};
  return store_.endSession(principal.sessionId);
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
  if (!hash.ok()) return refusal<std::string>(hash.error());
  return std::move(hash).value();
}

Guarded<Admin> Authority::bootstrap(const std::string& code,
                                    const std::string& username,
                                    const std::string& password,
                                    const std::string& address) {
  const std::string from = addressKey(address);
  if (const auto wait = perAddress_.take(from)) return Throttled{*wait};
  const std::string codeHash = hashSecret(normalCode(code));
  const auto valid = store_.hasOneTime(OneTimeKind::kBootstrap, codeHash, clock_.nowMicros());
  if (!valid.ok()) return valid.error();
  if (!valid.value()) return wrongCode();
  perAddress_.giveBack(from);
  const auto name = PersonName::parse(username);
  if (!name.ok()) return name.error();
  const auto secret = Password::parse(password, username);
  if (!secret.ok()) return secret.error();
  auto hash = hashes_.hash(secret.value().text());
  if (!hash.ok()) return refusal<Admin>(hash.error());
  const std::int64_t now = clock_.nowMicros();
  Admin admin{"adm_" + newUlid(now),   name.value().text(), "main",
              std::move(hash).value(), AdminState::kActive, now};
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
  const std::string& name = root ? username : principal.username;
  TRY_ASSIGN(const auto admin, name.empty() ? store_.findMain() : store_.findByName(name));
  if (!admin || admin->state != AdminState::kActive)
    return Error{Code::kNotFound, "there is no such administrator", "username"};
  OneTime link;
  link.secret = newToken(kLinkPrefix);
  link.username = admin->username;
  link.expiresAt = clock_.nowMicros() + kLinkLifeMicros;
  TRY(store_.addOneTime(OneTimeKind::kLoginLink, hashSecret(link.secret), admin->id,
                        link.expiresAt));
  return link;
}

Guarded<Login> Authority::loginByLink(const std::string& token, const std::string& address) {
  const std::string from = addressKey(address);
  if (const auto wait = perAddress_.take(from)) return Throttled{*wait};
  if (!isToken(token, kLinkPrefix)) return wrongLink();
  const auto admin = store_.takeLoginLink(hashSecret(token), clock_.nowMicros());
  if (!admin.ok()) return admin.error();
  if (!admin.value()) return wrongLink();
  perAddress_.giveBack(from);
  auto login = openSession(*admin.value());
  if (!login.ok()) return login.error();
  return std::move(login).value();
}

}  // namespace bulkhead::api
