// Jobs: how a use case becomes one, dry runs, and what is read about jobs, audit and health.
#include <algorithm>
#include <charconv>

#include "api/usecases/panel_impl.h"
#include "api/usecases/reach.h"
#include "api/usecases/repeats.h"
#include "common/core/json.h"

#include <nlohmann/json.hpp>

namespace bulkhead::api {
namespace {

// The agent tells no more records in one reply; who asks for more goes on from the cursor.
constexpr std::uint32_t kAuditPageMax = 100;

CallContext contextOf(const Actor& actor) {
  CallContext context;
  context.requestId = actor.requestId;
  context.actor = actor.name;
  context.traceparent = actor.traceparent;
  return context;
}

bool wakes(const JobRecord& record) {
  return !record.job.steps.empty() && record.job.steps.front().name == "account.unsuspend";
}

// The sequence number in a record as the agent wrote it; 0 when it has none.
std::uint64_t sequenceOf(const std::string& record) {
  const auto json = parseJson(record);
  if (!json.ok() || !json->is_object()) return 0;
  const auto found = json->find("seq");
  return found != json->end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

}  // namespace

Result<JobOrPreview> PanelImpl::launch(const Actor& actor, Mode mode, const Prepare& prepare) {
  const auto prepareAndQueue = [&](Tables& tables) -> Result<Prepared> {
    TRY_ASSIGN(Prepared prepared, prepare(tables));
    // It may have become somebody else's since the request was let in.
    if (!reaches(actor.reach, prepared.account))
      return Error{Code::kNotFound, "there is no such account", ""};
    TRY(tables.jobs().add(prepared.record));
    TRY(noteDone(tables, actor, prepared.record.job.id));
    TRY_ASSIGN(prepared.domains, tables.domains().ofAccount(prepared.account.id));
    return prepared;
  };
  if (mode == Mode::kDryRun) {
    TRY_ASSIGN(const Prepared prepared, store_.rehearse(prepareAndQueue));
    TRY_ASSIGN(auto changes, preview(actor, prepared));
    return JobOrPreview(std::move(changes));
  }
  // Told at once and with nothing written, rather than by a job that waits. A job that is under way
  // when the agent goes away waits.
  if (auto reached = agent_.reachable(); !reached.ok())
    return Error{Code::kUnavailable, reached.error().message, ""};
  TRY_ASSIGN(Prepared prepared, store_.write(prepareAndQueue));
  const JobRecord& record = prepared.record;
  runner_.submit({record.job.id, record.job.kind, record.job.accountId, record.domainId});
  return JobOrPreview(std::move(prepared.record.job));
}

Result<std::vector<PlannedChange>> PanelImpl::preview(const Actor& actor,
                                                      const Prepared& prepared) {
  const JobRecord& record = prepared.record;
  const Recipe* recipe = findRecipe(record.job.kind);
  std::vector<PlannedChange> changes;
  for (std::size_t i = 0; i < record.job.steps.size(); ++i) {
    const StepKind* step = stepKindOf(*recipe, record.job.steps[i].name);
    CallContext context = contextOf(actor);
    context.dryRun = true;
    // Every step but the first needs what the first one would have made: the account, of that name.
    context.assumeAccount =
        (record.job.kind == kAccountCreate || record.job.kind == kAccountRename) && i > 0;
    const StepInput input{prepared.account, prepared.limits,  record.extras[i].subject,
                          record.details,   prepared.domains, record.domainId};
    // The agent refuses to start anything of a suspended account, and one that it would let run
    // again is still that.
    if (i > 0 && wakes(record)) {
      changes.push_back({std::string(step->name), "run", describe(step->perform(input)), ""});
      continue;
    }
    TRY_ASSIGN(const AgentReply reply, agent_.call(context, step->perform(input)));
    if (reply.refusal.has_value()) {
      const bool tolerated =
          (step->tolerates == Tolerates::kUnsupported &&
           reply.refusal->code == Code::kUnsupported) ||
          (step->tolerates == Tolerates::kAbsent && reply.refusal->code == Code::kNotFound);
      if (!tolerated) return *reply.refusal;
      changes.push_back({std::string(step->name), "skip", reply.refusal->message, ""});
      continue;
    }
    for (PlannedChange change : reply.preview) {
      change.operation = step->name;
      changes.push_back(std::move(change));
    }
  }
  if (!hasStepsAfter(record.job.kind)) return changes;
  // What would be told once all this is done; the host cannot be asked about it before.
  const std::string none;
  const StepInput input{prepared.account, prepared.limits,  none,
                        record.details,   prepared.domains, record.domainId};
  for (const auto* after : stepsAfter(record.job.kind, input, hostHooks(actor)))
    changes.push_back(
        {std::string(after->step.name), "run", describe(after->step.perform(input)), ""});
  return changes;
}

Result<AgentHooks> PanelImpl::askHooks(const Actor& actor) {
  TRY_ASSIGN(const AgentReply reply, askAgent(agent_, contextOf(actor), ask::HookList{}));
  const auto* hooks = std::get_if<AgentHooks>(&reply.value);
  return hooks == nullptr ? AgentHooks{} : *hooks;
}

AgentHooks PanelImpl::hostHooks(const Actor& actor) {
  auto hooks = askHooks(actor);
  return hooks.ok() ? std::move(hooks).value() : AgentHooks{};
}

Result<Page<Job>> PanelImpl::jobs(const PageQuery& query, const std::string& parent) {
  return store_.read([&](const Tables& tables) { return tables.jobs().list(query, parent); });
}

Result<Job> PanelImpl::job(std::string_view id) {
  TRY_ASSIGN(auto record,
             store_.read([&](const Tables& tables) { return tables.jobs().find(id); }));
  return std::move(record.job);
}

Result<Job> PanelImpl::waitForJob(std::string_view id, std::chrono::seconds patience) {
  return runner_.wait(id, patience);
}

Result<Page<std::string>> PanelImpl::audit(const AuditFilter& filter, const PageQuery& query) {
  ask::AuditList list;
  const char* end = query.cursor.data() + query.cursor.size();
  if (!query.cursor.empty()) {
    const auto parsed = std::from_chars(query.cursor.data(), end, list.before);
    if (parsed.ec != std::errc() || parsed.ptr != end ||
        std::to_string(list.before) != query.cursor)
      return Error{Code::kInvalidArgument, "cursor: not one that this list gave", "cursor"};
  }
  list.limit = static_cast<std::uint16_t>(std::clamp<std::uint32_t>(query.limit, 1, kAuditPageMax));
  list.account = filter.account;
  list.requestId = filter.requestId;
  list.kind = filter.kind;
  TRY_ASSIGN(const AgentReply reply, askAgent(agent_, {}, list));
  const auto* records = std::get_if<AgentAudit>(&reply.value);
  if (records == nullptr) return Error{Code::kInternal, "the agent answered something else", ""};
  Page<std::string> page{records->records, ""};
  if (records->more && !page.items.empty()) {
    const std::uint64_t last = sequenceOf(page.items.back());
    if (last != 0) page.nextCursor = std::to_string(last);
  }
  return page;
}

// Anybody may ask. One asks the agent, which may take a while when it hangs; who comes meanwhile
// hears what was so a moment ago, and keeps no thread waiting.
Panel::Health PanelImpl::health() {
  const auto known = health_.get([](const Health&, std::int64_t) { return false; },
                                 [this](const std::optional<Health>&) { return askHealth(); });
  if (known.has_value()) return *known;
  return {storeAnswers(), false, "the agent does not answer"};
}

bool PanelImpl::storeAnswers() {
  return store_.read([](const Tables& tables) { return tables.plans().list({"", 1}); }).ok();
}

Panel::Health PanelImpl::askHealth() {
  Health health;
  health.storeUp = storeAnswers();
  const auto agent = agent_.reachable();
  health.agentUp = agent.ok();
  if (!agent.ok()) health.agentProblem = agent.error().message;
  return health;
}

std::unique_ptr<Panel> makePanel(
    Store& store, AgentPort& agent, JobRunner& runner, Owners& owners, const Clock& clock) {
  return std::make_unique<PanelImpl>(store, agent, runner, owners, clock);
}

}  // namespace bulkhead::api
