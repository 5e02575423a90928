// Domains in tables. A name, its parents and its children never belong to two accounts: whoever
// holds example.com could otherwise set cookies for, or take the mail of, somebody else's
// shop.example.com.
#include "api/store/cursor.h"
#include "api/store/reach_sql.h"
#include "api/store/sql/repositories.h"
#include "api/usecases/state_names.h"

namespace bulkhead::api::sql {
namespace {

constexpr const char* kMissing = "there is no such domain";
#define DOMAIN_COLUMNS                                                                     \
  "d.id, d.name, d.account_id, d.state, d.is_primary, d.created_at, d.kind, d.target_id, " \
  "t.name, d.php, d.revision FROM domains d LEFT JOIN domains t ON t.id=d.target_id "

Domain readDomain(const Statement& row) {
  Domain domain;
  domain.id = row.text(0);
  domain.name = row.text(1);
  domain.accountId = row.text(2);
  domain.state = stateFromName<DomainState>(row.text(3)).value_or(DomainState::kPending);
  domain.primary = row.integer(4) != 0;
  domain.createdAt = row.integer(5);
  domain.kind = stateFromName<DomainKind>(row.text(6)).value_or(DomainKind::kSite);
  domain.target = row.text(7);
  domain.targetName = row.text(8);
  domain.php = optionalText(row, 9);
  domain.revision = row.number<std::uint64_t>(10);
  return domain;
}

// "www.example.com" -> "com.example.www."
std::string sortKey(std::string_view name) {
  std::string key;
  while (!name.empty()) {
    const auto dot = name.rfind('.');
    key += dot == std::string_view::npos ? name : name.substr(dot + 1);
    key += '.';
    name = dot == std::string_view::npos ? std::string_view() : name.substr(0, dot);
  }
  return key;
}

Error conflict(const char* what) { return {Code::kConflict, what, "domain"}; }

}  // namespace

Result<Ok> SqlDomains::refuseNeighbours(const std::string& name,
                                        const std::string& accountId) const {
  const std::string key = sortKey(name);
  auto same = connection_.prepare("SELECT account_id FROM domains WHERE sort_key=?", key);
  TRY_ASSIGN(const bool exists, same.step());
  if (exists && same.text(0) == accountId)
    return Error{Code::kAlreadyExists, "the account has this domain already", "domain"};
  if (exists) return conflict("domain: another account has it");
  for (auto dot = key.find('.'); dot + 1 < key.size(); dot = key.find('.', dot + 1)) {
    auto parent = connection_.prepare("SELECT 1 FROM domains WHERE sort_key=? AND account_id<>?",
                                      key.substr(0, dot + 1), accountId);
    TRY_ASSIGN(const bool foreign, parent.step());
    if (foreign) return conflict("domain: lies below a domain of another account");
  }
  std::string pastChildren = key;
  pastChildren.back() = '.' + 1;  // the first text that does not start with `key`
  auto child = connection_.prepare(
      "SELECT 1 FROM domains WHERE sort_key>? AND sort_key<? AND account_id<>? LIMIT 1", key,
      pastChildren, accountId);
  TRY_ASSIGN(const bool foreign, child.step());
  if (foreign) return conflict("domain: another account has a domain below it");
  return Ok{};
}

Result<Ok> SqlDomains::add(const Domain& domain) {
  TRY(refuseNeighbours(domain.name, domain.accountId));
  auto insert = connection_.prepare(
      "INSERT INTO domains(id, name, sort_key, account_id, state, is_primary, created_at, kind, "
      "revision, target_id, php) VALUES(?,?,?,?,?,?,?,?,?,?,?)",
      domain.id, domain.name, sortKey(domain.name), domain.accountId, stateName(domain.state),
      domain.primary, domain.createdAt, kindName(domain.kind), domain.revision);
  bindReference(insert, 10, domain.target);
  bindOptional(insert, 11, domain.php);
  auto added = insert.run();
  if (!added.ok() && added.error().code == Code::kConflict)
    return Error{Code::kNotFound, "there is no such account", "account"};
  if (!added.ok()) return added.error();
  return Ok{};
}

Result<Ok> SqlDomains::setState(const std::string& id, DomainState state) {
  return expectOneRow(connection_.run("UPDATE domains SET state=?, revision=revision+1 WHERE id=?",
                                      stateName(state), id),
                      kMissing);
}

Result<Ok> SqlDomains::setPhp(const std::string& id, const std::optional<std::string>& php) {
  auto update =
      connection_.prepare("UPDATE domains SET php=?2, revision=revision+1 WHERE id=?1", id);
  bindOptional(update, 2, php);
  return expectOneRow(update.run(), kMissing);
}

Result<Ok> SqlDomains::rename(const std::string& id, const std::string& name) {
  TRY_ASSIGN(const Domain domain, find(id));
  if (domain.name == name) return Ok{};
  TRY(refuseNeighbours(name, domain.accountId));
  return expectOneRow(
      connection_.run("UPDATE domains SET name=?, sort_key=?, revision=revision+1 WHERE id=?", name,
                      sortKey(name), id),
      kMissing);
}

Result<Ok> SqlDomains::makePrimary(const std::string& id) {
  // The old one first: at no time has an account two.
  TRY(connection_.run(
      "UPDATE domains SET is_primary=0, revision=revision+1 WHERE is_primary=1 AND id<>?1 AND "
      "account_id=(SELECT account_id FROM (SELECT account_id FROM domains WHERE id=?1) AS it)",
      id));
  return expectOneRow(
      connection_.run("UPDATE domains SET is_primary=1, revision=revision+1 WHERE id=?", id),
      kMissing);
}

Result<Ok> SqlDomains::remove(const std::string& id) {
  auto removed = connection_.run("DELETE FROM domains WHERE id=?", id);
  if (!removed.ok() && removed.error().code == Code::kConflict)
    return Error{Code::kConflict, "aliases still show this domain", "domain"};
  return expectOneRow(removed, kMissing);
}

Result<Domain> SqlDomains::find(std::string_view idOrName) const {
  auto byId = readOne(connection_.prepare("SELECT " DOMAIN_COLUMNS "WHERE d.id=?", idOrName),
                      readDomain, kMissing);
  if (byId.ok() || byId.error().code != Code::kNotFound) return byId;
  return readOne(connection_.prepare("SELECT " DOMAIN_COLUMNS "WHERE d.name=?", idOrName),
                 readDomain, kMissing);
}

Result<Page<Domain>> SqlDomains::list(const std::string& accountId, const PageQuery& query) const {
  const std::string list = listName("domains" + accountId, query);
  TRY_ASSIGN(const Position after, startOf(list, query));
  const auto within = [&query](int parameter) {
    return withinReach(query, "d.account_id=#",
                       "d.account_id IN (SELECT id FROM accounts WHERE reseller_id=#)", parameter);
  };
  auto statement =
      accountId.empty()
          ? connection_.prepare("SELECT " DOMAIN_COLUMNS
                                "WHERE d.created_at>=?1 AND (d.created_at, d.id) > (?1,?2)" +
                                    within(4) + " ORDER BY d.created_at, d.id LIMIT ?3",
                                after.createdAt, after.id, pageSize(query) + 1)
          : connection_.prepare(
                "SELECT " DOMAIN_COLUMNS
                "WHERE d.account_id=?1 AND d.created_at>=?2 AND (d.created_at, d.id) > (?2,?3)" +
                    within(5) + " ORDER BY d.created_at, d.id LIMIT ?4",
                accountId, after.createdAt, after.id, pageSize(query) + 1);
  if (bindsReach(query)) statement.bind(accountId.empty() ? 4 : 5, query.within.id);
  TRY_ASSIGN(auto rows, collectRows(statement, readDomain));
  return makePage(list, std::move(rows), query);
}

Result<std::vector<Domain>> SqlDomains::ofAccount(const std::string& accountId) const {
  auto statement = connection_.prepare("SELECT " DOMAIN_COLUMNS
                                       "WHERE d.account_id=? "
                                       "ORDER BY d.is_primary DESC, d.created_at, d.id",
                                       accountId);
  return collectRows(statement, readDomain);
}

Result<std::uint32_t> SqlDomains::countOf(const std::string& accountId) const {
  auto statement =
      connection_.prepare("SELECT count(*) FROM domains WHERE account_id=?", accountId);
  TRY(statement.step());
  return statement.number<std::uint32_t>(0);
}

Result<std::uint32_t> SqlDomains::countSitesOf(const std::string& accountId) const {
  auto statement = connection_.prepare(
      "SELECT count(*) FROM domains WHERE account_id=? AND kind='site'", accountId);
  TRY(statement.step());
  return statement.number<std::uint32_t>(0);
}

}  // namespace bulkhead::api::sql
