// MockAgent: an agent without a machine. It keeps, as text, what would exist on the host ("account
// alice", "site a.example serve"), records each call as text ("account.create username=alice
// cpu=100") and does what the test scripts. With a directory it keeps its facts in files, so that
// they outlive a killed process.
#pragma once
#include <chrono>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "api/agent_client/agent_port.h"

namespace bulkhead::testing {

class MockAgent final : public api::AgentPort {
 public:
  MockAgent() = default;
  explicit MockAgent(std::string directory);

  // Calls that start with `call` are refused, the first `times` of them.
  void refuse(const std::string& call,
              Code code,
              const std::string& why = "no",
              int times = kAlways);
  // Calls that start with `call` get no answer but `code`, although (kAfter) it may have happened.
  enum class Lost { kBefore, kAfter };
  void lose(const std::string& call,
            Lost when,
            int times = kAlways,
            Code code = Code::kUnavailable);
  void forgetScripts();  // from now on every call succeeds again
  void answerWithoutEvidence(const std::string& call);
  void setReachable(bool reachable);  // false: the agent is down
  // Runs before each call is handled, outside of any lock: the place to wait, or to die.
  std::function<void(const std::string& call)> beforeCall;
  std::function<void(const std::string& call)> afterCall;
  std::function<void()> beforeReachable;  // the same for reachable()

  // What the host has of CloudLinux, and what its hooks answer; set both before the first call.
  api::AgentHooks hooks;
  std::function<api::AgentHook(const api::ask::HookRun&)> hookAnswer;
  api::AgentPhpList phps;
  std::string anchor;  // of the audit log
  api::AgentLockdown lockdown;
  static constexpr std::int64_t kLockedSince = 1'700'000'000;  // Unix seconds, when turned on here

  std::vector<std::string> calls() const;  // mutations only, in the order of their arrival
  std::vector<std::string> previews() const;
  std::set<std::string> facts() const;
  void remember(const std::string& fact);

  Result<api::AgentReply> call(const api::CallContext& context,
                               const api::AgentRequest& request) override;
  Result<Ok> reachable() override;
  api::CallContext lastContext() const;

  static constexpr int kAlways = 1 << 30;

 private:
  enum class Rule { kRefuse, kLoseBefore, kLoseAfter, kNoEvidence };
  struct Script {
    Rule rule;
    std::string start;
    Error error;
    int times;
  };
  std::optional<Script> scripted(const std::string& call, std::initializer_list<Rule> rules);
  api::AgentReply perform(const api::AgentRequest& request, const std::string& call);
  std::optional<Error> missingAccount(const api::AgentRequest& request) const;
  bool has(const std::string& fact) const;
  void add(const std::string& fact);
  void drop(const std::string& start);

  mutable std::mutex mutex_;
  std::string directory_;
  std::set<std::string> facts_;
  std::vector<Script> scripts_;
  std::vector<std::string> calls_;
  std::vector<std::string> previews_;
  api::CallContext lastContext_;
  bool reachable_ = true;
  std::uint32_t nextUid_ = 20000;
};

}  // namespace bulkhead::testing
