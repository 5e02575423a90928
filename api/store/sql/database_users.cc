// Users of the host's database server, in tables.
#include "api/store/cursor.h"
#include "api/store/sql/repositories.h"

namespace bulkhead::api::sql {
namespace {

constexpr const char* kMissing = "there is no such database user";

DatabaseUser readUser(const Statement& row) { return {row.text(0), row.text(1), row.integer(2)}; }

// What a page is made of: a cursor goes by id, and the name is this row's.
struct Row {
  DatabaseUser user;
  std::int64_t createdAt = 0;
  std::string id;
};
Row readRow(const Statement& row) {
  DatabaseUser user = readUser(row);
  const std::int64_t createdAt = user.createdAt;
  std::string id = user.name;
  return {std::move(user), createdAt, std::move(id)};
}

}  // namespace

Result<Ok> SqlDatabaseUsers::add(const DatabaseUser& user) {
  auto added =
      connection_.run("INSERT INTO database_users(name, account_id, created_at) VALUES(?,?,?)",
                      user.name, user.accountId, user.createdAt);
  if (added.ok()) return Ok{};
  if (added.error().code == Code::kAlreadyExists)
    return Error{Code::kAlreadyExists, "there is a database user of this name", "name"};
  if (added.error().code == Code::kConflict)
    return Error{Code::kNotFound, "there is no such account", "account"};
  return added.error();
}

Result<Ok> SqlDatabaseUsers::remove(const std::string& name) {
  return expectOneRow(connection_.run("DELETE FROM database_users WHERE name=?", name), kMissing);
}

Result<DatabaseUser> SqlDatabaseUsers::find(std::string_view name) const {
  return readOne(connection_.prepare(
                     "SELECT name, account_id, created_at FROM database_users WHERE name=?", name),
                 readUser, kMissing);
}

Result<Page<DatabaseUser>> SqlDatabaseUsers::list(const std::string& accountId,
                                                  const PageQuery& query) const {
  const std::string list = "database_users" + accountId;
  TRY_ASSIGN(const Position after, startOf(list, query));
  auto statement = connection_.prepare(
      "SELECT name, account_id, created_at FROM database_users WHERE account_id=?4 "
      "AND created_at>=?1 AND (created_at, name) > (?1,?2) ORDER BY created_at, name LIMIT ?3",
      after.createdAt, after.id, pageSize(query) + 1);
  statement.bind(4, accountId);
  TRY_ASSIGN(auto rows, collectRows(statement, readRow));
  Page<Row> page = makePage(list, std::move(rows), query);
  Page<DatabaseUser> users{{}, page.nextCursor};
  for (auto& row : page.items)
    users.items.push_back(std::move(row.user));
  return users;
}

Result<std::vector<std::string>> SqlDatabaseUsers::namesOf(const std::string& accountId) const {
  auto statement = connection_.prepare(
      "SELECT name FROM database_users WHERE account_id=? ORDER BY name", accountId);
  return collectRows(statement, [](const Statement& row) { return row.text(0); });
}

}  // namespace bulkhead::api::sql
