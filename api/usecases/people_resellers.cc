// Resellers.
#include "api/usecases/people_impl.h"
#include "api/usecases/repeats.h"
#include "common/core/ulid.h"

namespace bulkhead::api {
namespace {

constexpr std::uint32_t kAccountsMax = 1'000'000;  // above it is a mistake

Result<Ok> checkMax(std::uint32_t accountsMax) {
  if (accountsMax <= kAccountsMax) return Ok{};
  return Error{Code::kInvalidArgument, "accounts_max: 0 (unlimited) or at most 1000000",
               "accounts_max"};
}

Result<std::string> accountId(const Tables& tables, const std::string& key) {
  if (key.empty()) return std::string();
  auto account = tables.accounts().find(key);
  if (!account.ok() && account.error().code == Code::kNotFound)
    return Error{Code::kNotFound, "there is no such account", "account"};
  if (!account.ok()) return account.error();
  return account->id;
}

std::string counted(std::uint32_t count, const char* what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

}  // namespace

Result<Ok> PeopleImpl::refuseAdministratorsName(const std::string& name) const {
  const auto admin = owners_.admins().findAdministrator(name);
  if (admin.ok()) return Error{Code::kAlreadyExists, "an administrator has this name", "name"};
  if (admin.error().code != Code::kNotFound) return admin.error();
  return Ok{};
}

Result<Ok> PeopleImpl::handOver(Tables& tables, const Owner& from, const std::string& to) const {
  TRY_ASSIGN(const Belongings has, tables.resellers().belongings(from));
  if (has.none()) return Ok{};
  if (to.empty())
    return Error{Code::kConflict,
                 "owns " + counted(has.accounts, "account") + ", " + counted(has.plans, "plan") +
                     " and " + counted(has.resellers, "reseller") +
                     "; name who takes them over (reassign_to)",
                 ""};
  TRY_ASSIGN(const Owner heir, owners_.find(tables, to, "reassign_to"));
  if (heir.admin == from.admin && heir.resellerId == from.resellerId)
    return Error{Code::kInvalidArgument, "reassign_to: must be somebody else", "reassign_to"};
  TRY(Owners::refuseFull(tables, heir, has.accounts, "reassign_to"));
  // To the scripts, an administrator's account proves who has its name: a customer would become
  // one.
  if (!from.resellerId.empty() && heir.resellerId.empty())
    TRY(owners_.refuseAdministratorsUsersOf(tables, from.resellerId, "reassign_to"));
  return tables.resellers().reassign(from, heir);
}

Result<Reseller> PeopleImpl::createReseller(const Actor& actor, const NewReseller& wanted) {
  TRY(checkPersonName(wanted.name, "name"));
  TRY(checkMax(wanted.accountsMax));
  const std::int64_t now = clock_.nowMicros();
  Reseller reseller;
  reseller.id = "rsl_" + newUlid(now);
  reseller.name = wanted.name;
  reseller.email = wanted.email;
  reseller.locale = wanted.locale;
  reseller.accountsMax = wanted.accountsMax;
  reseller.createdAt = now;
  reseller.revision = 1;
  TRY(checkContact(reseller.email, reseller.locale));
  TRY_ASSIGN(auto made, store_.write([&](Tables& tables) -> Result<Reseller> {
    TRY_ASSIGN(const Administrator main, owners_.admins().mainAdministrator());
    if (main.id.empty()) return Error{Code::kConflict, "create the main administrator first", ""};
    TRY(refuseAdministratorsName(reseller.name));
    TRY_ASSIGN(const Owner owner, owners_.findAdmin(wanted.owner, "owner"));
    reseller.owner = owner.admin;
    TRY_ASSIGN(reseller.accountId, accountId(tables, wanted.account));
    TRY(tables.resellers().add(reseller));
    TRY(noteDone(tables, actor, reseller.id));
    TRY_ASSIGN(Reseller found, tables.resellers().find(reseller.id));
    // Last, so that nothing but the commit can fail after it.
    if (!wanted.passwordHash.empty())
      TRY(owners_.admins().addLogin(reseller.id, wanted.passwordHash));
    return found;
  }));
  return shown(std::move(made));
}

Result<Reseller> PeopleImpl::shown(Reseller reseller) const {
  TRY_ASSIGN(reseller.disabled, owners_.admins().isDisabled(reseller.id));
  return owners_.shown(std::move(reseller));
}

Result<Page<Reseller>> PeopleImpl::resellers(const PageQuery& query) {
  TRY_ASSIGN(auto page, store_.read([&](const Tables& t) { return t.resellers().list(query); }));
  TRY_ASSIGN(page, owners_.shownPage(std::move(page)));
  for (auto& reseller : page.items) {
    TRY_ASSIGN(reseller.disabled, owners_.admins().isDisabled(reseller.id));
  }
  return page;
}

Result<Reseller> PeopleImpl::reseller(std::string_view idOrName) {
  TRY_ASSIGN(auto found,
             store_.read([&](const Tables& t) { return t.resellers().find(idOrName); }));
  return shown(std::move(found));
}

Result<Reseller> PeopleImpl::changeReseller(const Actor& actor,
                                            std::string_view idOrName,
                                            const ResellerChange& change,
                                            const Expected& expected) {
  TRY_ASSIGN(auto changed, store_.write([&](Tables& tables) -> Result<Reseller> {
    TRY_ASSIGN(Reseller reseller, tables.resellers().find(idOrName));
    TRY(refuseChanged(expected, reseller.revision));
    if (change.name.has_value() && *change.name != reseller.name) {
      TRY(checkPersonName(*change.name, "name"));
      TRY(refuseAdministratorsName(*change.name));
      reseller.name = *change.name;
    }
    TRY(applyContact(change.email, change.locale, reseller.email, reseller.locale));
    if (change.accountsMax.has_value()) {
      TRY(checkMax(*change.accountsMax));
      reseller.accountsMax = *change.accountsMax;
    }
    if (change.owner.has_value()) {
      TRY_ASSIGN(const Owner owner, owners_.findAdmin(*change.owner, "owner"));
      reseller.owner = owner.admin;
    }
    if (change.account.has_value()) {
      TRY_ASSIGN(reseller.accountId, accountId(tables, change.account->value_or("")));
    }
    TRY(tables.resellers().change(reseller));
    TRY(noteDone(tables, actor, reseller.id));
    return tables.resellers().find(reseller.id);
  }));
  return shown(std::move(changed));
}

Result<Ok> PeopleImpl::deleteReseller(const Actor& actor,
                                      std::string_view idOrName,
                                      const std::string& reassignTo,
                                      const Expected& expected) {
  std::string id;
  const auto removed = store_.write([&](Tables& tables) -> Result<Ok> {
    TRY_ASSIGN(const Reseller reseller, tables.resellers().find(idOrName));
    id = reseller.id;
    TRY(refuseChanged(expected, reseller.revision));
    TRY(handOver(tables, Owner{"", reseller.id}, reassignTo));
    TRY(noteDone(tables, actor, ""));
    return tables.resellers().remove(reseller.id);
  });
  // Ignoring a failure: with the reseller went every use of it, and the next start forgets it.
  if (removed.ok()) (void)owners_.admins().removeLogin(id);
  return removed;
}

}  // namespace bulkhead::api
