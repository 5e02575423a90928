// Issuing and reading tokens of CloudLinux's pages.
#include "api/auth/ui_tokens.h"

#include "api/auth/authority.h"
#include "api/auth/secret.h"

namespace bulkhead::api {
namespace {

constexpr std::int64_t kTouchMicros = 60 * UiTokens::kSecond;  // one write a minute and token
constexpr const char* kUser = "user";
constexpr const char* kReseller = "reseller";
constexpr const char* kAdmin = "admin";

Error unknown() { return {Code::kUnauthenticated, "the token is unknown or over", ""}; }
Error notYours() {
  return {Code::kPermissionDenied, "only the main administrator may sign in whom he likes", ""};
}

bool mayNameAnybody(const Principal& by) {
  return by.kind == Principal::Kind::kLocalRoot || by.role == "main";
}

// The main domain of an account, or the chosen one while it is the account's.
Result<std::string> domainOf(const Tables& tables,
                             const std::string& accountId,
                             const std::string& chosen) {
  TRY_ASSIGN(const auto domains, tables.domains().ofAccount(accountId));
  std::string main;
  for (const Domain& domain : domains) {
    if (domain.state == DomainState::kPending) continue;
    if (domain.name == chosen) return domain.name;
    if (domain.primary) main = domain.name;
  }
  return main;
}

}  // namespace

Result<UiTokenRow> UiTokens::accountRow(const Principal& by, const UiWanted& wanted) {
  UiTokenRow row;
  row.role = kUser;
  TRY_ASSIGN(const Account account, store_.read([&](const Tables& tables) -> Result<Account> {
    TRY_ASSIGN(Account found, tables.accounts().find(wanted.account));
    if (wanted.domain.empty()) return found;
    TRY_ASSIGN(row.domain, domainOf(tables, found.id, wanted.domain));
    if (row.domain != wanted.domain)
      return Error{Code::kNotFound, "the account has no such domain", "domain"};
    return found;
  }));
  const bool owns = account.resellerId.empty() && account.owner == by.username;
  if (!mayNameAnybody(by) && !owns) return notYours();
  if (account.state != AccountState::kActive)
    return Error{Code::kConflict, "the account is not active", "account"};
  row.subjectId = account.id;
  return row;
}

Result<UiTokenRow> UiTokens::resellerRow(const Principal& by, const std::string& name) {
  TRY_ASSIGN(const Reseller reseller,
             store_.read([&](const Tables& tables) { return tables.resellers().find(name); }));
  if (!mayNameAnybody(by) && reseller.owner != by.username) return notYours();
  UiTokenRow row;
  row.role = kReseller;
  row.subjectId = reseller.id;
  return row;
}

Result<UiTokenRow> UiTokens::adminRow(const Principal& by, const std::string& name) {
  if (!mayNameAnybody(by) && name != by.username) return notYours();
  TRY_ASSIGN(const Administrator admin, admins_.findAdministrator(name));
  if (admin.disabled) return Error{Code::kConflict, "the administrator is disabled", "admin"};
  UiTokenRow row;
  row.role = kAdmin;
  row.subjectId = admin.id;
  return row;
}

Result<UiToken> UiTokens::issue(const Principal& by, const UiWanted& wanted) {
  const int named = (wanted.account.empty() ? 0 : 1) + (wanted.reseller.empty() ? 0 : 1) +
                    (wanted.admin.empty() ? 0 : 1);
  if (named != 1)
    return Error{Code::kInvalidArgument, "name an account, a reseller or an administrator",
                 "account"};
  if (wanted.account.empty() && !wanted.domain.empty())
    return Error{Code::kInvalidArgument, "only an account has domains", "domain"};
  TRY_ASSIGN(UiTokenRow row, !wanted.account.empty()    ? accountRow(by, wanted)
                             : !wanted.reseller.empty() ? resellerRow(by, wanted.reseller)
                                                        : adminRow(by, wanted.admin));
  const std::int64_t now = clock_.nowMicros();
  UiToken token;
  token.secret = newHexToken();
  token.role = row.role;
  token.expiresAt = now + kLifeMicros;
  row.tokenHash = hashSecret(token.secret);
  row.personId = by.personId;
  row.sessionId = by.sessionId;
  row.createdAt = now;
  row.usedAt = now;
  row.expiresAt = token.expiresAt;
  TRY(admins_.addUiToken(row));
  return token;
}

Result<UiIdentity> UiTokens::identify(std::string_view token) {
  if (!isHexToken(token)) return unknown();
  const std::string hash = hashSecret(token);
  const std::int64_t now = clock_.nowMicros();
  TRY_ASSIGN(const auto row, admins_.findUiToken(hash, now, Authority::kSessionIdleMicros));
  if (!row || row->expiresAt <= now || row->usedAt + kIdleMicros <= now) return unknown();
  auto identity = identityOf(*row);
  if (!identity.ok())
    return identity.error().code == Code::kNotFound ? unknown() : identity.error();
  if (now - row->usedAt >= kTouchMicros) TRY(admins_.touchUiToken(*row, now));
  identity->role = row->role;
  return identity;
}

Result<UiIdentity> UiTokens::identityOf(const UiTokenRow& row) {
  if (row.role == kUser) return ofAccount(row.subjectId, row.domain);
  if (row.role == kReseller) return ofReseller(row.subjectId);
  return ofAdmin(row.subjectId);
}

Result<UiIdentity> UiTokens::ofAccount(const std::string& id, const std::string& domain) {
  return store_.read([&](const Tables& tables) -> Result<UiIdentity> {
    TRY_ASSIGN(const Account account, tables.accounts().find(id));
    if (account.state != AccountState::kActive || account.uid == 0) return unknown();
    UiIdentity identity;
    identity.name = account.username;
    identity.uid = account.uid;
    identity.locale = account.locale.value_or("");
    TRY_ASSIGN(identity.domain, domainOf(tables, account.id, domain));
    return identity;
  });
}

// A reseller need not have an account; if there is one, its id and domain are what can be told.
Result<UiIdentity> UiTokens::ofReseller(const std::string& id) {
  return store_.read([&](const Tables& tables) -> Result<UiIdentity> {
    TRY_ASSIGN(const Reseller reseller, tables.resellers().find(id));
    UiIdentity identity;
    identity.name = reseller.name;
    identity.locale = reseller.locale.value_or("");
    if (reseller.accountId.empty()) return identity;
    TRY_ASSIGN(const Account account, tables.accounts().find(reseller.accountId));
    if (account.uid != 0) identity.uid = account.uid;
    TRY_ASSIGN(identity.domain, domainOf(tables, account.id, ""));
    return identity;
  });
}

Result<UiIdentity> UiTokens::ofAdmin(const std::string& id) {
  TRY_ASSIGN(const Administrator admin,
             id.empty() ? admins_.mainAdministrator() : admins_.findAdministrator(id));
  if (admin.disabled) return unknown();
  UiIdentity identity;
  identity.name = admin.name;
  identity.locale = admin.locale.value_or("");
  if (admin.main) {
    identity.uid = 0;
  } else if (admin.unixUser) {
    const auto account =
        store_.read([&](const Tables& tables) { return tables.accounts().find(*admin.unixUser); });
    if (account.ok() && account->uid != 0) identity.uid = account->uid;
  }
  return identity;
}

}  // namespace bulkhead::api
