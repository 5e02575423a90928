// The directory from tables.
#include "api/store/sql/directory.h"

#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace bulkhead::api::sql {
namespace {

// Complete accounts. A failed one counts when it was complete before: its domains are not pending.
#define VISIBLE_ACCOUNT                                                                  \
  "(a.uid>0 AND (a.state IN ('active','suspended','deleting') OR (a.state='failed' AND " \
  "EXISTS(SELECT 1 FROM domains v WHERE v.account_id=a.id AND v.state<>'pending'))))"
#define VISIBLE_DOMAIN "d.state<>'pending'"

using Filter = Directory::Filter;

// The conditions of a filter, in the words of one query.
class Where {
 public:
  explicit Where(std::string sql) : sql_(std::move(sql)) {}
  template <typename Value>
  void add(const char* condition, const std::optional<Value>& value) {
    if (!value) return;
    sql_ += " AND ";
    sql_ += condition;
    if constexpr (std::is_same_v<Value, std::string>)
      values_.emplace_back(*value, 0, true);
    else
      values_.emplace_back(std::string(), *value, false);
  }
  Statement prepare(Connection& connection, const char* order) const {
    Statement statement = connection.prepare(sql_ + order);
    int parameter = 0;
    for (const auto& [text, number, isText] : values_) {
      ++parameter;
      if (isText)
        statement.bind(parameter, text);
      else
        statement.bind(parameter, number);
    }
    return statement;
  }

 private:
  std::string sql_;
  std::vector<std::tuple<std::string, std::int64_t, bool>> values_;
};

std::optional<std::string_view> optionalView(const Statement& row, int column) {
  if (row.isNull(column)) return std::nullopt;
  return row.view(column);
}

template <typename Read>
Result<Ok> forEach(Statement statement, Read read) {
  while (true) {
    TRY_ASSIGN(const bool more, statement.step());
    if (!more) return Ok{};
    read(statement);
  }
}

}  // namespace

Result<Ok> SqlDirectory::accounts(const Filter& filter, const Each<Account>& each) const {
  Where where(
      "SELECT a.uid, a.username, coalesce(r.name, a.owner_admin), d.name, p.name, "
      "coalesce(pr.name, p.owner_admin), a.email, a.locale FROM accounts a "
      "JOIN plans p ON p.id=a.plan_id LEFT JOIN resellers r ON r.id=a.reseller_id "
      "LEFT JOIN resellers pr ON pr.id=p.reseller_id "
      "LEFT JOIN domains d ON d.account_id=a.id AND d.is_primary=1 AND " VISIBLE_DOMAIN
      " WHERE " VISIBLE_ACCOUNT);
  if (filter.ownerAdmin) where.add("a.reseller_id IS NULL AND a.owner_admin=?", filter.ownerAdmin);
  where.add("a.reseller_id=(SELECT id FROM resellers WHERE name=?)", filter.ownerReseller);
  where.add("a.plan_id=(SELECT id FROM plans WHERE name=?)", filter.package);
  where.add("a.username=?", filter.username);
  where.add("a.uid=?", filter.uid);
  return forEach(where.prepare(connection_, " ORDER BY a.uid, a.username"),
                 [&each](const Statement& row) {
                   Account account;
                   account.uid = row.number<std::uint32_t>(0);
                   account.username = row.view(1);
                   account.owner = row.view(2);
                   account.mainDomain = row.view(3);
                   account.plan = row.view(4);
                   account.planOwner = row.view(5);
                   account.email = optionalView(row, 6);
                   account.locale = optionalView(row, 7);
                   each(account);
                 });
}

Result<Ok> SqlDirectory::packages(const Filter& filter, const Each<Package>& each) const {
  Where where(
      "SELECT p.name, coalesce(r.name, p.owner_admin) FROM plans p "
      "LEFT JOIN resellers r ON r.id=p.reseller_id WHERE 1");
  where.add("p.reseller_id IS NULL AND p.owner_admin=?", filter.ownerAdmin);
  where.add("r.name=?", filter.ownerReseller);
  where.add("p.name=?", filter.package);
  return forEach(where.prepare(connection_, " ORDER BY p.name"), [&each](const Statement& row) {
    each(Package{row.view(0), row.view(1)});
  });
}

Result<Ok> SqlDirectory::domains(const Filter& filter, const Each<Domain>& each) const {
  Where where(
      "SELECT d.name, a.username, coalesce(t.name, d.name), d.is_primary, "
      "coalesce(t.php, d.php) FROM domains d JOIN accounts a ON a.id=d.account_id "
      "LEFT JOIN domains t ON t.id=d.target_id WHERE " VISIBLE_DOMAIN " AND " VISIBLE_ACCOUNT);
  where.add("a.username=?", filter.username);
  where.add("a.uid=?", filter.uid);
  where.add("d.name=?", filter.name);
  return forEach(where.prepare(connection_, " ORDER BY d.name"), [&each](const Statement& row) {
    each(Domain{row.view(0), row.view(1), row.view(2), row.integer(3) != 0, row.view(4)});
  });
}

Result<Ok> SqlDirectory::resellers(const Filter& filter, const Each<Reseller>& each) const {
  Where where("SELECT name, number, email, locale FROM resellers WHERE 1");
  where.add("name=?", filter.name);
  where.add("number=?", filter.number);
  return forEach(where.prepare(connection_, " ORDER BY name"), [&each](const Statement& row) {
    each(Reseller{row.view(0), row.number<std::uint32_t>(1), optionalView(row, 2),
                  optionalView(row, 3)});
  });
}

Result<Directory::Sizes> SqlDirectory::sizes() const {
  auto counts =
      connection_.prepare("SELECT (SELECT count(*) FROM accounts), (SELECT count(*) FROM domains)");
  TRY(counts.step());
  return Sizes{counts.number<std::size_t>(0), counts.number<std::size_t>(1)};
}

Result<Ok> SqlDirectory::databaseUsers(const Each<DatabaseUser>& each) const {
  return forEach(connection_.prepare("SELECT a.username, u.name FROM database_users u "
                                     "JOIN accounts a ON a.id=u.account_id WHERE " VISIBLE_ACCOUNT
                                     " ORDER BY a.username, u.name"),
                 [&each](const Statement& row) {
                   each(DatabaseUser{row.view(0), row.view(1)});
                 });
}

}  // namespace bulkhead::api::sql
