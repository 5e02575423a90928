// Changing, resetting, disabling.
#include "api/auth/credentials.h"

#include "api/auth/password.h"
#include "api/auth/secret.h"
#include "api/auth/sessions.h"
#include "common/log/log.h"

namespace bulkhead::api {
namespace {

Error wrongReset() { return Error{Code::kUnauthenticated, "the code is wrong, used or over", ""}; }
Error noSuchAdmin() { return {Code::kNotFound, "there is no such administrator", ""}; }
Error noSuchPerson() { return {Code::kNotFound, "there is nobody of this name", ""}; }
std::string named(const Person& person) { return actorName(person.role, person.username); }

void record(LogLevel level,
            const char* what,
            const std::string& actor,
            const std::string& person,
            const std::string& requestId) {
  logLine(level, what, {{"actor", actor}, {"person", person}, {"request_id", requestId}});
}

}  // namespace

Guarded<Person> Credentials::identified(const Principal& by,
                                        const std::string& password,
                                        const std::string& passwordField,
                                        const std::string& code,
                                        const std::string& address,
                                        const std::string& requestId) {
  // Of this session, and not of the name: who guesses at logins must not keep its owner, who is in
  // already, from changing the password.
  auto tries = LoginLimits::triesOf("session " + by.sessionId, address);
  if (const auto wait = limits_.take(tries)) return Throttled{*wait};
  const auto person = persons_.byId(by.personId);
  if (!person.ok()) return person.error();
  if (!person.value() || person.value()->passwordHash.empty()) return unknownBearer();
  const auto right = hashes_.verify(person.value()->passwordHash, password);
  if (!right.ok()) return guardedRefusal<Person>(right.error());
  if (!right.value()) {
    record(LogLevel::kWarning, "refused a wrong current password", by.actor, named(*person.value()),
           requestId);
    return Error{Code::kPermissionDenied, "the current password is wrong", passwordField};
  }
  const auto checked = factors_.check(person.value()->id, code);
  if (std::holds_alternative<Error>(checked))
    record(LogLevel::kWarning, "refused a wrong code", by.actor, named(*person.value()), requestId);
  else
    limits_.giveBack(tries);
  if (!std::holds_alternative<Ok>(checked)) return refusedAs<Person>(checked);
  return *person.value();
}

Guarded<Login> Credentials::prove(const Principal& by,
                                  const std::string& password,
                                  const std::string& code,
                                  const std::string& address,
                                  const std::string& requestId) {
  if (by.sessionId.empty()) return Error{Code::kConflict, "root on this server needs no proof", ""};
  const auto who = identified(by, password, "password", code, address, requestId);
  if (!std::holds_alternative<Person>(who)) return refusedAs<Login>(who);
  const auto& person = std::get<Person>(who);
  auto [login, session] = newSession(person, clock_.nowMicros());
  const auto until =
      store_.proveSession(by.sessionId, session.tokenHash, session.createdAt, person.passwordHash);
  if (!until.ok()) return until.error();
  login.expiresAt = *until;  // a proof makes no day longer
  return std::move(login);
}

Guarded<PasswordChanged> Credentials::changePassword(const Principal& by,
                                                     const PasswordChange& change,
                                                     const std::string& address,
                                                     const std::string& requestId) {
  if (by.sessionId.empty())
    return Error{Code::kConflict, "root on this server has no password here", ""};
  const auto wanted = Password::parse(change.wanted, by.username);
  if (!wanted.ok()) return Error{wanted.error().code, wanted.error().message, "new_password"};
  if (change.wanted == change.current)  // before a code is used up
    return Error{Code::kInvalidArgument, "it is the current password", "new_password"};
  const auto who =
      identified(by, change.current, "current_password", change.code, address, requestId);
  if (!std::holds_alternative<Person>(who)) return refusedAs<PasswordChanged>(who);
  const auto& person = std::get<Person>(who);
  const auto hash = hashes_.hash(wanted->text());
  if (!hash.ok()) return guardedRefusal<PasswordChanged>(hash.error());
  auto [login, session] = newSession(person, clock_.nowMicros());
  session.provedAt = session.createdAt;
  const auto ended = store_.changePassword(person.passwordHash, hash.value(), session);
  if (!ended.ok()) return ended.error();
  record(LogLevel::kNotice, "changed a password", by.actor, named(person), requestId);
  return PasswordChanged{std::move(login), *ended};
}

Result<OneTime> Credentials::newReset(const Principal& by,
                                      const std::string& idOrName,
                                      const std::string& requestId) {
  TRY_ASSIGN(const Administrator admin, store_.findAdministrator(idOrName));
  if (admin.id.empty()) return noSuchAdmin();  // whom the setup has not created yet
  const bool root = by.kind == Principal::Kind::kLocalRoot;
  if (!root && (by.role != "main" || admin.id == by.personId))
    return Error{Code::kPermissionDenied,
                 "one's own password is changed with the current one; only root on this server "
                 "may reset it",
                 ""};
  TRY_ASSIGN(const auto person, persons_.byId(admin.id));
  if (!person) return noSuchAdmin();
  return issueReset(by, *person, requestId);
}

Result<OneTime> Credentials::newResetBelow(const Principal& by,
                                           const std::string& id,
                                           const std::string& requestId) {
  TRY_ASSIGN(const auto person, persons_.byId(id));
  if (!person || person->isAdministrator() || person->id == by.personId) return noSuchPerson();
  TRY(store_.addLogin(person->id, ""));  // it may be the first password
  return issueReset(by, *person, requestId);
}

Result<OneTime> Credentials::issueReset(const Principal& by,
                                        const Person& person,
                                        const std::string& requestId) {
  if (person.state != PersonState::kActive)
    return Error{Code::kConflict, "whoever it is for is disabled, suspended or gone", ""};
  OneTime reset;
  reset.secret = newToken(kResetPrefix);
  reset.username = person.username;
  reset.expiresAt = clock_.nowMicros() + kResetLifeMicros;
  TRY(store_.addReset(person.id, hashSecret(reset.secret), reset.expiresAt));
  record(LogLevel::kNotice, "issued a password reset", by.actor, named(person), requestId);
  return reset;
}

Guarded<Ok> Credentials::redeemReset(const std::string& token,
                                     const std::string& password,
                                     const std::string& address,
                                     const std::string& requestId) {
  if (const auto wait = limits_.takeFrom(address)) return Throttled{*wait};
  if (!isToken(token, kResetPrefix)) return wrongReset();
  const std::string secretHash = hashSecret(token);
  auto found = store_.findReset(secretHash, clock_.nowMicros());
  if (!found.ok()) return found.error();
  if (!found.value()) return wrongReset();
  Person& person = **found;
  if (const auto now = persons_.bringUpToDate(person); !now.ok()) return now.error();
  if (person.state != PersonState::kActive) return wrongReset();
  limits_.giveBackFrom(address);
  // Before the code is used up: who chose badly chooses again.
  const auto wanted = Password::parse(password, person.username);
  if (!wanted.ok()) return wanted.error();
  const auto hash = hashes_.hash(wanted->text());
  if (!hash.ok()) return guardedRefusal<Ok>(hash.error());
  const auto taken = store_.takeReset(secretHash, clock_.nowMicros(), hash.value());
  if (!taken.ok()) return taken.error();
  if (!taken.value()) return wrongReset();
  record(LogLevel::kNotice, "reset a password", named(person), named(person), requestId);
  return Ok{};
}

Result<Administrator> Credentials::setState(const Principal& by,
                                            const std::string& idOrName,
                                            PersonState state,
                                            const std::string& requestId) {
  TRY_ASSIGN(const Administrator admin, store_.findAdministrator(idOrName));
  if (admin.main)
    return Error{Code::kConflict,
                 "the main administrator is always active: nobody could let him in again", ""};
  TRY(store_.setState(admin.id, state));
  record(LogLevel::kNotice,
         state == PersonState::kActive ? "enabled an administrator" : "disabled an administrator",
         by.actor, actorName(kRoleAdmin, admin.name), requestId);
  return store_.findAdministrator(admin.id);
}

Result<Ok> Credentials::setStateBelow(const Principal& by,
                                      const std::string& id,
                                      PersonState state,
                                      const std::string& requestId) {
  TRY_ASSIGN(const auto person, persons_.byId(id));
  if (!person || person->role != kRoleReseller) return noSuchPerson();
  TRY(store_.addLogin(person->id, ""));  // who has no password yet can be kept out all the same
  TRY(store_.setState(person->id, state));
  record(LogLevel::kNotice,
         state == PersonState::kActive ? "enabled a reseller" : "disabled a reseller", by.actor,
         named(*person), requestId);
  return Ok{};
}

}  // namespace bulkhead::api
