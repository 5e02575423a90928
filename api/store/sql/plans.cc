// Plans in tables.
#include "api/store/cursor.h"
#include "api/store/reach_sql.h"
#include "api/store/sql/repositories.h"

namespace bulkhead::api::sql {
namespace {

constexpr const char* kMissing = "there is no such plan";
#define PLAN_COLUMNS                                                                          \
  "p.id, p.name, p.cpu_percent, p.memory_bytes, p.tasks, p.disk_bytes, p.inodes, "            \
  "p.domains_max, p.created_at, p.revision, coalesce(r.name, p.owner_admin), p.reseller_id, " \
  "p.sites_max, p.database_users_max, p.io_read_bytes, p.io_write_bytes, p.io_read_ops, "     \
  "p.io_write_ops, p.transfer_bytes, p.features, p.limits_job "                               \
  "FROM plans p LEFT JOIN resellers r ON r.id=p.reseller_id "

PlanLimits readLimits(const Statement& row) {
  PlanLimits limits;
  limits.cpuPercent = row.number<std::uint32_t>(2);
  limits.memoryBytes = row.number<std::uint64_t>(3);
  limits.tasks = row.number<std::uint32_t>(4);
  limits.diskBytes = row.number<std::uint64_t>(5);
  limits.inodes = row.number<std::uint64_t>(6);
  limits.domainsMax = row.number<std::uint32_t>(7);
  limits.sitesMax = row.number<std::uint32_t>(12);
  limits.databaseUsersMax = row.number<std::uint32_t>(13);
  limits.io.readBytesPerSecond = row.number<std::uint64_t>(14);
  limits.io.writeBytesPerSecond = row.number<std::uint64_t>(15);
  limits.io.readOpsPerSecond = row.number<std::uint64_t>(16);
  limits.io.writeOpsPerSecond = row.number<std::uint64_t>(17);
  limits.transferBytesPerMonth = row.number<std::uint64_t>(18);
  if (!row.isNull(19)) limits.features = FeatureSet(row.number<std::uint32_t>(19));
  return limits;
}

Plan readPlan(const Statement& row) {
  Plan plan;
  plan.id = row.text(0);
  plan.name = row.text(1);
  plan.limits = readLimits(row);
  plan.createdAt = row.integer(8);
  plan.revision = row.number<std::uint64_t>(9);
  plan.owner = row.text(10);
  plan.resellerId = row.text(11);
  plan.limitsJob = row.text(20);
  return plan;
}

void bindFeatures(Statement& statement, int parameter, const std::optional<FeatureSet>& features) {
  if (features.has_value()) statement.bind(parameter, features->bits());  // unbound is NULL
}

Error named(const Error& error) {
  if (error.code == Code::kConflict) return {Code::kNotFound, "there is no such reseller", "owner"};
  if (error.code != Code::kAlreadyExists) return error;
  return {Code::kAlreadyExists, "there is a plan of this name", "name"};
}

}  // namespace

Result<Ok> SqlPlans::add(const Plan& plan) {
  const PlanLimits& l = plan.limits;
  auto insert = connection_.prepare(
      "INSERT INTO plans(id, name, cpu_percent, memory_bytes, tasks, disk_bytes, inodes, "
      "domains_max, sites_max, database_users_max, io_read_bytes, io_write_bytes, io_read_ops, "
      "io_write_ops, transfer_bytes, created_at, revision, owner_admin, reseller_id, features) "
      "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
      plan.id, plan.name, l.cpuPercent, l.memoryBytes, l.tasks, l.diskBytes, l.inodes, l.domainsMax,
      l.sitesMax, l.databaseUsersMax, l.io.readBytesPerSecond, l.io.writeBytesPerSecond,
      l.io.readOpsPerSecond, l.io.writeOpsPerSecond, l.transferBytesPerMonth, plan.createdAt,
      plan.revision, plan.resellerId.empty() ? plan.owner : std::string());
  bindReference(insert, 19, plan.resellerId);
  bindFeatures(insert, 20, l.features);
  auto added = insert.run();
  if (!added.ok()) return named(added.error());
  return Ok{};
}

Result<Ok> SqlPlans::change(const Plan& plan) {
  const PlanLimits& l = plan.limits;
  auto update = connection_.prepare(
      "UPDATE plans SET name=?, cpu_percent=?, memory_bytes=?, tasks=?, disk_bytes=?, inodes=?, "
      "domains_max=?, sites_max=?, database_users_max=?, io_read_bytes=?, io_write_bytes=?, "
      "io_read_ops=?, io_write_ops=?, transfer_bytes=?, owner_admin=?, limits_job=?, "
      "revision=revision+1, reseller_id=?18, features=?19 WHERE id=?17",
      plan.name, l.cpuPercent, l.memoryBytes, l.tasks, l.diskBytes, l.inodes, l.domainsMax,
      l.sitesMax, l.databaseUsersMax, l.io.readBytesPerSecond, l.io.writeBytesPerSecond,
      l.io.readOpsPerSecond, l.io.writeOpsPerSecond, l.transferBytesPerMonth,
      plan.resellerId.empty() ? plan.owner : std::string(), plan.limitsJob, plan.id);
  bindReference(update, 18, plan.resellerId);
  bindFeatures(update, 19, l.features);
  auto changed = update.run();
  if (!changed.ok()) return named(changed.error());
  return expectOneRow(changed, kMissing);
}

Result<Ok> SqlPlans::remove(const std::string& id) {
  auto removed = connection_.run("DELETE FROM plans WHERE id=?", id);
  if (!removed.ok() && removed.error().code == Code::kConflict)
    return Error{Code::kConflict, "accounts still use this plan", ""};
  return expectOneRow(removed, kMissing);
}

Result<Plan> SqlPlans::find(std::string_view idOrName) const {
  auto byId = readOne(connection_.prepare("SELECT " PLAN_COLUMNS "WHERE p.id=?", idOrName),
                      readPlan, kMissing);
  if (byId.ok() || byId.error().code != Code::kNotFound) return byId;
  return readOne(connection_.prepare("SELECT " PLAN_COLUMNS "WHERE p.name=?", idOrName), readPlan,
                 kMissing);
}

Result<Page<Plan>> SqlPlans::list(const PageQuery& query) const {
  const std::string list = listName("plans", query);
  TRY_ASSIGN(const Position after, startOf(list, query));
  auto statement = connection_.prepare("SELECT " PLAN_COLUMNS
                                       "WHERE p.created_at>=?1 AND (p.created_at, p.id) > (?1,?2)" +
                                           withinReach(query, "''=#", "p.reseller_id=#", 4) +
                                           " ORDER BY p.created_at, p.id LIMIT ?3",
                                       after.createdAt, after.id, pageSize(query) + 1);
  if (bindsReach(query)) statement.bind(4, query.within.id);
  TRY_ASSIGN(auto rows, collectRows(statement, readPlan));
  return makePage(list, std::move(rows), query);
}

}  // namespace bulkhead::api::sql
