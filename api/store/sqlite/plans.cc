// Plans on SQLite.
#include "api/store/cursor.h"
#include "api/store/sqlite/repositories.h"

namespace bulkhead::api::sqlite {
namespace {

constexpr const char* kMissing = "there is no such plan";
#define PLAN_COLUMNS                                                                         \
  "p.id, p.name, p.cpu_percent, p.memory_bytes, p.tasks, p.disk_bytes, p.inodes, "           \
  "p.domains_max, p.created_at, p.revision, coalesce(r.name, p.owner_admin), p.reseller_id " \
  "FROM plans p LEFT JOIN resellers r ON r.id=p.reseller_id "

Plan readPlan(const Statement& row) {
  Plan plan;
  plan.id = row.text(0);
  plan.name = row.text(1);
  plan.limits.cpuPercent = row.number<std::uint32_t>(2);
  plan.limits.memoryBytes = row.number<std::uint64_t>(3);
  plan.limits.tasks = row.number<std::uint32_t>(4);
  plan.limits.diskBytes = row.number<std::uint64_t>(5);
  plan.limits.inodes = row.number<std::uint64_t>(6);
  plan.limits.domainsMax = row.number<std::uint32_t>(7);
  plan.createdAt = row.integer(8);
  plan.revision = row.number<std::uint64_t>(9);
  plan.owner = row.text(10);
  plan.resellerId = row.text(11);
  return plan;
}

Error named(const Error& error) {
  if (error.code == Code::kConflict) return {Code::kNotFound, "there is no such reseller", "owner"};
  if (error.code != Code::kAlreadyExists) return error;
  return {Code::kAlreadyExists, "there is a plan of this name", "name"};
}

}  // namespace

Result<Ok> SqlitePlans::add(const Plan& plan) {
  const PlanLimits& l = plan.limits;
  auto insert = connection_.prepare(
      "INSERT INTO plans(id, name, cpu_percent, memory_bytes, tasks, disk_bytes, inodes, "
      "domains_max, created_at, revision, owner_admin, reseller_id) "
      "VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
      plan.id, plan.name, l.cpuPercent, l.memoryBytes, l.tasks, l.diskBytes, l.inodes, l.domainsMax,
      plan.createdAt, plan.revision, plan.resellerId.empty() ? plan.owner : std::string());
  bindReference(insert, 12, plan.resellerId);
  auto added = insert.run();
  if (!added.ok()) return named(added.error());
  return Ok{};
}

Result<Ok> SqlitePlans::change(const Plan& plan) {
  const PlanLimits& l = plan.limits;
  auto update = connection_.prepare(
      "UPDATE plans SET name=?, cpu_percent=?, memory_bytes=?, tasks=?, disk_bytes=?, inodes=?, "
      "domains_max=?, owner_admin=?, revision=revision+1, reseller_id=?10 WHERE id=?9",
      plan.name, l.cpuPercent, l.memoryBytes, l.tasks, l.diskBytes, l.inodes, l.domainsMax,
      plan.resellerId.empty() ? plan.owner : std::string(), plan.id);
  bindReference(update, 10, plan.resellerId);
  auto changed = update.run();
  if (!changed.ok()) return named(changed.error());
  return expectOneRow(changed, kMissing);
}

Result<Ok> SqlitePlans::remove(const std::string& id) {
  auto removed = connection_.run("DELETE FROM plans WHERE id=?", id);
  if (!removed.ok() && removed.error().code == Code::kConflict)
    return Error{Code::kConflict, "accounts still use this plan", ""};
  return expectOneRow(removed, kMissing);
}

Result<Plan> SqlitePlans::find(std::string_view idOrName) const {
  auto byId = readOne(connection_.prepare("SELECT " PLAN_COLUMNS "WHERE p.id=?", idOrName),
                      readPlan, kMissing);
  if (byId.ok() || byId.error().code != Code::kNotFound) return byId;
  return readOne(connection_.prepare("SELECT " PLAN_COLUMNS "WHERE p.name=?", idOrName), readPlan,
                 kMissing);
}

Result<Page<Plan>> SqlitePlans::list(const PageQuery& query) const {
  TRY_ASSIGN(const Position after, startOf("plans", query));
  auto statement =
      connection_.prepare("SELECT " PLAN_COLUMNS
                          "WHERE (p.created_at, p.id) > (?,?) ORDER BY p.created_at, p.id LIMIT ?",
                          after.createdAt, after.id, pageSize(query) + 1);
  TRY_ASSIGN(auto rows, collectRows(statement, readPlan));
  return makePage("plans", std::move(rows), query);
}

}  // namespace bulkhead::api::sqlite
