// Jobs and their steps, with their events.
#include "api/store/sql/noted.h"
#include "api/usecases/state_names.h"
#include "common/core/json.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api::sql {
namespace {

Event eventOf(const Job& job, const std::string& requestId, std::string type, const Json& data) {
  Event event;
  event.object = "job";
  event.type = std::move(type);
  event.objectId = job.id;
  event.name = job.kind;
  event.accountId = job.accountId;
  event.jobId = job.id;
  event.requestId = requestId;
  event.data = printJson(data);
  return event;
}

Json dataOf(const Job& job) {
  Json data = Json::object({{"state", stateName(job.state)}});
  if (!job.parentId.empty()) data["parent"] = job.parentId;
  // Its words may tell of the host; who may read the job reads them there.
  if (job.problem.has_value()) data["problem"] = codeName(job.problem->code);
  return data;
}

}  // namespace

Result<Ok> NotedJobs::add(const JobRecord& record) {
  TRY(SqlJobs::add(record));
  journal_.ofJob(record.job.id, record.requestId);
  Json data = dataOf(record.job);
  data["steps"] = record.job.steps.size();
  return journal_.note(eventOf(record.job, record.requestId, "job.created", data));
}

Result<Ok> NotedJobs::saveState(const Job& job) {
  auto row = connection_.prepare("SELECT state, request_id FROM jobs WHERE id=?", job.id);
  TRY_ASSIGN(const bool there, row.step());
  const std::string before = there ? row.text(0) : std::string();
  const std::string requestId = there ? row.text(1) : std::string();
  TRY(SqlJobs::saveState(job));
  journal_.ofJob(job.id, requestId);
  if (before == stateName(job.state)) return Ok{};
  return journal_.note(
      eventOf(job, requestId, "job." + std::string(stateName(job.state)), dataOf(job)));
}

Result<Ok> NotedJobs::saveStep(const JobRecord& record, std::size_t position) {
  const JobStep& step = record.job.steps.at(position);
  auto row = connection_.prepare("SELECT state FROM job_steps WHERE job_id=? AND position=?",
                                 record.job.id, position);
  TRY_ASSIGN(const bool there, row.step());
  const std::string before = there ? row.text(0) : std::string();
  TRY(SqlJobs::saveStep(record, position));
  journal_.ofJob(record.job.id, record.requestId);
  // What is only planned is told with the job.
  if (before == stateName(step.state) || step.state == StepState::kPending) return Ok{};
  const Json data = Json::object({{"step", step.name},
                                  {"position", position},
                                  {"steps", record.job.steps.size()},
                                  {"state", stateName(step.state)}});
  return journal_.note(eventOf(record.job, record.requestId,
                               "job.step_" + std::string(stateName(step.state)), data));
}

}  // namespace bulkhead::api::sql
