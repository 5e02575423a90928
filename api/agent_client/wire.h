// The translation between plain values and the agent's Cap'n Proto contract. Only agent_client.cc
// and tests include it; never together with Pistache.
#pragma once
#include <chrono>

#include "api/agent_client/agent_port.h"
#include "common/rpc/agent.capnp.h"

namespace bulkhead::api::wire {

// The answer is translated on the RPC thread, so that no reader leaves it.
kj::Promise<Result<AgentReply>> send(rpc::Agent::Client agent,
                                     const CallContext& context,
                                     const AgentRequest& request);
// The limit that the contract sets for the operation.
std::chrono::milliseconds timeLimit(std::string_view operation);

}  // namespace bulkhead::api::wire
