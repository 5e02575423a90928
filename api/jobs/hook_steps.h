// Hook steps: what the host's other products are told about a change, and what is brought up to
// date for them. They come before or after the change itself, never decide about it, and exist only
// where the host has something to tell.
#pragma once
#include <span>
#include <string_view>
#include <vector>

#include "api/agent_client/agent_port.h"
#include "api/jobs/recipes.h"

namespace bulkhead::api {

struct HookStep {
  StepKind step;
  // Whether this host and this change call for it.
  bool (*wanted)(const StepInput& input, const AgentHooks& host) = nullptr;
  // Whether what it tells is so, looked at each time before it is told; nullptr when the agent
  // itself can see that.
  bool (*isTrue)(const StepInput& input) = nullptr;
};

// In this order, once the change has been settled and everybody can see it.
std::vector<const HookStep*> stepsAfter(std::string_view kind,
                                        const StepInput& input,
                                        const AgentHooks& host);
// Before anything else of the change.
std::vector<const HookStep*> stepsBefore(std::string_view kind,
                                         const StepInput& input,
                                         const AgentHooks& host);
// Whether any kind of host could call for steps after, or before, a change of this kind.
bool hasStepsAfter(std::string_view kind);
bool hasStepsBefore(std::string_view kind);
// As first steps of a job that has not begun.
void addBefore(JobRecord& record, const std::vector<const HookStep*>& steps);
// The change of this job is settled: it has a step that follows that.
bool isSettled(const JobRecord& record);
// A step of the recipe or a hook step; nullptr when it is neither.
const StepKind* stepKindOf(const Recipe& recipe, std::string_view name);
// nullptr when it is no hook step.
const HookStep* findHookStep(std::string_view name);
bool isHookStep(std::string_view name);
// True for those hook steps that start somebody else's scripts, which may take minutes.
bool runsScripts(std::string_view name);

// What the answer to a hook step means: nullopt when it went well.
std::optional<Error> hookProblem(const AgentReply& reply);
// True when repeating cannot help: what the step would tell is not true any more.
bool isOvertaken(const Error& refusal);
// The same step again, as a job of its own.
JobRecord makeHookRetry(const JobRecord& record, std::size_t position, std::int64_t nowMicros);

}  // namespace bulkhead::api
