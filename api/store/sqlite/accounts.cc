// Accounts on SQLite.
#include "api/store/cursor.h"
#include "api/store/sqlite/repositories.h"
#include "api/usecases/state_names.h"
#include "common/types/limits.h"

namespace bulkhead::api::sqlite {
namespace {

constexpr const char* kMissing = "there is no such account";
#define ACCOUNT_COLUMNS                                                                            \
  "a.id, a.username, a.plan_id, p.name, a.state, a.uid, a.preview_port, a.created_at, a.revision " \
  "FROM accounts a JOIN plans p ON p.id=a.plan_id "

Account readAccount(const Statement& row) {
  Account account;
  account.id = row.text(0);
  account.username = row.text(1);
  account.planId = row.text(2);
  account.planName = row.text(3);
  account.state = stateFromName<AccountState>(row.text(4)).value_or(AccountState::kFailed);
  account.uid = row.number<std::uint32_t>(5);
  account.previewPort = row.number<std::uint16_t>(6);  // NULL reads as 0
  account.createdAt = row.integer(7);
  account.revision = row.number<std::uint64_t>(8);
  return account;
}

}  // namespace

Result<Ok> SqliteAccounts::add(const Account& account) {
  auto insert =
      connection_.prepare("INSERT INTO accounts VALUES(?,?,?,?,?,?,?,?)", account.id,
                          account.username, account.planId, stateName(account.state), account.uid,
                          account.previewPort, account.createdAt, account.revision);
  if (account.previewPort == 0) insert.bind(6, nullptr);  // 0 is not unique, NULL may repeat
  auto added = insert.run();
  if (added.ok()) return Ok{};
  if (added.error().code == Code::kAlreadyExists)
    return Error{Code::kAlreadyExists, "there is an account of this name", "username"};
  if (added.error().code == Code::kConflict)
    return Error{Code::kNotFound, "there is no such plan", "plan"};
  return added.error();
}

Result<Ok> SqliteAccounts::setState(const std::string& id, AccountState state) {
  return expectOneRow(connection_.run("UPDATE accounts SET state=?, revision=revision+1 WHERE id=?",
                                      stateName(state), id),
                      kMissing);
}

Result<Ok> SqliteAccounts::setUid(const std::string& id, std::uint32_t uid) {
  return expectOneRow(
      connection_.run("UPDATE accounts SET uid=?, revision=revision+1 WHERE id=?", uid, id),
      kMissing);
}

Result<Ok> SqliteAccounts::remove(const std::string& id) {
  auto removed = connection_.run("DELETE FROM accounts WHERE id=?", id);
  if (!removed.ok() && removed.error().code == Code::kConflict)
    return Error{Code::kConflict, "the account still has domains", ""};
  return expectOneRow(removed, kMissing);
}

Result<Account> SqliteAccounts::find(std::string_view idOrUsername) const {
  auto byId = readOne(connection_.prepare("SELECT " ACCOUNT_COLUMNS "WHERE a.id=?", idOrUsername),
                      readAccount, kMissing);
  if (byId.ok() || byId.error().code != Code::kNotFound) return byId;
  return readOne(connection_.prepare("SELECT " ACCOUNT_COLUMNS "WHERE a.username=?", idOrUsername),
                 readAccount, kMissing);
}

Result<Page<Account>> SqliteAccounts::list(const PageQuery& query) const {
  TRY_ASSIGN(const Position after, startOf("accounts", query));
  auto statement =
      connection_.prepare("SELECT " ACCOUNT_COLUMNS
                          "WHERE (a.created_at, a.id) > (?,?) ORDER BY a.created_at, a.id LIMIT ?",
                          after.createdAt, after.id, pageSize(query) + 1);
  TRY_ASSIGN(auto rows, collectRows(statement, readAccount));
  return makePage("accounts", std::move(rows), query);
}

Result<std::vector<Account>> SqliteAccounts::ofPlan(const std::string& planId) const {
  auto statement =
      connection_.prepare("SELECT " ACCOUNT_COLUMNS "WHERE a.plan_id=? ORDER BY a.id", planId);
  return collectRows(statement, readAccount);
}

Result<std::uint16_t> SqliteAccounts::freePreviewPort() const {
  // The lowest port that is the first one, or follows a taken one, and is not taken itself.
  auto statement = connection_.prepare(
      "SELECT min(port) FROM (SELECT ? AS port UNION ALL SELECT preview_port+1 FROM accounts "
      "WHERE preview_port IS NOT NULL) WHERE port<=? AND port NOT IN "
      "(SELECT preview_port FROM accounts WHERE preview_port IS NOT NULL)",
      AccountPort::kFirst, AccountPort::kLast);
  TRY(statement.step());
  if (statement.isNull(0))
    return Error{Code::kLimitExceeded, "no preview port is free", "preview_port"};
  return statement.number<std::uint16_t>(0);
}

}  // namespace bulkhead::api::sqlite
