// Looking people up in both databases.
#include "api/auth/persons.h"

#include "api/usecases/reach.h"

namespace bulkhead::api {
namespace {

bool isMissing(const Error& error) { return error.code == Code::kNotFound; }

}  // namespace

std::string actorName(std::string_view role, const std::string& username) {
  const bool administrator = role == kRoleMain || role == kRoleAdmin;
  return std::string(administrator ? kRoleAdmin : role) + ":" + username;
}

std::string_view roleOfId(std::string_view id) {
  return id.starts_with("rsl_") ? kRoleReseller : kRoleUser;
}

Result<Person> Persons::withLogin(const std::string& id) {
  TRY_ASSIGN(auto person, logins_.findPersonById(id));
  if (!person) {
    person.emplace();
    person->id = id;
    person->role = roleOfId(id);
  }
  TRY(bringUpToDate(*person));
  return std::move(*person);
}

Result<std::optional<Person>> Persons::byName(const std::string& name) {
  TRY_ASSIGN(auto administrator, logins_.findByName(name));
  if (administrator) return administrator;
  std::string id;
  const auto reseller =
      store_.read([&](const Tables& tables) { return tables.resellers().find(name); });
  if (!reseller.ok() && !isMissing(reseller.error())) return reseller.error();
  // Ids are not for logging in.
  if (reseller.ok() && reseller->name == name) id = reseller->id;
  if (id.empty()) {
    const auto account = store_.account(name);
    if (!account.ok() && !isMissing(account.error())) return account.error();
    if (account.ok() && account->username == name) id = account->id;
  }
  if (id.empty()) return std::optional<Person>();
  TRY_ASSIGN(auto person, withLogin(id));
  return std::optional(std::move(person));
}

Result<std::optional<Person>> Persons::byId(const std::string& id) {
  TRY_ASSIGN(auto person, withLogin(id));
  if (person.username.empty()) return std::optional<Person>();
  return std::optional(std::move(person));
}

Result<Ok> Persons::bringUpToDate(Person& person) {
  if (person.isAdministrator()) return Ok{};
  const bool reseller = person.role == kRoleReseller;
  if (reseller) {
    const auto found =
        store_.read([&](const Tables& tables) { return tables.resellers().find(person.id); });
    if (!found.ok() && !isMissing(found.error())) return found.error();
    person.username = found.ok() ? found->name : "";
  } else {
    const auto found = store_.account(person.id);
    if (!found.ok() && !isMissing(found.error())) return found.error();
    person.username = found.ok() ? found->username : "";
    if (found.ok() && found->state != AccountState::kActive) person.state = PersonState::kDisabled;
  }
  if (person.username.empty()) person.state = PersonState::kDisabled;
  return Ok{};
}

Result<bool> Persons::isBelow(const Reach& reach, const Person& person) {
  if (person.isAdministrator()) return false;
  if (reach.everything()) return true;
  if (person.role != kRoleUser || reach.kind != Reach::Kind::kReseller) return false;
  const auto account = store_.account(person.id);
  if (!account.ok() && !isMissing(account.error())) return account.error();
  return account.ok() && reaches(reach, *account);
}

Result<Ok> Persons::forgetTheGone() {
  TRY_ASSIGN(const auto ids, logins_.loginIds());
  for (const auto& id : ids) {
    TRY_ASSIGN(const auto person, byId(id));
    if (!person) TRY(logins_.removeLogin(id));
  }
  return Ok{};
}

}  // namespace bulkhead::api
