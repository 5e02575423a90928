// Plans on SQLite.
#include "api/store/cursor.h"
#include "api/store/sqlite/repositories.h"

namespace bulkhead::api::sqlite {
namespace {

constexpr const char* kMissing = "there is no such plan";
#define PLAN_COLUMNS                                                                          \
  "id, name, cpu_percent, memory_bytes, tasks, disk_bytes, inodes, domains_max, created_at, " \
  "revision FROM plans "

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
  return plan;
}

Error named(const Error& error) {
  if (error.code != Code::kAlreadyExists) return error;
  return {Code::kAlreadyExists, "there is a plan of this name", "name"};
}

}  // namespace

Result<Ok> SqlitePlans::add(const Plan& plan) {
  const PlanLimits& l = plan.limits;
  auto added = connection_.run("INSERT INTO plans VALUES(?,?,?,?,?,?,?,?,?,?)", plan.id, plan.name,
                               l.cpuPercent, l.memoryBytes, l.tasks, l.diskBytes, l.inodes,
                               l.domainsMax, plan.createdAt, plan.revision);
  if (!added.ok()) return named(added.error());
  return Ok{};
}

Result<Ok> SqlitePlans::change(const Plan& plan) {
  const PlanLimits& l = plan.limits;
  auto changed = connection_.run(
      "UPDATE plans SET name=?, cpu_percent=?, memory_bytes=?, tasks=?, disk_bytes=?, inodes=?, "
      "domains_max=?, revision=revision+1 WHERE id=?",
      plan.name, l.cpuPercent, l.memoryBytes, l.tasks, l.diskBytes, l.inodes, l.domainsMax,
      plan.id);
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
  auto byId = readOne(connection_.prepare("SELECT " PLAN_COLUMNS "WHERE id=?", idOrName), readPlan,
                      kMissing);
  if (byId.ok() || byId.error().code != Code::kNotFound) return byId;
  return readOne(connection_.prepare("SELECT " PLAN_COLUMNS "WHERE name=?", idOrName), readPlan,
                 kMissing);
}

Result<Page<Plan>> SqlitePlans::list(const PageQuery& query) const {
  TRY_ASSIGN(const Position after, startOf("plans", query));
  auto statement = connection_.prepare(
      "SELECT " PLAN_COLUMNS "WHERE (created_at, id) > (?,?) ORDER BY created_at, id LIMIT ?",
      after.createdAt, after.id, pageSize(query) + 1);
  TRY_ASSIGN(auto rows, collectRows(statement, readPlan));
  return makePage("plans", std::move(rows), query);
}

}  // namespace bulkhead::api::sqlite
