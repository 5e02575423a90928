// Resellers in tables, and what belongs to whom.
#include "api/store/cursor.h"
#include "api/store/reach_sql.h"
#include "api/store/sql/repositories.h"

namespace bulkhead::api::sql {
namespace {

constexpr const char* kMissing = "there is no such reseller";
#define RESELLER_COLUMNS                                                                 \
  "r.id, r.number, r.name, r.email, r.locale, r.account_id, a.username, r.owner_admin, " \
  "r.accounts_max, r.created_at, r.revision "                                            \
  "FROM resellers r LEFT JOIN accounts a ON a.id=r.account_id "

Reseller readReseller(const Statement& row) {
  Reseller reseller;
  reseller.id = row.text(0);
  reseller.number = row.number<std::uint32_t>(1);
  reseller.name = row.text(2);
  reseller.email = optionalText(row, 3);
  reseller.locale = optionalText(row, 4);
  reseller.accountId = row.text(5);
  reseller.accountName = row.text(6);
  reseller.owner = row.text(7);
  reseller.accountsMax = row.number<std::uint32_t>(8);
  reseller.createdAt = row.integer(9);
  reseller.revision = row.number<std::uint64_t>(10);
  return reseller;
}

}  // namespace

Result<Ok> SqlResellers::add(Reseller& reseller) {
  TRY(connection_.run("UPDATE counters SET value=value+1 WHERE name='reseller'"));
  auto next = connection_.prepare("SELECT value FROM counters WHERE name='reseller'");
  TRY_ASSIGN(const bool counted, next.step());
  if (!counted) return Error{Code::kInternal, "the counter of resellers is gone", ""};
  reseller.number = next.number<std::uint32_t>(0);
  auto insert = connection_.prepare(
      "INSERT INTO resellers(id, number, name, owner_admin, accounts_max, created_at, revision, "
      "email, locale, account_id) VALUES(?,?,?,?,?,?,?,?,?,?)",
      reseller.id, reseller.number, reseller.name, reseller.owner, reseller.accountsMax,
      reseller.createdAt, reseller.revision);
  bindOptional(insert, 8, reseller.email);
  bindOptional(insert, 9, reseller.locale);
  bindReference(insert, 10, reseller.accountId);
  return told(insert.run(), reseller);
}

// Which of the two unique columns refused is asked, not read from the database's message.
Result<Ok> SqlResellers::told(const Result<std::int64_t>& written, const Reseller& reseller) const {
  if (written.ok()) return expectOneRow(written, kMissing);
  if (written.error().code == Code::kConflict)
    return Error{Code::kNotFound, "there is no such account", "account"};
  if (written.error().code != Code::kAlreadyExists) return written.error();
  auto named = connection_.prepare("SELECT 1 FROM resellers WHERE name=? AND id<>?", reseller.name,
                                   reseller.id);
  TRY_ASSIGN(const bool nameTaken, named.step());
  if (nameTaken) return Error{Code::kAlreadyExists, "there is a reseller of this name", "name"};
  return Error{Code::kAlreadyExists, "the account is another reseller's own", "account"};
}

Result<Ok> SqlResellers::change(const Reseller& reseller) {
  auto update = connection_.prepare(
      "UPDATE resellers SET name=?2, owner_admin=?3, accounts_max=?4, revision=revision+1, "
      "email=?5, locale=?6, account_id=?7 WHERE id=?1",
      reseller.id, reseller.name, reseller.owner, reseller.accountsMax);
  bindOptional(update, 5, reseller.email);
  bindOptional(update, 6, reseller.locale);
  bindReference(update, 7, reseller.accountId);
  return told(update.run(), reseller);
}

Result<Ok> SqlResellers::remove(const std::string& id) {
  auto removed = connection_.run("DELETE FROM resellers WHERE id=?", id);
  if (!removed.ok() && removed.error().code == Code::kConflict)
    return Error{Code::kConflict, "the reseller still owns accounts or plans", ""};
  return expectOneRow(removed, kMissing);
}

Result<Reseller> SqlResellers::find(std::string_view idOrName) const {
  auto byId = readOne(connection_.prepare("SELECT " RESELLER_COLUMNS "WHERE r.id=?", idOrName),
                      readReseller, kMissing);
  if (byId.ok() || byId.error().code != Code::kNotFound) return byId;
  return readOne(connection_.prepare("SELECT " RESELLER_COLUMNS "WHERE r.name=?", idOrName),
                 readReseller, kMissing);
}

Result<Page<Reseller>> SqlResellers::list(const PageQuery& query) const {
  const std::string list = listName("resellers", query);
  TRY_ASSIGN(const Position after, startOf(list, query));
  auto statement = connection_.prepare(
      "SELECT " RESELLER_COLUMNS "WHERE r.created_at>=?1 AND (r.created_at, r.id) > (?1,?2)" +
          withinReach(query, "''=#", "r.id=#", 4) + " ORDER BY r.created_at, r.id LIMIT ?3",
      after.createdAt, after.id, pageSize(query) + 1);
  if (bindsReach(query)) statement.bind(4, query.within.id);
  TRY_ASSIGN(auto rows, collectRows(statement, readReseller));
  return makePage(list, std::move(rows), query);
}

// `table` is one of ours, never a caller's.
Result<std::uint32_t> SqlResellers::countOwned(const char* table, const Owner& owner) const {
  const std::string from = std::string("SELECT count(*) FROM ") + table;
  auto statement =
      owner.resellerId.empty()
          ? connection_.prepare(from + " WHERE reseller_id IS NULL AND owner_admin=?", owner.admin)
          : connection_.prepare(from + " WHERE reseller_id=?", owner.resellerId);
  TRY(statement.step());
  return statement.number<std::uint32_t>(0);
}

Result<Belongings> SqlResellers::belongings(const Owner& owner) const {
  Belongings all;
  TRY_ASSIGN(all.accounts, countOwned("accounts", owner));
  TRY_ASSIGN(all.plans, countOwned("plans", owner));
  if (!owner.resellerId.empty()) return all;  // resellers belong to administrators
  auto statement =
      connection_.prepare("SELECT count(*) FROM resellers WHERE owner_admin=?", owner.admin);
  TRY(statement.step());
  all.resellers = statement.number<std::uint32_t>(0);
  return all;
}

Result<Ok> SqlResellers::reassign(const Owner& from, const Owner& to) {
  TRY_ASSIGN(const Belongings all, belongings(from));
  if (all.resellers != 0 && !to.resellerId.empty())
    return Error{Code::kConflict, "resellers belong to administrators", "reassign_to"};
  const std::string admin = to.resellerId.empty() ? to.admin : std::string();
  for (const char* table : {"accounts", "plans"}) {
    const std::string set = std::string("UPDATE ") + table +
                            " SET owner_admin=?1, reseller_id=?3, revision=revision+1 WHERE ";
    auto update =
        from.resellerId.empty()
            ? connection_.prepare(set + "reseller_id IS NULL AND owner_admin=?2", admin, from.admin)
            : connection_.prepare(set + "reseller_id=?2", admin, from.resellerId);
    bindReference(update, 3, to.resellerId);
    auto moved = update.run();
    if (!moved.ok() && moved.error().code == Code::kConflict)
      return Error{Code::kNotFound, "there is no such reseller", "reassign_to"};
    if (!moved.ok()) return moved.error();
  }
  if (from.resellerId.empty())
    TRY(connection_.run(
        "UPDATE resellers SET owner_admin=?, revision=revision+1 WHERE owner_admin=?", admin,
        from.admin));
  return Ok{};
}

}  // namespace bulkhead::api::sql
