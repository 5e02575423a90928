#include "api/usecases/owners.h"

namespace bulkhead::api {

Result<std::string> Owners::mainName() const {
  const std::lock_guard lock(mutex_);
  if (!mainName_.empty()) return mainName_;
  TRY_ASSIGN(const Administrator main, admins_.mainAdministrator());
  if (!main.id.empty()) mainName_ = main.name;
  return main.name;
}

Result<Owner> Owners::findAdmin(const std::string& name, const char* field) const {
  if (name.empty()) return Owner{};
  auto admin = admins_.findAdministrator(name);
  if (!admin.ok() && admin.error().code == Code::kNotFound)
    return Error{Code::kNotFound, "there is no such administrator", field};
  if (!admin.ok()) return admin.error();
  return Owner{admin->main ? std::string() : admin->name, ""};
}

Result<Owner> Owners::find(const Tables& tables, const std::string& name, const char* field) const {
  if (name.empty()) return Owner{};
  auto reseller = tables.resellers().find(name);
  if (reseller.ok()) return Owner{"", reseller->id};
  if (reseller.error().code != Code::kNotFound) return reseller.error();
  auto admin = findAdmin(name, field);
  if (!admin.ok() && admin.error().code == Code::kNotFound)
    return Error{Code::kNotFound, "there is no administrator or reseller of this name", field};
  return admin;
}

Result<Ok> Owners::refuseFull(const Tables& tables,
                              const Owner& owner,
                              std::uint32_t more,
                              const char* field) {
  if (owner.resellerId.empty()) return Ok{};
  TRY_ASSIGN(const Reseller reseller, tables.resellers().find(owner.resellerId));
  if (reseller.accountsMax == 0) return Ok{};
  TRY_ASSIGN(const Belongings has, tables.resellers().belongings(owner));
  if (std::uint64_t{has.accounts} + more <= reseller.accountsMax) return Ok{};
  return Error{Code::kLimitExceeded,
               "reseller " + reseller.name + " may have " + std::to_string(reseller.accountsMax) +
                   " accounts",
               field};
}

Result<Ok> Owners::eachUnixUser(const UnixUserVisitor& visit) const {
  PageQuery query{"", kPageMax};
  do {
    TRY_ASSIGN(const auto page, admins_.administrators(query));
    for (const auto& admin : page.items)
      if (admin.unixUser.has_value()) TRY(visit(*admin.unixUser, admin.name));
    query.cursor = page.nextCursor;
  } while (!query.cursor.empty());
  return Ok{};
}

Result<bool> Owners::worksAnAdministratorAs(const std::string& unixUser) const {
  bool found = false;
  TRY(eachUnixUser([&](const std::string& user, const std::string&) -> Result<Ok> {
    found = found || user == unixUser;
    return Ok{};
  }));
  return found;
}

Result<Ok> Owners::refuseAdministratorsUser(const std::string& username) const {
  return eachUnixUser([&](const std::string& user, const std::string& admin) -> Result<Ok> {
    if (user != username) return Ok{};
    return Error{Code::kConflict, "administrator " + admin + " works as this user", ""};
  });
}

Result<Ok> Owners::refuseAdministratorsUsersOf(const Tables& tables,
                                               const std::string& resellerId,
                                               const char* field) const {
  return eachUnixUser([&](const std::string& user, const std::string& admin) -> Result<Ok> {
    const auto account = tables.accounts().find(user);
    if (!account.ok() && account.error().code == Code::kNotFound) return Ok{};
    if (!account.ok()) return account.error();
    if (account->resellerId != resellerId) return Ok{};
    return Error{Code::kConflict,
                 "administrator " + admin + " works as " + user + ", which is one of the accounts",
                 field};
  });
}

Result<Ok> refuseChanged(const Expected& expected, std::uint64_t revision) {
  if (!expected.has_value() || *expected == revision) return Ok{};
  return Error{Code::kConflict, "it has changed since; read it again", ""};
}

}  // namespace bulkhead::api
