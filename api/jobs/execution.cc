#include "api/jobs/execution.h"

#include <algorithm>

#include "api/jobs/session.h"

namespace bulkhead::api {
namespace {

// Bounds of what one step keeps for people to read; a longer story belongs into the audit log.
constexpr std::size_t kEvidenceMax = 32;
constexpr std::size_t kEvidenceBytesMax = 1000;
// How long a job can be read after its end; the audit log keeps its acts for longer. More of them
// go with each one that ends than come, so that the table stays small without a task of its own.
constexpr std::chrono::microseconds kRemembered = std::chrono::hours(24) * 90;
constexpr std::uint32_t kForgottenAtOnce = 10;

void keepEvidence(JobStep& step,
                  const std::string& prefix,
                  const std::vector<StepEvidence>& facts) {
  for (const auto& fact : facts) {
    if (step.evidence.size() == kEvidenceMax) return;
    step.evidence.push_back({prefix + fact.check.substr(0, kEvidenceBytesMax),
                             fact.detail.substr(0, kEvidenceBytesMax)});
  }
}

// Whom a hook is about: an account, or the panel itself, whose hooks know no order among jobs.
const std::string& hookIsAbout(const Job& job) {
  return job.accountId.empty() ? job.id : job.accountId;
}

// A part whose account went away meanwhile was rolled back, and nothing is left of it to do.
Result<Ok> endPart(Tables& tables, const Job& part) {
  if (part.parentId.empty()) return Ok{};
  const auto how = part.state == JobState::kFailed ? Jobs::PartEnd::kFailed : Jobs::PartEnd::kWell;
  const auto whole = tables.jobs().endPart(part.parentId, how, part.endedAt);
  // One that is not there, or has ended, has nobody to tell.
  if (whole.ok() || whole.error().code == Code::kNotFound) return Ok{};
  return whole.error();
}

bool isOpen(const JobStep& step) {
  return step.state == StepState::kPending || step.state == StepState::kRunning;
}

}  // namespace

Execution::Verdict Execution::advance(const std::string& jobId, Waiting& waiting) {
  // Before anything is read: who waits for a turn looks often.
  if (waiting.turn.has_value() && !hookTurns_.isFree(*waiting.turn)) {
    waiting.delay = pace_.hookTurn;
    return Verdict::kWait;
  }
  auto session = load(jobId);
  if (!session.ok()) {
    if (session.error().code == Code::kNotFound) return Verdict::kEnded;
    waiting.delay = pace_.retryMax;
    return Verdict::kWait;
  }
  session->waiting = &waiting;
  // Only another version of the panel can have queued it.
  if (findRecipe(session->record.job.kind) == nullptr && endUnknown(*session) == Next::kWait)
    return Verdict::kWait;
  while (!session->record.job.ended()) {
    if (stopping_) return Verdict::kStopped;
    switch (session->record.job.state == JobState::kUndoing ? undoNext(*session)
                                                            : performNext(*session)) {
      case Next::kGoOn:
        break;
      case Next::kWait:
        return Verdict::kWait;
      case Next::kStop:
        return Verdict::kStopped;
    }
  }
  return Verdict::kEnded;
}

Result<Execution::Session> Execution::load(const std::string& jobId) {
  auto session = store_.read([&](const Tables& tables) -> Result<Session> {
    Session found;
    TRY_ASSIGN(found.record, tables.jobs().find(jobId));
    found.recipe = findRecipe(found.record.job.kind);
    if (!found.record.details.unixUser.empty()) {
      TRY_ASSIGN(found.unixUserWorks,
                 surroundings_.worksAnAdministratorAs(found.record.details.unixUser));
    }
    if (found.record.job.accountId.empty()) {  // about the panel itself
      const auto& details = found.record.details;
      const auto plan =
          tables.plans().find(details.newName.empty() ? details.name : details.newName);
      if (!plan.ok() && plan.error().code != Code::kNotFound) return plan.error();
      found.planStands = plan.ok();
      return found;
    }
    auto account = tables.accounts().find(found.record.job.accountId);
    if (!account.ok()) {
      if (account.error().code != Code::kNotFound) return account.error();
      if (isSettled(found.record)) {  // what follows a deletion needs the name alone
        found.account.id = found.record.job.accountId;
        found.account.username = found.record.username;
        return found;
      }
      found.recipe = nullptr;  // nothing can be derived any more; performNext() ends the job
      return found;
    }
    found.account = *account;
    found.accountStands = true;
    TRY_ASSIGN(const Plan plan, tables.plans().find(found.account.planId));
    found.limits = plan.limits;
    TRY_ASSIGN(found.domains, tables.domains().ofAccount(found.account.id));
    if (found.account.owner.empty()) found.account.owner = surroundings_.mainAdministrator();
    for (const auto& domain : found.domains)
      if (domain.primary) found.mainDomain = domain.name;
    if (found.has("dbmap.write")) {
      TRY_ASSIGN(found.databaseUsers, tables.databaseUsers().namesOf(found.account.id));
    }
    return found;
  });
  return session;
}

Execution::Next Execution::endUnknown(Session& session) {
  Job& job = session.record.job;
  if (job.ended()) return Next::kGoOn;
  job.problem =
      Error{Code::kUnsupported, "this version of the panel knows no jobs " + job.kind, ""};
  return end(session, JobState::kFailed);
}

// ---- forward

Execution::Next Execution::performNext(Session& session) {
  Job& job = session.record.job;
  const auto next = std::find_if(job.steps.begin(), job.steps.end(), isOpen);
  if (next == job.steps.end()) return afterSteps(session);
  if (isTooEarly(session)) return Next::kWait;
  const auto position = static_cast<std::size_t>(next - job.steps.begin());
  const StepKind* kind =
      session.recipe == nullptr ? nullptr : stepKindOf(*session.recipe, next->name);
  if (kind == nullptr && session.recipe == nullptr) {
    // The account went away behind this job: limits of one that was rolled back.
    job.problem = Error{Code::kNotFound, next->name + ": the account is gone", ""};
    return end(session, JobState::kRolledBack);
  }
  if (kind == nullptr) {
    job.problem = Error{Code::kUnsupported,
                        next->name + ": this version of the panel knows no such step", ""};
    return end(session, JobState::kFailed);
  }
  if (next->state == StepState::kPending) {
    job.state = JobState::kRunning;
    next->state = StepState::kRunning;
    next->startedAt = clock_.nowMicros();
    if (auto saved = save(session, position, position, 0); !saved.ok())
      return waitFor(session, saved.error());
  }
  if (const HookStep* hook = findHookStep(next->name);
      hook != nullptr && hook->isTrue != nullptr && !hook->isTrue(session.input(position)))
    return skipHook(session, position, "the panel has changed since");
  std::optional<HookTurns::Turn> turn;
  if (runsScripts(next->name)) {
    turn.emplace(hookTurns_, hookIsAbout(job));
    if (!*turn) {
      session.waiting->turn = hookIsAbout(job);
      session.waiting->delay = pace_.hookTurn;
      return Next::kWait;
    }
    session.waiting->turn.reset();
  }
  auto reply = agent_.call(session.context(), kind->perform(session.input(position)));
  if (!reply.ok()) {
    if (reply.error().code == Code::kCancelled) return Next::kStop;
    if (outlasts(session, reply.error().code)) return waitFor(session, reply.error());
    AgentReply refused;
    refused.refusal = reply.error();
    return takeReply(session, position, std::move(refused));
  }
  return takeReply(session, position, *std::move(reply));
}

Execution::Next Execution::takeReply(Session& session, std::size_t position, AgentReply reply) {
  if (isHookStep(session.record.job.steps[position].name))
    return takeHookReply(session, position, std::move(reply));
  if (reply.refusal.has_value()) return takeRefusal(session, position, *reply.refusal);
  if (reply.evidence.empty())  // success is proved, not assumed
    return failStep(session, position, {Code::kInternal, "the agent gave no evidence", ""});
  return complete(session, position, StepState::kSucceeded, reply);
}

Execution::Next Execution::takeRefusal(Session& session,
                                       std::size_t position,
                                       const Error& refusal) {
  const StepKind* kind = findStep(*session.recipe, session.record.job.steps[position].name);
  AgentReply skipped;
  if (kind->tolerates == Tolerates::kUnsupported && refusal.code == Code::kUnsupported) {
    skipped.evidence = {{"not supported on this host", refusal.message}};
    return complete(session, position, StepState::kSkipped, skipped);
  }
  if (kind->tolerates == Tolerates::kAbsent && refusal.code == Code::kNotFound) {
    skipped.evidence = {{"nothing to remove", refusal.message}};
    return complete(session, position, StepState::kSkipped, skipped);
  }
  if (patienceLeft(session, refusal.code)) return waitFor(session, refusal);
  return failStep(session, position, refusal);
}

Execution::Next Execution::complete(Session& session,
                                    std::size_t position,
                                    StepState state,
                                    const AgentReply& reply) {
  Job& job = session.record.job;
  JobStep& step = job.steps[position];
  step.state = state;
  step.endedAt = clock_.nowMicros();
  step.externalMicros += reply.externalMicros;
  keepEvidence(step, "", reply.evidence);
  job.problem.reset();
  std::uint32_t uid = 0;
  if (const auto* account = std::get_if<AgentAccount>(&reply.value);
      account != nullptr && account->uid != session.account.uid)
    uid = session.account.uid = account->uid;
  // The next step is marked in the same commit: one wait for the disk a step instead of two.
  std::size_t last = position;
  if (position + 1 < job.steps.size() && job.steps[position + 1].state == StepState::kPending) {
    last = position + 1;
    job.steps[last].state = StepState::kRunning;
    job.steps[last].startedAt = step.endedAt;
  }
  if (auto saved = save(session, position, last, uid); !saved.ok())
    return waitFor(session, saved.error());
  session.moved();
  return Next::kGoOn;
}

Execution::Next Execution::failStep(Session& session, std::size_t position, const Error& problem) {
  Job& job = session.record.job;
  JobStep& step = job.steps[position];
  step.state = StepState::kFailed;
  step.endedAt = clock_.nowMicros();
  job.problem = Error{problem.code, step.name + ": " + problem.message, problem.field};
  session.moved();
  // With the job's end in one commit: a failed step of a job that still runs would be passed over.
  if (session.recipe->onFailure == OnFailure::kStop)
    return end(session, JobState::kFailed, position);
  job.state = JobState::kUndoing;
  if (auto saved = save(session, position, position, 0); !saved.ok())
    return waitFor(session, saved.error());
  return Next::kGoOn;
}

// ---- backward

Execution::Next Execution::undoNext(Session& session) {
  const Job& job = session.record.job;
  for (std::size_t i = job.steps.size(); i-- > 0;) {
    // The failed step too: it may have stopped half-way.
    if (job.steps[i].state != StepState::kPending &&
        session.record.extras[i].undo == UndoState::kNone)
      return undoStep(session, i);
  }
  const bool clean =
      std::none_of(session.record.extras.begin(), session.record.extras.end(),
                   [](const StepExtra& extra) { return extra.undo == UndoState::kFailed; });
  return end(session, clean ? JobState::kRolledBack : JobState::kFailed);
}

Execution::Next Execution::undoStep(Session& session, std::size_t position) {
  JobStep& step = session.record.job.steps[position];
  StepExtra& extra = session.record.extras[position];
  const StepKind* kind =
      session.recipe == nullptr ? nullptr : stepKindOf(*session.recipe, step.name);
  if (kind == nullptr) return end(session, JobState::kFailed);
  extra.undo = UndoState::kDone;
  for (const auto& request : kind->undo(session.input(position))) {
    auto reply = agent_.call(session.context(), request);
    const std::string what = "undo by " + std::string(operationName(request));
    if (reply.ok() && !reply->refusal.has_value()) {
      step.externalMicros += reply->externalMicros;
      keepEvidence(step, what + ": ", reply->evidence);
      continue;
    }
    const Error problem = reply.ok() ? *reply->refusal : reply.error();
    if (reply.ok() && problem.code == Code::kNotFound) continue;  // nothing was there to undo
    if (!reply.ok() && problem.code == Code::kCancelled) {
      extra.undo = UndoState::kNone;
      return Next::kStop;
    }
    if (reply.ok() ? patienceLeft(session, problem.code) : outlasts(session, problem.code)) {
      extra.undo = UndoState::kNone;
      return waitFor(session, problem);
    }
    extra.undo =
        UndoState::kFailed;  // the other steps are still undone: less is left to clean up by hand
    keepEvidence(step, "",
                 {{what, (reply.ok() ? "refused: " : "not possible: ") + problem.message}});
  }
  if (extra.undo == UndoState::kFailed)
    step.state = StepState::kFailed;
  else if (step.state == StepState::kSucceeded || step.state == StepState::kRunning)
    step.state = StepState::kUndone;
  step.endedAt = clock_.nowMicros();
  session.moved();
  if (auto saved = save(session, position, position, 0); !saved.ok())
    return waitFor(session, saved.error());
  return Next::kGoOn;
}

// ---- both

Execution::Next Execution::end(Session& session,
                               JobState state,
                               std::optional<std::size_t> position) {
  Job ended = session.record.job;
  ended.state = state;
  ended.endedAt = clock_.nowMicros();
  JobRecord record = session.record;
  record.job = ended;
  const auto retries = hookRetries(record);
  auto saved = store_.write([&](Tables& tables) -> Result<Ok> {
    if (position.has_value()) TRY(tables.jobs().saveStep(record, *position));
    if (session.recipe != nullptr && !isSettled(record))
      TRY(session.recipe->settle(tables, record));
    for (const auto& retry : retries)
      TRY(tables.jobs().add(retry));
    TRY(endPart(tables, ended));
    TRY(tables.jobs().forgetEnded(ended.endedAt - kRemembered.count(), kForgottenAtOnce));
    return tables.jobs().saveState(ended);
  });
  if (!saved.ok()) return waitFor(session, saved.error());
  for (const auto& retry : retries)
    surroundings_.submit({retry.job.id, retry.job.kind, retry.job.accountId, retry.domainId});
  session.record = std::move(record);
  session.moved();
  return Next::kGoOn;
}

Execution::Next Execution::waitFor(Session& session, const Error& reason) {
  Waiting& waiting = *session.waiting;
  const unsigned doublings = std::min(waiting.attempts++, 16U);
  waiting.delay = std::min(pace_.retryFirst * (1U << doublings), pace_.retryMax);
  // Shown to whoever looks at the job. While undoing, the problem that led there is more important.
  Job& job = session.record.job;
  const std::string message = "waiting: " + reason.message;
  if (job.state != JobState::kUndoing &&
      (!job.problem.has_value() || job.problem->message != message)) {
    auto shown = store_.write([&](Tables& tables) -> Result<Ok> {
      TRY_ASSIGN(JobRecord stored, tables.jobs().find(job.id));
      stored.job.problem = Error{reason.code, message, ""};
      return tables.jobs().saveState(stored.job);
    });
    (void)shown;  // ignoring: the reason may be that the store is full
  }
  return Next::kWait;
}

bool Execution::patienceLeft(Session& session, Code code) const {
  if (!isRetryable(code)) return false;
  if (code == Code::kAuditUnavailable)
    return true;  // without audit nothing can be done, not even undone
  if (code == Code::kUnavailable && surroundings_.isLockedDown()) {
    session.waiting->refusedSince.reset();  // what it is patient with begins afterwards
    return true;
  }
  return isWithin(session, code == Code::kBusy ? pace_.busyPatience : pace_.brokenPatience);
}

bool Execution::outlasts(Session& session, Code code) const {
  if (code == Code::kUnavailable || code == Code::kTimeout) return true;
  return code == Code::kInternal && isWithin(session, pace_.brokenPatience);
}

bool Execution::isWithin(Session& session, std::chrono::milliseconds patience) {
  auto& since = session.waiting->refusedSince;
  const auto now = std::chrono::steady_clock::now();
  if (!since.has_value()) since = now;
  return now - *since < patience;
}

Result<Ok> Execution::save(const Session& session,
                           std::size_t first,
                           std::size_t last,
                           std::uint32_t uid) {
  return store_.write([&](Tables& tables) -> Result<Ok> {
    for (std::size_t i = first; i <= last; ++i)
      TRY(tables.jobs().saveStep(session.record, i));
    if (uid != 0) TRY(tables.accounts().setUid(session.account.id, uid));
    return tables.jobs().saveState(session.record.job);
  });
}

}  // namespace bulkhead::api
