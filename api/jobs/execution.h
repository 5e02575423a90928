// Execution: takes one job from where the store says it is to its end, or to where it must wait.
// Every change of state is durable before the next privileged call, so that after a crash at most
// one step is repeated, and steps are idempotent.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "api/agent_client/agent_port.h"
#include "api/jobs/hook_steps.h"
#include "api/jobs/hook_turns.h"
#include "api/jobs/recipes.h"
#include "api/store/store.h"
#include "common/core/clock.h"

namespace bulkhead::api {

struct Pace {
  std::chrono::milliseconds retryFirst{200};  // doubled each time
  std::chrono::milliseconds retryMax{5000};   // so a job goes on within 5 s of the agent's return
  // How long a step may be refused with "unavailable" or "timeout" (an engine that does not start),
  // or a call may be one that the agent cannot take, before that is final.
  std::chrono::milliseconds brokenPatience{60000};
  // The same for "busy": other work that is in the way ends by itself.
  std::chrono::milliseconds busyPatience{600000};
  // A hook that failed is repeated after the first of these, then after four times as long each
  // time: 30 s, 2, 8 and 32 min, then hourly; in all a working day of an administrator.
  std::chrono::milliseconds hookRetryFirst{30000};
  std::chrono::milliseconds hookRetryMax{3600000};
  unsigned hookAttemptsMax = 8;
  // Calls of hooks at once, in all jobs, each about another account; a script of somebody else's
  // may take minutes, and accounts are created and deleted meanwhile. Fewer than the runner's
  // threads.
  unsigned hooksAtOnce = 4;
  std::chrono::milliseconds hookTurn{250};  // until one that waits for its turn looks again
};

// What jobs need of the process around them.
struct Surroundings {
  // A job that the store has now, besides the one that is being executed.
  std::function<void(const JobTicket&)> submit = [](const JobTicket&) {};
  // The panel name of the main administrator, who owns what no other owner is named for.
  std::function<std::string()> mainAdministrator = [] { return std::string("root"); };
  // Whether an administrator works as this Unix user now.
  std::function<Result<bool>(const std::string& unixUser)> worksAnAdministratorAs =
      [](const std::string&) -> Result<bool> {
    return Error{Code::kInternal, "nobody knows the administrators", ""};
  };
  // Whether the agent changes nothing now, so that jobs wait for as long as it takes.
  std::function<bool()> isLockedDown = [] { return false; };
};

// What is remembered of a waiting job between two attempts, in memory only.
struct Waiting {
  unsigned attempts = 0;
  std::optional<std::chrono::steady_clock::time_point> refusedSince;
  std::optional<std::string> turn;  // of a hook, about this one
  std::chrono::milliseconds delay{0};
};

class Execution {
 public:
  enum class Verdict { kEnded, kWait, kStopped };
  Execution(Store& store,
            AgentPort& agent,
            const Clock& clock,
            const Pace& pace,
            const Surroundings& surroundings,
            const std::atomic<bool>& stopping)
      : store_(store),
        agent_(agent),
        clock_(clock),
        pace_(pace),
        surroundings_(surroundings),
        stopping_(stopping),
        hookTurns_(pace.hooksAtOnce) {}

  // kWait: call again after waiting.delay. kStopped: the process is stopping; the job goes on after
  // the next start.
  Verdict advance(const std::string& jobId, Waiting& waiting);

 private:
  enum class Next { kGoOn, kWait, kStop };
  struct Session;
  Result<Session> load(const std::string& jobId);
  Next endUnknown(Session& session);
  Next performNext(Session& session);
  Next takeReply(Session& session, std::size_t position, AgentReply reply);
  Next takeRefusal(Session& session, std::size_t position, const Error& refusal);
  // What a hook step says never decides about the job.
  Next takeHookReply(Session& session, std::size_t position, AgentReply reply);
  Next skipHook(Session& session, std::size_t position, const std::string& why);
  Next repeatLater(Session& session, std::size_t position, const Error& problem);
  bool isTooEarly(Session& session) const;
  // The steps of the recipe are done: settles the change, with the hook steps that the host needs.
  Next afterSteps(Session& session);
  Next settleBefore(Session& session, const std::vector<const HookStep*>& steps);
  std::vector<JobRecord> hookRetries(const JobRecord& record) const;
  Next complete(Session& session, std::size_t position, StepState state, const AgentReply& reply);
  Next failStep(Session& session, std::size_t position, const Error& problem);
  Next undoNext(Session& session);
  Next undoStep(Session& session, std::size_t position);
  // `position`: the step that ended with the job, if one did.
  Next end(Session& session, JobState state, std::optional<std::size_t> position = {});
  Next waitFor(Session& session, const Error& reason);
  // After a refusal: whether to ask again.
  bool patienceLeft(Session& session, Code code) const;
  // After a call without an answer: the same. An agent that is away comes back, and is waited for
  // however long it takes; one that cannot take the call may be of another version for a moment.
  bool outlasts(Session& session, Code code) const;
  static bool isWithin(Session& session, std::chrono::milliseconds patience);
  Result<Ok> save(const Session& session, std::size_t first, std::size_t last, std::uint32_t uid);

  Store& store_;
  AgentPort& agent_;
  const Clock& clock_;
  const Pace& pace_;
  const Surroundings& surroundings_;
  const std::atomic<bool>& stopping_;
  HookTurns hookTurns_;
};

}  // namespace bulkhead::api
