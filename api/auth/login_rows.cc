// What resellers and users log in with: a row by their id, made when they get a password or
// somebody shuts them out.
#include "api/auth/admin_rows.h"
#include "api/auth/admin_store.h"
#include "api/store/sql/rows.h"

namespace bulkhead::api {

using sqlite::Connection;

Result<std::optional<Person>> AdminStore::findPersonById(const std::string& id) {
  return database_->lookUp([&](Connection& c) {
    return findPerson(c, "SELECT " PERSON_COLUMNS "FROM people a WHERE a.id = ?", id);
  });
}

Result<std::vector<std::string>> AdminStore::loginIds() {
  return database_->read([&](Connection& c) {
    auto rows = c.prepare("SELECT id FROM people WHERE role IN ('reseller', 'user')");
    return sql::collectRows(rows, [](const sqlite::Statement& row) { return row.text(0); });
  });
}

Result<Ok> AdminStore::addLogin(const std::string& personId, const std::string& passwordHash) {
  return database_->write([&](Connection& c) -> Result<Ok> {
    // The hash that is there stays when none is given.
    TRY(
        c.run("INSERT INTO people (id, username, role, password_hash, state, created_at, revision) "
              "VALUES (?1, NULL, ?2, ?3, 'active', 0, 1) ON CONFLICT (id) DO UPDATE SET "
              "password_hash = ?3 WHERE ?3 <> '' AND role = ?2",
              personId, roleOfId(personId), passwordHash));
    return Ok{};
  });
}

Result<Ok> AdminStore::endLogins(const std::string& personId) {
  return database_->write([&](Connection& c) -> Result<Ok> {
    TRY(endWaysIn(c, personId));
    return Ok{};
  });
}

Result<Ok> AdminStore::removeLogin(const std::string& personId) {
  return database_->write([&](Connection& c) -> Result<Ok> {
    TRY(forgetUiTokensOf(c, personId));
    TRY(c.run("DELETE FROM people WHERE id = ? AND role IN ('reseller', 'user')", personId));
    return Ok{};
  });
}

Result<bool> AdminStore::isDisabled(const std::string& personId) {
  return database_->lookUp([&](Connection& c) {
    return c.prepare("SELECT 1 FROM people WHERE id = ? AND state = 'disabled'", personId).step();
  });
}

}  // namespace bulkhead::api
