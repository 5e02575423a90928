// Jobs and their steps in tables.
#include "api/store/cursor.h"
#include "api/store/details_text.h"
#include "api/store/evidence_text.h"
#include "api/store/reach_sql.h"
#include "api/store/sql/repositories.h"
#include "api/usecases/state_names.h"

namespace bulkhead::api::sql {
namespace {

constexpr const char* kMissing = "there is no such job";
#define JOB_COLUMNS                                                                    \
  "id, kind, state, account_id, username, domain_id, actor, request_id, traceparent, " \
  "problem_code, problem_message, problem_field, created_at, ended_at, details, "      \
  "parent_id, parts_total, parts_ended, parts_failed FROM jobs "

JobRecord readJob(const Statement& row) {
  JobRecord record;
  record.job.id = row.text(0);
  record.job.kind = row.text(1);
  record.job.state = stateFromName<JobState>(row.text(2)).value_or(JobState::kFailed);
  record.job.accountId = row.text(3);
  record.username = row.text(4);
  record.domainId = row.text(5);
  record.job.actor = row.text(6);
  record.requestId = row.text(7);
  record.traceparent = row.text(8);
  if (!row.isNull(9))
    record.job.problem = Error{codeFromName(row.text(9)), row.text(10), row.text(11)};
  record.job.createdAt = row.integer(12);
  record.job.endedAt = row.integer(13);
  record.details = parseDetails(row.text(14));
  record.job.parentId = row.text(15);
  record.job.parts = {row.number<std::uint32_t>(16), row.number<std::uint32_t>(17),
                      row.number<std::uint32_t>(18)};
  return record;
}

JobTicket readTicket(const Statement& row) {
  return {row.text(0), row.text(1), row.text(2), row.text(3)};
}

void bindProblem(Statement& statement, int first, const std::optional<Error>& problem) {
  if (!problem.has_value()) return;  // unbound parameters are NULL
  statement.bind(first, codeName(problem->code));
  statement.bind(first + 1, problem->message);
  statement.bind(first + 2, problem->field);
}

}  // namespace

Result<Ok> SqlJobs::add(const JobRecord& record) {
  const Job& job = record.job;
  auto insert = connection_.prepare(
      "INSERT INTO jobs(id, kind, state, account_id, username, domain_id, actor, request_id, "
      "traceparent, created_at, ended_at, details, parent_id, parts_total, problem_code, "
      "problem_message, problem_field) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
      job.id, job.kind, stateName(job.state), job.accountId, record.username, record.domainId,
      job.actor, record.requestId, record.traceparent, job.createdAt, job.endedAt,
      printDetails(record.details), job.parentId, job.parts.total);
  bindProblem(insert, 15, job.problem);
  TRY(insert.run());
  for (std::size_t position = 0; position < job.steps.size(); ++position)
    TRY(saveStep(record, position));
  return Ok{};
}

Result<Ok> SqlJobs::saveState(const Job& job) {
  auto update = connection_.prepare(
      "UPDATE jobs SET state=?1, ended_at=?2, problem_code=?4, problem_message=?5, "
      "problem_field=?6 WHERE id=?3",
      stateName(job.state), job.endedAt, job.id);
  bindProblem(update, 4, job.problem);
  return expectOneRow(update.run(), kMissing);
}

Result<Ok> SqlJobs::saveStep(const JobRecord& record, std::size_t position) {
  const JobStep& step = record.job.steps.at(position);
  const StepExtra& extra = record.extras.at(position);
  TRY(connection_.run("REPLACE INTO job_steps VALUES(?,?,?,?,?,?,?,?,?,?)", record.job.id, position,
                      step.name, extra.subject, stateName(step.state), static_cast<int>(extra.undo),
                      step.startedAt, step.endedAt, step.externalMicros,
                      printEvidence(step.evidence)));
  return Ok{};
}

Result<Ok> SqlJobs::forgetEnded(std::int64_t before, std::uint32_t atMost) {
  TRY(
      connection_.run("DELETE FROM jobs WHERE id IN (SELECT id FROM (SELECT id FROM jobs WHERE "
                      "created_at < ?1 AND ended_at > 0 AND ended_at < ?1 "
                      "ORDER BY created_at, id LIMIT ?2) AS oldest)",
                      before, atMost));
  return Ok{};
}

Result<Ok> SqlJobs::readSteps(JobRecord& record) const {
  auto statement = connection_.prepare(
      "SELECT name, subject, state, \"undo\", started_at, ended_at, external_micros, evidence "
      "FROM job_steps WHERE job_id=? ORDER BY position",
      record.job.id);
  while (true) {
    TRY_ASSIGN(const bool more, statement.step());
    if (!more) return Ok{};
    JobStep step;
    step.name = statement.text(0);
    step.state = stateFromName<StepState>(statement.text(2)).value_or(StepState::kFailed);
    step.startedAt = statement.integer(4);
    step.endedAt = statement.integer(5);
    step.externalMicros = statement.number<std::uint64_t>(6);
    step.evidence = parseEvidence(statement.text(7));
    record.job.steps.push_back(std::move(step));
    record.extras.push_back({statement.text(1), static_cast<UndoState>(statement.integer(3))});
  }
}

Result<JobRecord> SqlJobs::find(std::string_view id) const {
  TRY_ASSIGN(auto record, readOne(connection_.prepare("SELECT " JOB_COLUMNS "WHERE id=?", id),
                                  readJob, kMissing));
  TRY(readSteps(record));
  return record;
}

Result<std::optional<Job>> SqlJobs::endPart(const std::string& parentId,
                                            PartEnd how,
                                            std::int64_t nowMicros) {
  TRY(expectOneRow(connection_.run("UPDATE jobs SET parts_ended=parts_ended+1, "
                                   "parts_failed=parts_failed+? WHERE id=? AND ended_at=0",
                                   how == PartEnd::kFailed ? 1 : 0, parentId),
                   kMissing));
  TRY_ASSIGN(JobRecord parent, find(parentId));
  Job& job = parent.job;
  if (job.parts.ended < job.parts.total) return std::optional<Job>();
  job.endedAt = nowMicros;
  job.state = job.parts.failed == 0 ? JobState::kSucceeded : JobState::kFailed;
  if (job.parts.failed > 0)
    job.problem = Error{Code::kInternal,
                        std::to_string(job.parts.failed) + " of " +
                            std::to_string(job.parts.total) + " parts failed; each says why",
                        ""};
  TRY(saveState(job));
  return std::optional<Job>(std::move(job));
}

Result<Page<Job>> SqlJobs::list(const PageQuery& query, const std::string& parentId) const {
  const std::string list = listName("jobs" + parentId, query);
  const Position newest{std::numeric_limits<std::int64_t>::max(), ""};
  TRY_ASSIGN(const Position before, startOf(list, query, newest));
  const int reachAt = parentId.empty() ? 4 : 5;
  const std::string sql =
      std::string("SELECT " JOB_COLUMNS "WHERE created_at<=?1 AND (created_at, id) < (?1,?2)") +
      (parentId.empty() ? "" : " AND parent_id=?4 AND parent_id<>''") +
      withinReach(query, "account_id=#",
                  "account_id IN (SELECT id FROM accounts WHERE reseller_id=#)", reachAt) +
      " ORDER BY created_at DESC, id DESC LIMIT ?3";
  auto statement = connection_.prepare(sql, before.createdAt, before.id, pageSize(query) + 1);
  if (!parentId.empty()) statement.bind(4, parentId);
  if (bindsReach(query)) statement.bind(reachAt, query.within.id);
  TRY_ASSIGN(auto records, collectRows(statement, readJob));
  std::vector<Job> rows;
  for (auto& record : records) {
    TRY(readSteps(record));
    rows.push_back(std::move(record.job));
  }
  return makePage(list, std::move(rows), query);
}

Result<std::vector<JobTicket>> SqlJobs::unfinished() const {
  auto statement = connection_.prepare(
      "SELECT id, kind, account_id, domain_id FROM jobs WHERE ended_at=0 AND parts_total=0 "
      "ORDER BY created_at, id");
  return collectRows(statement, readTicket);
}

Result<std::vector<JobTicket>> SqlJobs::unfinishedOf(const std::string& accountId) const {
  auto statement = connection_.prepare(
      "SELECT id, kind, account_id, domain_id FROM jobs WHERE ended_at=0 AND account_id=? "
      "ORDER BY created_at, id",
      accountId);
  return collectRows(statement, readTicket);
}

}  // namespace bulkhead::api::sql
