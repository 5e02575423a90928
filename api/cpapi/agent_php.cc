#include "api/cpapi/agent_php.h"

#include <utility>

#include "common/core/ulid.h"

namespace bulkhead::api {
namespace {

// Nobody in particular: the answer is kept for whoever asks next.
constexpr const char* kActor = "system:scripts";
// Of the ten seconds that a script waits.
constexpr std::chrono::milliseconds kPatience{5000};

}  // namespace

Result<PhpVersions> listPhp(AgentPort& agent, const Clock& clock) {
  CallContext context;
  context.requestId = newUlid(clock.nowMicros());
  context.actor = kActor;
  context.patience = kPatience;
  TRY_ASSIGN(const AgentReply reply, askAgent(agent, context, ask::PhpList{}));
  const auto* list = std::get_if<AgentPhpList>(&reply.value);
  if (list == nullptr) return Error{Code::kInternal, "the agent did not list PHP", ""};
  return list->interpreters;
}

}  // namespace bulkhead::api
