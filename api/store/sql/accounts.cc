// Accounts in tables.
#include "api/store/cursor.h"
#include "api/store/reach_sql.h"
#include "api/store/sql/repositories.h"
#include "api/usecases/state_names.h"
#include "common/types/limits.h"

namespace bulkhead::api::sql {
namespace {

constexpr const char* kMissing = "there is no such account";
constexpr std::string_view kIdPrefix = "acc_";  // of every id, and of few usernames
// Every account has its plan; by a left join all the same, so that no database begins with the
// plans and sorts all their accounts for one page.
#define ACCOUNT_COLUMNS                                                                            \
  "a.id, a.username, a.plan_id, p.name, a.state, a.uid, a.preview_port, a.created_at, a.revision," \
  " coalesce(r.name, a.owner_admin), a.reseller_id, a.email, a.locale, a.deleted_at, "             \
  "a.restore_until, a.was_suspended "                                                              \
  "FROM accounts a LEFT JOIN plans p ON p.id=a.plan_id "                                           \
  "LEFT JOIN resellers r ON r.id=a.reseller_id "

// To the host a deleted account is a suspended one, and so it is to whoever asks by state alone.
#define IS_DELETED "(a.state='suspended' AND a.deleted_at>0)"

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
  account.owner = row.text(9);
  account.resellerId = row.text(10);
  account.email = optionalText(row, 11);
  account.locale = optionalText(row, 12);
  account.deletedAt = row.integer(13);
  account.restoreUntil = row.integer(14);
  account.wasSuspended = row.integer(15) != 0;
  if (account.state == AccountState::kSuspended && account.deletedAt > 0)
    account.state = AccountState::kDeleted;
  return account;
}

}  // namespace

// The database keeps usernames apart, and names to come; this keeps one from the other.
Result<Ok> SqlAccounts::refuseTakenName(const std::string& name) const {
  auto taken = connection_.prepare(
      "SELECT 1 FROM accounts WHERE username=?1 UNION ALL "
      "SELECT 1 FROM accounts WHERE renaming_to=?1",
      name);
  TRY_ASSIGN(const bool exists, taken.step());
  if (exists) return Error{Code::kAlreadyExists, "there is an account of this name", "username"};
  return Ok{};
}

Result<Ok> SqlAccounts::add(const Account& account) {
  TRY(refuseTakenName(account.username));
  auto insert = connection_.prepare(
      "INSERT INTO accounts(id, username, plan_id, state, uid, created_at, revision, owner_admin, "
      "reseller_id, email, locale, preview_port) VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
      account.id, account.username, account.planId, stateName(account.state), account.uid,
      account.createdAt, account.revision,
      account.resellerId.empty() ? account.owner : std::string());
  bindReference(insert, 9, account.resellerId);
  bindOptional(insert, 10, account.email);
  bindOptional(insert, 11, account.locale);
  if (account.previewPort != 0) insert.bind(12, account.previewPort);  // NULL may repeat, 0 not
  auto added = insert.run();
  if (added.ok()) return Ok{};
  if (added.error().code == Code::kAlreadyExists)
    return Error{Code::kAlreadyExists, "there is an account of this name", "username"};
  if (added.error().code == Code::kConflict)
    return Error{Code::kNotFound, "there is no such plan", "plan"};
  return added.error();
}

Result<Ok> SqlAccounts::change(const Account& account) {
  auto update = connection_.prepare(
      "UPDATE accounts SET plan_id=?, owner_admin=?, revision=revision+1, reseller_id=?4, "
      "email=?5, locale=?6 WHERE id=?3",
      account.planId, account.resellerId.empty() ? account.owner : std::string(), account.id);
  bindReference(update, 4, account.resellerId);
  bindOptional(update, 5, account.email);
  bindOptional(update, 6, account.locale);
  auto changed = update.run();
  if (!changed.ok() && changed.error().code == Code::kConflict)
    return Error{Code::kNotFound, "there is no such plan", "plan"};
  return expectOneRow(changed, kMissing);
}

Result<Ok> SqlAccounts::beginRename(const std::string& id, const std::string& newName) {
  TRY(refuseTakenName(newName));
  return expectOneRow(connection_.run("UPDATE accounts SET renaming_to=? WHERE id=?", newName, id),
                      kMissing);
}

Result<Ok> SqlAccounts::endRename(const std::string& id, Rename how) {
  const char* const sql =
      how == Rename::kDone
          ? "UPDATE accounts SET username=coalesce(renaming_to, username), renaming_to=NULL, "
            "revision=revision+1 WHERE id=?"
          : "UPDATE accounts SET renaming_to=NULL WHERE id=?";
  return expectOneRow(connection_.run(sql, id), kMissing);
}

Result<Ok> SqlAccounts::setState(const std::string& id, AccountState state) {
  return expectOneRow(connection_.run("UPDATE accounts SET state=?, revision=revision+1 WHERE id=?",
                                      stateName(state), id),
                      kMissing);
}

Result<Ok> SqlAccounts::setUid(const std::string& id, std::uint32_t uid) {
  return expectOneRow(
      connection_.run("UPDATE accounts SET uid=?, revision=revision+1 WHERE id=?", uid, id),
      kMissing);
}

Result<Ok> SqlAccounts::beginDelete(const std::string& id) {
  return expectOneRow(
      connection_.run("UPDATE accounts SET was_suspended=(state='suspended'), state='deleting', "
                      "revision=revision+1 WHERE id=?",
                      id),
      kMissing);
}

Result<Ok> SqlAccounts::endDelete(const std::string& id,
                                  std::int64_t deletedAt,
                                  std::int64_t restoreUntil) {
  return expectOneRow(
      connection_.run("UPDATE accounts SET state='suspended', deleted_at=?, restore_until=?, "
                      "revision=revision+1 WHERE id=?",
                      deletedAt, restoreUntil, id),
      kMissing);
}

Result<Ok> SqlAccounts::restore(const std::string& id) {
  return expectOneRow(
      connection_.run("UPDATE accounts SET state=CASE was_suspended WHEN 1 THEN 'suspended' ELSE "
                      "'active' END, was_suspended=0, deleted_at=0, restore_until=0, "
                      "revision=revision+1 WHERE id=?",
                      id),
      kMissing);
}

Result<Ok> SqlAccounts::remove(const std::string& id) {
  auto removed = connection_.run("DELETE FROM accounts WHERE id=?", id);
  if (!removed.ok() && removed.error().code == Code::kConflict)
    return Error{Code::kConflict, "the account still has domains or database users", ""};
  return expectOneRow(removed, kMissing);
}

Result<Account> SqlAccounts::find(std::string_view idOrUsername) const {
  if (idOrUsername.starts_with(kIdPrefix)) {
    auto byId = readOne(connection_.prepare("SELECT " ACCOUNT_COLUMNS "WHERE a.id=?", idOrUsername),
                        readAccount, kMissing);
    if (byId.ok() || byId.error().code != Code::kNotFound) return byId;
  }
  return readOne(connection_.prepare("SELECT " ACCOUNT_COLUMNS "WHERE a.username=?", idOrUsername),
                 readAccount, kMissing);
}

Result<Page<Account>> SqlAccounts::list(const PageQuery& query,
                                        std::optional<AccountState> state) const {
  const std::string list =
      listName("accounts" + (state ? std::string(stateName(*state)) : ""), query);
  TRY_ASSIGN(const Position after, startOf(list, query));
  const bool deleted = state == AccountState::kDeleted;
  const bool ofState = state.has_value() && !deleted;
  const int reachAt = ofState ? 5 : 4;
  const std::string which = deleted ? IS_DELETED : "NOT " IS_DELETED;
  auto statement = connection_.prepare(
      "SELECT " ACCOUNT_COLUMNS "WHERE a.created_at>=?1 AND (a.created_at, a.id) > (?1,?2) AND " +
          which + (ofState ? " AND a.state=?4" : "") +
          withinReach(query, "a.id=#", "a.reseller_id=#", reachAt) +
          " ORDER BY a.created_at, a.id LIMIT ?3",
      after.createdAt, after.id, pageSize(query) + 1);
  if (ofState) statement.bind(4, stateName(*state));
  if (bindsReach(query)) statement.bind(reachAt, query.within.id);
  TRY_ASSIGN(auto rows, collectRows(statement, readAccount));
  return makePage(list, std::move(rows), query);
}

Result<std::vector<Account>> SqlAccounts::expired(std::int64_t now, std::uint32_t atMost) const {
  auto statement = connection_.prepare("SELECT " ACCOUNT_COLUMNS "WHERE " IS_DELETED
                                       " AND a.restore_until<=? ORDER BY a.restore_until LIMIT ?",
                                       now, atMost);
  return collectRows(statement, readAccount);
}

Result<std::vector<Account>> SqlAccounts::ofPlan(const std::string& planId) const {
  auto statement =
      connection_.prepare("SELECT " ACCOUNT_COLUMNS "WHERE a.plan_id=? ORDER BY a.id", planId);
  return collectRows(statement, readAccount);
}

Result<std::uint16_t> SqlAccounts::freePreviewPort() const {
  // The lowest port that is the first one, or follows a taken one, and is not taken itself.
  auto statement = connection_.prepare(
      "SELECT min(port) FROM (SELECT ? AS port UNION ALL SELECT preview_port+1 FROM accounts "
      "WHERE preview_port IS NOT NULL) AS ports WHERE port<=? AND port NOT IN "
      "(SELECT preview_port FROM accounts WHERE preview_port IS NOT NULL)",
      AccountPort::kFirst, AccountPort::kLast);
  TRY(statement.step());
  if (statement.isNull(0))
    return Error{Code::kLimitExceeded, "no preview port is free", "preview_port"};
  return statement.number<std::uint16_t>(0);
}

}  // namespace bulkhead::api::sql
