// The administrators as the use cases see them, and the rows behind.
#include "api/usecases/admin_directory.h"

#include "api/auth/admin_rows.h"
#include "api/auth/admin_store.h"
#include "api/store/cursor.h"
#include "api/store/sql/rows.h"

namespace bulkhead::api {
namespace {

using sqlite::Connection;

Error noSuchAdmin() { return {Code::kNotFound, "there is no such administrator", ""}; }

}  // namespace

std::string_view personStateWord(PersonState state) {
  return state == PersonState::kActive ? "active" : "disabled";
}

Person personFrom(const sqlite::Statement& row, int first) {
  Person admin;
  admin.id = row.text(first);
  admin.username = row.text(first + 1);
  admin.role = row.text(first + 2);
  admin.passwordHash = row.text(first + 3);
  admin.state = row.text(first + 4) == "active" ? PersonState::kActive : PersonState::kDisabled;
  admin.createdAt = row.integer(first + 5);
  admin.email = sql::optionalText(row, first + 6);
  admin.locale = sql::optionalText(row, first + 7);
  admin.unixUser = sql::optionalText(row, first + 8);
  admin.revision = row.number<std::uint64_t>(first + 9);
  return admin;
}

Result<Ok> insertPerson(sqlite::Connection& connection, const Person& admin) {
  sqlite::Statement insert = connection.prepare(
      "INSERT INTO people (id, username, role, password_hash, state, created_at, revision, email, "
      "locale, unix_user) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      admin.id, admin.username, admin.role, admin.passwordHash, personStateWord(admin.state),
      admin.createdAt, admin.revision);
  sql::bindOptional(insert, 8, admin.email);
  sql::bindOptional(insert, 9, admin.locale);
  sql::bindOptional(insert, 10, admin.unixUser);
  const auto added = insert.run();
  if (added.ok()) return Ok{};
  if (added.error().code == Code::kAlreadyExists)
    return Error{Code::kAlreadyExists, "there is an administrator of this name", "username"};
  return added.error();
}

Administrator publicFace(const Person& admin) {
  Administrator face;
  face.id = admin.id;
  face.name = admin.username;
  face.main = admin.role == "main";
  face.email = admin.email;
  face.locale = admin.locale;
  face.unixUser = admin.unixUser;
  face.createdAt = admin.createdAt;
  face.revision = admin.revision;
  face.disabled = admin.state == PersonState::kDisabled;
  return face;
}

Result<Administrator> AdminStore::mainAdministrator() {
  TRY_ASSIGN(const auto admin, findMain());
  if (admin) return publicFace(*admin);
  Administrator before;
  before.name = kMainBefore;
  before.main = true;
  before.unixUser = "root";
  return before;
}

Result<Administrator> AdminStore::findAdministrator(std::string_view idOrName) {
  const auto found = database_->read([&](Connection& c) {
    return findPerson(
        c, "SELECT " PERSON_COLUMNS "FROM admins a WHERE a.id = ?1 OR a.username = ?1", idOrName);
  });
  if (!found.ok()) return found.error();
  if (*found) return publicFace(**found);
  if (idOrName != kMainBefore) return noSuchAdmin();
  TRY_ASSIGN(auto main, mainAdministrator());
  if (main.name != kMainBefore) return noSuchAdmin();
  return main;
}

Result<Page<Administrator>> AdminStore::administrators(const PageQuery& query) {
  return database_->read([&](Connection& c) -> Result<Page<Administrator>> {
    TRY_ASSIGN(const Position after, startOf("admins", query));
    auto statement = c.prepare("SELECT " PERSON_COLUMNS
                               "FROM admins a WHERE (a.created_at, a.id) > (?, ?) "
                               "ORDER BY a.created_at, a.id LIMIT ?",
                               after.createdAt, after.id, pageSize(query) + 1);
    TRY_ASSIGN(auto rows, sql::collectRows(statement, [](const sqlite::Statement& row) {
                 return publicFace(personFrom(row, 0));
               }));
    return makePage("admins", std::move(rows), query);
  });
}

Result<Ok> AdminStore::addAdministrator(const Administrator& face,
                                        const std::string& passwordHash) {
  Person admin;
  admin.id = face.id;
  admin.username = face.name;
  admin.role = "admin";
  admin.passwordHash = passwordHash;
  admin.createdAt = face.createdAt;
  admin.email = face.email;
  admin.locale = face.locale;
  admin.unixUser = face.unixUser;
  return database_->write([&](Connection& c) { return insertPerson(c, admin); });
}

Result<Administrator> AdminStore::changeAdministrator(const Administrator& admin) {
  return database_->write([&](Connection& c) -> Result<Administrator> {
    TRY_ASSIGN(const auto before,
               findPerson(c, "SELECT " PERSON_COLUMNS "FROM admins a WHERE a.id = ?", admin.id));
    if (!before) return noSuchAdmin();
    if (before->revision != admin.revision)
      return Error{Code::kConflict, "the administrator has changed since", ""};
    auto update = c.prepare(
        "UPDATE people SET revision = revision + 1, email = ?2, locale = ?3, "
        "unix_user = ?4 WHERE id = ?1",
        admin.id);
    sql::bindOptional(update, 2, admin.email);
    sql::bindOptional(update, 3, admin.locale);
    sql::bindOptional(update, 4, admin.unixUser);
    TRY(update.run());
    Administrator after = admin;
    after.revision += 1;
    return after;
  });
}

Result<Ok> AdminStore::removeAdministrator(const std::string& id) {
  return database_->write([&](Connection& c) -> Result<Ok> {
    TRY_ASSIGN(const auto admin,
               findPerson(c, "SELECT " PERSON_COLUMNS "FROM admins a WHERE a.id = ?", id));
    if (!admin) return noSuchAdmin();
    if (admin->role == "main")
      return Error{Code::kConflict, "the main administrator cannot be removed", ""};
    TRY(forgetUiTokensOf(c, id));
    TRY(c.run("DELETE FROM people WHERE id = ?", id));
    return Ok{};
  });
}

}  // namespace bulkhead::api
