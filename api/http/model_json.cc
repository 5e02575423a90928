// Schemas and printers of the model.
#include "api/http/model_json.h"

#include <chrono>

#include "api/usecases/state_names.h"
#include "common/types/domain_name.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {
namespace {

// The end of the year 9999: later ones do not fit into the form.
constexpr std::int64_t kTimestampMax = 253'402'300'799'999'999;
constexpr std::int64_t kCountMax = INT64_MAX;

Schema count(std::string description) {
  return Schema::integer(std::move(description), 0, kCountMax);
}

void appendDigits(std::string& out, std::int64_t number, std::size_t width) {
  const std::size_t end = out.size() + width;
  out.resize(end, '0');
  for (std::size_t at = end; at > end - width; number /= 10)
    out[--at] = static_cast<char>('0' + number % 10);
}

Json textOrNull(const std::string& text) { return text.empty() ? Json() : Json(text); }

Schema evidenceSchema() {
  return Schema::object("Evidence", "What proves a step, taken from outside.",
                        {required("check", Schema::text("What was looked at.")),
                         required("detail", Schema::text("What was found."))});
}

Schema stepSchema() {
  return Schema::object(
      "JobStep", "One privileged operation of a job.",
      {required("name", Schema::text("The operation: noun.verb.")),
       required("state", Schema::choice("How far it is.", {"pending", "running", "succeeded",
                                                           "failed", "undone", "skipped"})),
       required("started_at", timestampSchema("When it began; null = not yet.")),
       required("ended_at", timestampSchema("When it ended; null = not yet.")),
       required("external_micros", count("Microseconds spent inside other programs and engines.")),
       required("evidence", Schema::array("What proves it.", evidenceSchema()))});
}

Schema jobProblemSchema() {
  return Schema::object(
      "JobProblem", "Why a job failed.",
      {required("code", Schema::text("Stable name of the reason.")),
       required("detail", Schema::text("For people.")),
       required("field", Schema::text("The parameter at fault; null = none.").nullable()),
       required("retryable", Schema::boolean("The same request may succeed later."))});
}

Schema partsSchema() {
  return Schema::object(
      "JobParts",
      "Of a job whose work is done by jobs of their own, which "
      "?parent= lists.",
      {required("total", count("All of them.")), required("ended", count("Those that ended.")),
       required("failed", count("Of those, the ones that failed."))});
}

}  // namespace

Schema timestampSchema(std::string description) {
  return Schema::text(std::move(description), Format::kTimestamp).nullable();
}

Json timestamp(std::int64_t micros) {
  if (micros <= 0 || micros > kTimestampMax) return {};
  // By hand: each item of a list has some, and gmtime_r takes a lock that all threads share.
  const std::chrono::sys_time<std::chrono::microseconds> at{std::chrono::microseconds(micros)};
  const auto midnight = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day day(midnight);
  const std::chrono::hh_mm_ss time(at - midnight);
  std::string text;
  text.reserve(sizeof "2024-02-29T23:59:59.999999Z");
  appendDigits(text, static_cast<int>(day.year()), 4);
  appendDigits(text += '-', static_cast<unsigned>(day.month()), 2);
  appendDigits(text += '-', static_cast<unsigned>(day.day()), 2);
  appendDigits(text += 'T', time.hours().count(), 2);
  appendDigits(text += ':', time.minutes().count(), 2);
  appendDigits(text += ':', time.seconds().count(), 2);
  appendDigits(text += '.', time.subseconds().count(), 6);
  return text += 'Z';
}

Schema featuresSchema(std::string description) {
  std::vector<std::string> names;
  for (const Feature feature : allFeatures())
    names.emplace_back(featureName(feature));
  return Schema::array(std::move(description), Schema::choice("A feature.", std::move(names)))
      .nullable();
}

Schema planSchema() {
  return Schema::object(
      "Plan", "Limits that accounts share. 0 means unlimited.",
      {required("id", Schema::text("Id, never reused.")),
       required("name", Schema::text("Unique name.", Format::kPlanName)),
       required("cpu_percent", count("CPU time; 100 is one CPU.")),
       required("memory_bytes", count("Memory.")),
       required("tasks", count("Processes and threads.")),
       required("disk_bytes", count("Disk space.")),
       required("inodes", count("Files and directories.")),
       required("io_read_bytes_per_second", count("Reading from disk.")),
       required("io_write_bytes_per_second", count("Writing to disk.")),
       required("io_read_ops_per_second", count("Reading from disk, in operations.")),
       required("io_write_ops_per_second", count("Writing to disk, in operations.")),
       required("transfer_bytes_per_month", count("Transfer, for whoever bills it: this host "
                                                  "neither counts nor holds it.")),
       required("domains_max", count("Domains: sites and aliases.")),
       required("sites_max", count("Sites.")),
       required("database_users_max", count("Database users.")),
       required("features", featuresSchema("What accounts may have; null = everything.")),
       required("limits_job", Schema::text("The job that brings its accounts to these limits, or "
                                           "brought them to the last ones; null = there was none.")
                                  .nullable()),
       required("owner", Schema::text("Whose it is.")),
       required("created_at", timestampSchema("When it was created.")),
       required("revision", count("Counts changes; the ETag."))});
}

Json toJson(const Plan& plan) {
  Json out = Json::object();
  out["id"] = plan.id;
  out["name"] = plan.name;
  out["cpu_percent"] = plan.limits.cpuPercent;
  out["memory_bytes"] = plan.limits.memoryBytes;
  out["tasks"] = plan.limits.tasks;
  out["disk_bytes"] = plan.limits.diskBytes;
  out["inodes"] = plan.limits.inodes;
  out["io_read_bytes_per_second"] = plan.limits.io.readBytesPerSecond;
  out["io_write_bytes_per_second"] = plan.limits.io.writeBytesPerSecond;
  out["io_read_ops_per_second"] = plan.limits.io.readOpsPerSecond;
  out["io_write_ops_per_second"] = plan.limits.io.writeOpsPerSecond;
  out["transfer_bytes_per_month"] = plan.limits.transferBytesPerMonth;
  out["domains_max"] = plan.limits.domainsMax;
  out["sites_max"] = plan.limits.sitesMax;
  out["database_users_max"] = plan.limits.databaseUsersMax;
  Json features;
  if (plan.limits.features.has_value()) {
    features = Json::array();
    for (const Feature feature : allFeatures())
      if (plan.limits.allows(feature)) features.push_back(featureName(feature));
  }
  out["features"] = std::move(features);
  out["limits_job"] = textOrNull(plan.limitsJob);
  out["owner"] = plan.owner;
  out["created_at"] = timestamp(plan.createdAt);
  out["revision"] = plan.revision;
  return out;
}

Schema accountSchema() {
  return Schema::object(
      "Account", "A hosting account.",
      {required("id", Schema::text("Id, never reused.")),
       required("username", Schema::text("Name of the account and of its system user.")),
       required("plan_id", Schema::text("Id of its plan.")),
       required("plan", Schema::text("Name of its plan.")),
       required("state", Schema::choice("What it is in.", accountStateNames())),
       required("uid", count("Its system user id; null until it has one.").nullable()),
       required("preview_port",
                Schema::integer("Port of the preview; null = none.", 0, UINT16_MAX).nullable()),
       required("owner", Schema::text("The administrator or reseller whose it is.")),
       required("email", Schema::text("Where mail reaches its user; null = not told.").nullable()),
       required("locale", Schema::text("Language of its user; null = not told.").nullable()),
       required("created_at", timestampSchema("When it was created.")),
       required("deleted_at", timestampSchema("When it was deleted; null = it is not.")),
       required("restore_until", timestampSchema("Until when a deleted one can be restored; it is "
                                                 "purged then. null = it is not deleted.")),
       required("revision", count("Counts changes; the ETag."))});
}

Json toJson(const Account& account) {
  Json out = Json::object();
  // Straight into the members: operator[] would look through those before for each of the names.
  auto& members = out.get_ref<Json::object_t&>();
  members.reserve(14);
  const auto add = [&members](const char* name, Json value) {
    members.emplace_back(name, std::move(value));
  };
  add("id", account.id);
  add("username", account.username);
  add("plan_id", account.planId);
  add("plan", account.planName);
  add("state", stateName(account.state));
  add("uid", account.uid == 0 ? Json() : Json(account.uid));
  add("preview_port", account.previewPort == 0 ? Json() : Json(account.previewPort));
  add("owner", account.owner);
  add("email", account.email ? Json(*account.email) : Json());
  add("locale", account.locale ? Json(*account.locale) : Json());
  add("created_at", timestamp(account.createdAt));
  add("deleted_at", timestamp(account.deletedAt));
  add("restore_until", timestamp(account.restoreUntil));
  add("revision", account.revision);
  return out;
}

Schema domainSchema() {
  return Schema::object(
      "Domain", "A domain of an account.",
      {required("id", Schema::text("Id, never reused.")),
       required("name", Schema::text("The name in A-labels.")),
       required("display_name", Schema::text("The name for people.")),
       required("account_id", Schema::text("The account that has it.")),
       required("state", Schema::choice("How far it is.", {"pending", "active", "removing"})),
       required("primary", Schema::boolean("The account's main domain.")),
       required("kind",
                Schema::choice("A site of its own, or an alias of one.", {"site", "alias"})),
       required("alias_of",
                Schema::text("The site that an alias shows; null = a site.").nullable()),
       required("php", Schema::text("Its PHP; null = the host's own.").nullable()),
       required("created_at", timestampSchema("When it was added.")),
       required("revision", count("Counts changes; the ETag."))});
}

Json toJson(const Domain& domain) {
  const auto parsed = DomainName::parse(domain.name);
  Json out = Json::object();
  out["id"] = domain.id;
  out["name"] = domain.name;
  out["display_name"] = parsed.ok() ? parsed->unicode() : domain.name;
  out["account_id"] = domain.accountId;
  out["state"] = stateName(domain.state);
  out["primary"] = domain.primary;
  out["kind"] = kindName(domain.kind);
  out["alias_of"] = textOrNull(domain.targetName);
  out["php"] = domain.php ? Json(*domain.php) : Json();
  out["created_at"] = timestamp(domain.createdAt);
  out["revision"] = domain.revision;
  return out;
}

Schema jobSchema() {
  return Schema::object(
      "Job", "A change that runs in steps.",
      {required("id", Schema::text("Id, never reused.", Format::kJobId)),
       required("kind", Schema::text("What it does: noun.verb.")),
       required("state", Schema::choice("How far it is.", {"queued", "running", "undoing",
                                                           "succeeded", "failed", "rolled_back"})),
       required("progress", Schema::integer("Percent of the steps, or parts, that ended.", 0, 100)),
       required("parent",
                Schema::text("The job that this one is a part of; null = none.").nullable()),
       required("parts", partsSchema().nullable()),
       required("account_id", Schema::text("The account it is about; null = none.").nullable()),
       required("actor", Schema::text("Who asked for it.")),
       required("steps", Schema::array("Its steps, in order.", stepSchema())),
       required("problem", jobProblemSchema().nullable()),
       required("created_at", timestampSchema("When it was asked for.")),
       required("ended_at", timestampSchema("When it ended; null = not yet."))});
}

Json toJson(const Job& job) {
  Json steps = Json::array();
  for (const auto& step : job.steps) {
    Json evidence = Json::array();
    for (const auto& item : step.evidence)
      evidence.push_back(Json::object({{"check", item.check}, {"detail", item.detail}}));
    Json one = Json::object();
    one["name"] = step.name;
    one["state"] = stateName(step.state);
    one["started_at"] = timestamp(step.startedAt);
    one["ended_at"] = timestamp(step.endedAt);
    one["external_micros"] = step.externalMicros;
    one["evidence"] = std::move(evidence);
    steps.push_back(std::move(one));
  }
  Json problem;
  if (job.problem) {
    problem["code"] = codeName(job.problem->code);
    problem["detail"] = job.problem->message;
    problem["field"] = textOrNull(job.problem->field);
    problem["retryable"] = isRetryable(job.problem->code);
  }
  Json out = Json::object();
  out["id"] = job.id;
  out["kind"] = job.kind;
  out["state"] = stateName(job.state);
  out["progress"] = job.progressPercent();
  out["parent"] = textOrNull(job.parentId);
  out["parts"] = job.parts.total == 0 ? Json()
                                      : Json::object({{"total", job.parts.total},
                                                      {"ended", job.parts.ended},
                                                      {"failed", job.parts.failed}});
  out["account_id"] = textOrNull(job.accountId);
  out["actor"] = job.actor;
  out["steps"] = std::move(steps);
  out["problem"] = std::move(problem);
  out["created_at"] = timestamp(job.createdAt);
  out["ended_at"] = timestamp(job.endedAt);
  return out;
}

Schema previewSchema() {
  return Schema::object(
      "Preview", "What a request would do. Nothing was done.",
      {required("dry_run", Schema::boolean("Always true.")),
       required("changes",
                Schema::array(
                    "In the order in which they would happen.",
                    Schema::object("PlannedChange", "One thing that would be done.",
                                   {required("operation", Schema::text("The step it belongs to.")),
                                    required("kind", Schema::text("write_file, run, engine, ...")),
                                    required("target", Schema::text("What it touches.")),
                                    required("diff", Schema::text("A unified diff, or the command.")
                                                         .length(0, 1U << 20U))})))});
}

Json toJson(const std::vector<PlannedChange>& changes) {
  Json list = Json::array();
  for (const auto& change : changes)
    list.push_back(Json::object({{"operation", change.operation},
                                 {"kind", change.kind},
                                 {"target", change.target},
                                 {"diff", change.diff}}));
  Json out = Json::object();
  out["dry_run"] = true;
  out["changes"] = std::move(list);
  return out;
}

}  // namespace bulkhead::api
