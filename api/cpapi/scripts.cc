// Rights first, then data: in that order nobody learns from an answer what exists.
#include "api/cpapi/scripts.h"

#include <exception>

#include "api/auth/ui_tokens.h"
#include "api/cpapi/panel_info.h"
#include "common/cpapi/refusals.h"
#include "common/cpapi/text.h"
#include "common/log/log.h"

namespace bulkhead::api {
namespace {

using cpapi::Fault;
using cpapi::Outcome;
using cpapi::Query;
using cpapi::Script;
using cpapi::UserFields;

constexpr Fault kNoData{Outcome::kInternal, "the panel's data cannot be read now; try again", {}};

ScriptAnswer refusal(const Fault& fault) {
  ScriptAnswer answer;
  answer.outcome = fault.outcome;
  cpapi::putRefusal(answer.document, fault);
  return answer;
}

// For people at the log; callers are told nothing about the insides.
ScriptAnswer failure(Script script, const std::string& what) {
  logLine(LogLevel::kError, "a script has no data",
          {{"script", std::string(cpapi::scriptName(script))}, {"what", what}});
  return refusal(kNoData);
}

ScriptAnswer document(std::string text) { return {Outcome::kOk, std::move(text), nullptr}; }

bool isWholeUsers(const Query& query) {
  return query.script == Script::kUsers && query.fields == UserFields::all() && !query.owner &&
         !query.packageName && !query.username && !query.unixId;
}
bool isWholeDomains(const Query& query) {
  return query.script == Script::kDomains && !query.withPhp && !query.owner && !query.name;
}

}  // namespace

Scripts::Scripts(
    Store& store, AdminDirectory& admins, PhpCatalogue& php, UiTokens& tokens, Options options)
    : store_(store), admins_(admins), php_(php), tokens_(tokens), options_(std::move(options)) {}

ScriptAnswer Scripts::run(Script script,
                          std::span<const std::string_view> arguments,
                          uid_t caller) {
  try {
    const auto parsed = cpapi::parseQuery(script, arguments);
    if (const auto* fault = std::get_if<Fault>(&parsed)) return refusal(*fault);
    return answer(std::get<Query>(parsed), caller);
  } catch (const std::exception& fault) {
    return failure(script, fault.what());
  }
}

ScriptAnswer Scripts::answer(const Query& query, uid_t caller) {
  if (query.script == Script::kPanelInfo) return document(panelInfoDocument());
  const auto admins = readAdmins();
  const Rights rights = rightsOf(caller, admins.ok() ? &*admins : nullptr);
  if (rights == Rights::kOwn && !cpapi::isForEverybody(query.script))
    return refusal(cpapi::kForAdministrators);
  if (!admins.ok()) return failure(query.script, admins.error().message);
  return documentFor(query, *admins,
                     rights == Rights::kAll ? std::nullopt : std::optional<std::uint32_t>(caller));
}

Result<Admins> Scripts::readAdmins() {
  TRY_ASSIGN(Administrator main, admins_.mainAdministrator());
  std::vector<Administrator> all;
  PageQuery page;
  page.limit = kPageMax;
  do {
    TRY_ASSIGN(Page<Administrator> more, admins_.administrators(page));
    for (Administrator& admin : more.items)
      if (!admin.main) all.push_back(std::move(admin));
    page.cursor = more.nextCursor;
  } while (!page.cursor.empty());
  main.main = true;
  all.push_back(std::move(main));
  return Admins(std::move(all));
}

// Proof is what the panel itself gave out: an account with this uid and an administrator's UNIX
// name. Accounts below a reseller do not count: whoever names them could make himself one.
Scripts::Rights Scripts::rightsOf(uid_t caller, const Admins* admins) {
  if (caller == options_.root) return Rights::kAll;
  if (admins == nullptr) return Rights::kOwn;
  Directory::Filter filter;
  filter.uid = caller;
  bool administrator = false;
  const auto read = store_.read([&](const Tables& tables) {
    return tables.directory().accounts(filter, [&](const Directory::Account& account) {
      const bool ofAdmin = account.owner.empty() || admins->find(account.owner) != nullptr;
      if (ofAdmin && admins->haveUnixUser(account.username)) administrator = true;
    });
  });
  return read.ok() && administrator ? Rights::kAll : Rights::kOwn;
}

Documented Scripts::make(const Query& query,
                         const Admins& admins,
                         const std::optional<std::uint32_t>& self) {
  if (query.withPhp && (query.owner || query.name)) {
    // Who asks for what is not his is told so, whether PHP can be listed or not.
    Query plain = query;
    plain.withPhp = false;
    Documented first = make(plain, admins, self);
    if (!std::holds_alternative<std::string>(first)) return first;
  }
  std::shared_ptr<const PhpVersions> php;
  if (query.script == Script::kPhp || query.withPhp) {
    auto versions = php_.versions();
    if (!versions.ok()) return versions.error();
    php = *versions;
  }
  if (query.script == Script::kPhp) return phpDocument(*php);
  if (query.script == Script::kAdmins) return adminsDocument(admins, query);
  std::optional<MysqlAccess> access;
  if (query.script == Script::kDbInfo) {
    auto found = readMysqlAccess(options_.stateDirectory);
    if (!found.ok()) return found.error();
    access = std::move(*found);
  }
  Documented made = Error{Code::kInternal, "", ""};
  const auto read = store_.read([&](const Tables& tables) -> Result<Ok> {
    const Directory& directory = tables.directory();
    if (query.script == Script::kUsers)
      made = usersDocument(directory, admins, query);
    else if (query.script == Script::kPackages)
      made = packagesDocument(directory, admins, query);
    else if (query.script == Script::kResellers)
      made = resellersDocument(directory, query);
    else if (query.script == Script::kDomains)
      made = domainsDocument(directory, query, self, php.get());
    else
      made = databaseDocument(directory, access);
    return Ok{};
  });
  if (!read.ok()) return read.error();
  return made;
}

ScriptAnswer Scripts::documentFor(const Query& query,
                                  const Admins& admins,
                                  const std::optional<std::uint32_t>& self) {
  if (!self && (isWholeUsers(query) || isWholeDomains(query))) {
    SharedDocument& shared = query.script == Script::kUsers ? allUsers_ : allDomains_;
    // Counted before it is read: what is committed meanwhile makes the document old, never wrong.
    const SharedDocument::Basis basis{store_.changes(), admins.mainName()};
    auto got = shared.get(basis, [&] { return make(query, admins, self); });
    if (auto* text = std::get_if<std::shared_ptr<const std::string>>(&got))
      return {Outcome::kOk, {}, std::move(*text)};
    if (const auto* fault = std::get_if<Fault>(&got)) return refusal(*fault);
    return failure(query.script, std::get<Error>(got).message);
  }
  Documented made = make(query, admins, self);
  if (auto* text = std::get_if<std::string>(&made)) return document(std::move(*text));
  if (const auto* fault = std::get_if<Fault>(&made)) return refusal(*fault);
  return failure(query.script, std::get<Error>(made).message);
}

ScriptAnswer Scripts::userInfo(std::string_view token) {
  try {
    const auto identity = tokens_.identify(token);
    if (!identity.ok()) {
      if (identity.error().code == Code::kUnauthenticated) return {Outcome::kDenied, {}, nullptr};
      logLine(LogLevel::kError, "a token cannot be read", {{"what", identity.error().message}});
      return {};
    }
    return document(userInfoDocument(*identity));
  } catch (const std::exception& fault) {
    logLine(LogLevel::kError, "a token cannot be read", {{"what", fault.what()}});
    return {};
  }
}

}  // namespace bulkhead::api
