// Execution, the part about hook steps: what comes after a change is settled, and what becomes of a
// hook that failed.
#include <algorithm>

#include "api/jobs/execution.h"
#include "api/jobs/session.h"

namespace bulkhead::api {

Execution::Next Execution::afterSteps(Session& session) {
  const Job& job = session.record.job;
  if (isSettled(session.record) || session.recipe == nullptr || !hasStepsAfter(job.kind))
    return end(session, JobState::kSucceeded);
  auto reply = agent_.call(session.context(), ask::HookList{});
  if (!reply.ok()) {
    if (reply.error().code == Code::kCancelled) return Next::kStop;
    if (outlasts(session, reply.error().code)) return waitFor(session, reply.error());
  }
  const auto* host = reply.ok() ? std::get_if<AgentHooks>(&reply->value) : nullptr;
  const std::string none;
  const StepInput input{session.account,        session.limits,  none,
                        session.record.details, session.domains, session.record.domainId};
  const auto steps =
      host == nullptr ? std::vector<const HookStep*>{} : stepsAfter(job.kind, input, *host);
  if (steps.empty()) return end(session, JobState::kSucceeded);
  return settleBefore(session, steps);
}

// From here on everybody sees the new state, also whoever is asked by a hook; the job goes on.
Execution::Next Execution::settleBefore(Session& session,
                                        const std::vector<const HookStep*>& steps) {
  JobRecord succeeded = session.record;
  succeeded.job.state = JobState::kSucceeded;
  succeeded.job.endedAt = clock_.nowMicros();
  JobRecord record = session.record;
  const std::size_t first = record.job.steps.size();
  for (const auto* wanted : steps) {
    JobStep step;
    step.name = wanted->step.name;
    record.job.steps.push_back(std::move(step));
    record.extras.push_back({"", UndoState::kNone});
  }
  record.job.steps[first].state = StepState::kRunning;
  record.job.steps[first].startedAt = succeeded.job.endedAt;
  record.job.state = JobState::kRunning;
  auto saved = store_.write([&](Tables& tables) -> Result<Ok> {
    TRY(session.recipe->settle(tables, succeeded));
    for (std::size_t i = first; i < record.job.steps.size(); ++i)
      TRY(tables.jobs().saveStep(record, i));
    return tables.jobs().saveState(record.job);
  });
  if (!saved.ok()) return waitFor(session, saved.error());
  auto fresh = load(record.job.id);  // names and owners are the new ones now
  if (!fresh.ok()) return waitFor(session, fresh.error());
  fresh->waiting = session.waiting;
  session = std::move(fresh).value();
  session.moved();
  return Next::kGoOn;
}

Execution::Next Execution::takeHookReply(Session& session, std::size_t position, AgentReply reply) {
  const auto problem = reply.refusal.has_value() ? reply.refusal : hookProblem(reply);
  if (!problem.has_value()) return complete(session, position, StepState::kSucceeded, reply);
  if (reply.refusal.has_value()) {
    if (isOvertaken(*problem)) return skipHook(session, position, problem->message);
    if (patienceLeft(session, problem->code)) return waitFor(session, *problem);
    reply.evidence = {{"refused", problem->message}};
  }
  if (session.record.job.kind == kHookRetry) return repeatLater(session, position, *problem);
  return complete(session, position, StepState::kFailed, reply);
}

Execution::Next Execution::skipHook(Session& session,
                                    std::size_t position,
                                    const std::string& why) {
  AgentReply skipped;
  skipped.evidence = {{"nothing to tell any more", why}};
  return complete(session, position, StepState::kSkipped, skipped);
}

bool Execution::isTooEarly(Session& session) const {
  const Job& job = session.record.job;
  if (job.kind != kHookRetry || job.state != JobState::kQueued) return false;
  const std::chrono::microseconds age(clock_.nowMicros() - job.createdAt);
  if (age >= pace_.hookRetryFirst) return false;
  session.waiting->delay =
      std::chrono::duration_cast<std::chrono::milliseconds>(pace_.hookRetryFirst - age) +
      std::chrono::milliseconds(1);
  return true;
}

// The number of attempts is what the step's evidence says, so that it outlives a restart.
Execution::Next Execution::repeatLater(Session& session,
                                       std::size_t position,
                                       const Error& problem) {
  Job& job = session.record.job;
  JobStep& step = job.steps[position];
  const auto attempts = static_cast<unsigned>(step.evidence.size()) + 1;
  step.evidence.push_back({"attempt " + std::to_string(attempts), problem.message});
  if (attempts >= pace_.hookAttemptsMax) return failStep(session, position, problem);
  job.problem = Error{problem.code, "waiting: " + problem.message, ""};
  if (auto saved = save(session, position, position, 0); !saved.ok())
    return waitFor(session, saved.error());
  auto delay = pace_.hookRetryFirst;
  for (unsigned i = 0; i < attempts && delay < pace_.hookRetryMax; ++i)
    delay *= 4;
  session.moved();
  session.waiting->delay = std::min(delay, pace_.hookRetryMax);
  return Next::kWait;
}

std::vector<JobRecord> Execution::hookRetries(const JobRecord& record) const {
  std::vector<JobRecord> retries;
  if (record.job.kind == kHookRetry || !isSettled(record)) return retries;
  for (std::size_t i = 0; i < record.job.steps.size(); ++i)
    if (record.job.steps[i].state == StepState::kFailed && isHookStep(record.job.steps[i].name))
      retries.push_back(makeHookRetry(record, i, clock_.nowMicros()));
  return retries;
}

}  // namespace bulkhead::api
