// AgentClient: the API's one connection to the agent. A thread of its own runs the RPC; any other
// thread calls and waits. It connects when first asked, again after the agent went away, and never
// repeats a call by itself.
#pragma once
#include <chrono>
#include <memory>
#include <string>

#include "api/agent_client/agent_port.h"

namespace bulkhead::api {

class AgentClient final : public AgentPort {
 public:
  struct Options {
    std::string socketPath = "/run/bulkhead/agent.sock";
    // Added to an operation's time limit: its turn behind other calls of the same account or
    // service.
    std::chrono::milliseconds queueing{60000};
    std::chrono::milliseconds connectPatience{3000};
  };
  explicit AgentClient(Options options);
  AgentClient(const AgentClient&) = delete;
  AgentClient& operator=(const AgentClient&) = delete;
  ~AgentClient() override;  // no other thread may be calling: stop() first, then join them

  Result<AgentReply> call(const CallContext& context, const AgentRequest& request) override;
  Result<Ok> reachable() override;
  // Calls that wait, and all later ones, answer kCancelled. The agent finishes what it began.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bulkhead::api
