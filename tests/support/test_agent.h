// TestAgent: the agent's core in a process of its own, on real sockets, with operations that the
// test brings.
#pragma once
#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>

#include "agent/ops/op.h"
#include "agent/policy/policy.h"
#include "common/audit/record.h"
#include "common/os/fd.h"
#include "common/rpc/agent.capnp.h"
#include "tests/support/temp_dir.h"

namespace bulkhead::testing {

struct TestAgentOptions {
  std::vector<agent::OpEntry> operations;
  // Changes the rules, which allow everything to everybody without limits.
  std::function<void(agent::PolicyRules&)> policy = [](agent::PolicyRules&) {};
  // May change the machine, which is empty, whenever the core looks at it.
  std::function<void(agent::Host&)> machine = [](agent::Host&) {};
};

class TestAgent {
 public:
  explicit TestAgent(TestAgentOptions options);
  TestAgent(const TestAgent&) = delete;
  TestAgent& operator=(const TestAgent&) = delete;
  ~TestAgent();

  void start();  // again, after kill()
  void kill();   // SIGKILL
  int stop();    // SIGTERM; the wait status
  bool alive() const;
  pid_t pid() const { return pid_; }

  const std::string& directory() const { return directory_.path(); }
  std::string apiSocket() const { return directory() + "/agent.sock"; }
  std::string adminSocket() const { return directory() + "/admin.sock"; }
  std::string auditDirectory() const { return directory() + "/audit"; }
  std::vector<AuditLine> records() const;  // all, oldest first
  // Waits until a record fulfils the condition; false after five seconds.
  bool hasRecord(const std::function<bool(const AuditLine&)>& wanted) const;

 private:
  [[noreturn]] void live(int readyFd);
  TestAgentOptions options_;
  TempDir directory_;
  pid_t pid_ = -1;
};

// A client with an event loop of its own; one at a time in a process.
class TestClient {
 public:
  explicit TestClient(const std::string& socketPath);
  rpc::Agent::Client& agent() { return agent_; }
  kj::WaitScope& scope() { return io_.waitScope; }
  kj::Timer& timer() { return io_.provider->getTimer(); }
  void pump() { timer().afterDelay(100 * kj::MILLISECONDS).wait(scope()); }  // sends what is queued
  // Whether the connection is gone within two seconds.
  bool disconnected();

 private:
  kj::AsyncIoContext io_;
  kj::Own<kj::AsyncIoStream> stream_;
  capnp::TwoPartyClient client_;
  rpc::Agent::Client agent_;
};

// A bare connection, for what no library would send.
Fd connectTo(const std::string& socketPath);

}  // namespace bulkhead::testing
