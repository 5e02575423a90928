// Plans: create, list, get, change, delete.
#include <memory>
#include <mutex>

#include "api/http/model_json.h"
#include "api/http/reply.h"
#include "api/http/routes/routes.h"
#include "api/usecases/state_names.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {
namespace {

// The bounds of a form; what an engine needs at least is the use case's business.
constexpr std::int64_t kCpuPercentMax = 100000;
constexpr std::int64_t kBytesMax = 1LL << 46U;  // 64 TiB: every sum stays inside 63 bits
constexpr std::int64_t kTasksMax = 4194304;     // the kernel's pid_max
constexpr std::int64_t kInodesMax = 1LL << 32U;
constexpr std::int64_t kDomainsMax = 100000;
constexpr std::int64_t kDatabaseUsersMax = 1000;
constexpr std::int64_t kIoBytesMax = 1LL << 40U;  // 1 TiB a second
constexpr std::int64_t kIoOpsMax = 1'000'000'000;
constexpr std::int64_t kTransferMax = 1LL << 60U;

std::vector<Field> limitFields() {
  const auto field = [](const char* name, std::string what, std::int64_t max) {
    return optional(name, Schema::integer(std::move(what) + "; 0 is unlimited.", 0, max));
  };
  return {
      field("cpu_percent", "CPU time; 100 is one CPU", kCpuPercentMax),
      field("memory_bytes", "Memory", kBytesMax),
      field("tasks", "Processes and threads", kTasksMax),
      field("disk_bytes", "Disk space", kBytesMax),
      field("inodes", "Files and directories", kInodesMax),
      field("io_read_bytes_per_second", "Reading from disk", kIoBytesMax),
      field("io_write_bytes_per_second", "Writing to disk", kIoBytesMax),
      field("io_read_ops_per_second", "Reading from disk, in operations", kIoOpsMax),
      field("io_write_ops_per_second", "Writing to disk, in operations", kIoOpsMax),
      field("transfer_bytes_per_month",
            "Transfer, for whoever bills it: this host neither counts nor holds it", kTransferMax),
      field("domains_max", "Domains: sites and aliases", kDomainsMax),
      field("sites_max", "Sites", kDomainsMax),
      field("database_users_max", "Database users", kDatabaseUsersMax),
      optional("features", featuresSchema("What accounts may have; null, or left out in a new "
                                          "plan: everything.")),
      optional("owner", Schema::text("The administrator or reseller whose it is; a new one is, "
                                     "left out, oneself's, or for root the main "
                                     "administrator's.",
                                     Format::kOwnerRef))};
}

Schema newPlanSchema() {
  std::vector<Field> fields = limitFields();
  fields.insert(fields.begin(), required("name", Schema::text("Unique name.", Format::kPlanName)));
  return Schema::object("NewPlan", "A plan to create. A limit that is left out is unlimited.",
                        std::move(fields));
}

Schema planChangeSchema() {
  std::vector<Field> fields = limitFields();
  fields.insert(fields.begin(), optional("name", Schema::text("Unique name.", Format::kPlanName)));
  return Schema::object("PlanChange", "What to change. A field that is left out stays.",
                        std::move(fields));
}

std::optional<FeatureSet> featuresFrom(const Json& names) {
  if (names.is_null()) return std::nullopt;
  FeatureSet features;
  for (const Feature feature : allFeatures())
    for (const auto& name : names)
      if (name == featureName(feature)) features.add(feature);
  return features;
}

PlanLimits limitsFrom(const Json& body, PlanLimits limits) {
  const auto take = [&body](const char* name, auto& limit) { limit = body.value(name, limit); };
  take("cpu_percent", limits.cpuPercent);
  take("memory_bytes", limits.memoryBytes);
  take("tasks", limits.tasks);
  take("disk_bytes", limits.diskBytes);
  take("inodes", limits.inodes);
  take("io_read_bytes_per_second", limits.io.readBytesPerSecond);
  take("io_write_bytes_per_second", limits.io.writeBytesPerSecond);
  take("io_read_ops_per_second", limits.io.readOpsPerSecond);
  take("io_write_ops_per_second", limits.io.writeOpsPerSecond);
  take("transfer_bytes_per_month", limits.transferBytesPerMonth);
  take("domains_max", limits.domainsMax);
  take("sites_max", limits.sitesMax);
  take("database_users_max", limits.databaseUsersMax);
  if (body.contains("features")) limits.features = featuresFrom(body.at("features"));
  return limits;
}

Answered change(Panel& panel, const Call& call) {
  const auto current = panel.plan(call.pathValue("plan"));
  if (!current.ok()) return problemOf(current.error());
  if (auto problem = ifMatchProblem(call.http, current.value().revision))
    return std::move(*problem);
  const std::string name = call.body.value("name", current.value().name);
  return replyOr(panel.changePlan(call.actor, current.value().id, name,
                                  limitsFrom(call.body, current.value().limits),
                                  optionalOf(call.body, "owner")),
                 [](const Plan& plan) { return resourceReply(toJson(plan), plan.revision); });
}

Answered remove(Panel& panel, const Call& call) {
  const auto current = panel.plan(call.pathValue("plan"));
  if (!current.ok()) return problemOf(current.error());
  if (auto problem = ifMatchProblem(call.http, current.value().revision))
    return std::move(*problem);
  return replyOr(panel.deletePlan(call.actor, current.value().id), [](Ok) { return emptyReply(); });
}

Route createRoute(Panel* panel) {
  Route create =
      changeRoute(Method::kPost, "/api/v1/plans", "plan.create", "plans:write", "Creates a plan.");
  create.extent = Extent::kReach;
  create.body = newPlanSchema();
  create.response = planSchema();
  create.statuses = {201};
  create.handler = [panel](const Call& call) -> Answered {
    return replyOr(
        panel->createPlan(call.actor, call.text("name"), limitsFrom(call.body, {}), ownerOf(call)),
        [](const Plan& plan) {
          HttpResponse response = createdReply(toJson(plan), "/api/v1/plans/" + plan.id);
          response.headers.emplace_back("ETag", etagOf(plan.revision));
          return response;
        });
  };
  return create;
}

}  // namespace

std::vector<Route> planRoutes(const Services& services) {
  Panel* panel = services.panel;
  // Plans change here only: reading, comparing If-Match and writing is one step for all callers.
  auto oneAtATime = std::make_shared<std::mutex>();
  const std::vector<std::string> columns{"name",  "cpu_percent", "memory_bytes",
                                         "tasks", "disk_bytes",  "domains_max"};
  std::vector<Route> routes;

  routes.push_back(createRoute(panel));
  routes.back().cli = Cli{"plan create", {"name"}, columns};

  Route list =
      readRoute(Lane::kWorker, "/api/v1/plans", "plan.list", "plans:read", "Lists the plans.");
  list.extent = Extent::kReach;
  list.answer = Answer::kList;
  list.response = planSchema();
  list.cli = Cli{"plan list", {}, columns};
  list.handler = [panel](const Call& call) { return pageReply(call, panel->plans(call.page)); };
  routes.push_back(std::move(list));

  Route get =
      readRoute(Lane::kInline, "/api/v1/plans/{plan}", "plan.get", "plans:read", "Reads one plan.");
  get.extent = Extent::kReach;
  get.response = planSchema();
  get.cli = Cli{"plan get", {"plan"}, columns};
  get.handler = [panel](const Call& call) -> Answered {
    return replyOr(panel->plan(call.pathValue("plan")),
                   [](const Plan& plan) { return resourceReply(toJson(plan), plan.revision); });
  };
  routes.push_back(std::move(get));

  Route update = changeRoute(Method::kPatch, "/api/v1/plans/{plan}", "plan.update", "plans:write",
                             "Changes a plan; its limits reach its accounts by the job that "
                             "limits_job names.");
  update.extent = Extent::kReach;
  update.conditional = true;
  update.body = planChangeSchema();
  update.response = planSchema();
  std::vector<std::string> afterwards = columns;
  afterwards.emplace_back("limits_job");
  update.cli = Cli{"plan update", {"plan"}, afterwards};
  update.handler = [panel, oneAtATime](const Call& call) {
    const std::lock_guard lock(*oneAtATime);
    return change(*panel, call);
  };
  routes.push_back(std::move(update));

  Route removal = changeRoute(Method::kDelete, "/api/v1/plans/{plan}", "plan.delete", "plans:write",
                              "Deletes a plan that no account uses.");
  removal.extent = Extent::kReach;
  removal.answer = Answer::kEmpty;
  removal.statuses = {204};
  removal.cli = Cli{"plan delete", {"plan"}, {}};
  removal.handler = [panel, oneAtATime](const Call& call) {
    const std::lock_guard lock(*oneAtATime);
    return remove(*panel, call);
  };
  routes.push_back(std::move(removal));
  return routes;
}

}  // namespace bulkhead::api
