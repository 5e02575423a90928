#include "tests/support/test_agent.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <cstring>
#include <fstream>
#include <stdexcept>

#include "agent/gate/listener.h"
#include "common/audit/chain.h"
#include "tests/support/fake_host.h"

namespace bulkhead::testing {
namespace {

constexpr int kPolls = 500;
constexpr useconds_t kPollPause = 10000;

// Every host is a FakeHost; the operations of these tests act on the real machine by themselves.
class FakeMachine final : public agent::Machine {
 public:
  explicit FakeMachine(std::function<void(agent::Host&)> happens) : happens_(std::move(happens)) {}
  agent::Host& core() override {
    happens_(host_);
    return host_;
  }
  agent::Host& worker() override { return host_; }
  std::uint64_t externalMicros() const override { return 42; }
  Result<std::vector<agent::PlannedChange>> preview(const Act& assumption,
                                                    const Act& operation) override {
    if (assumption) TRY(assumption(host_));
    const auto before = host_.log().size();
    TRY(operation(host_));
    std::vector<agent::PlannedChange> changes;
    for (std::size_t i = before; i < host_.log().size(); ++i)
      changes.push_back({rpc::Change::Kind::RUN, host_.log()[i], ""});
    return changes;
  }

 private:
  std::function<void(agent::Host&)> happens_;
  FakeHost host_;
};

agent::PolicyRules openPolicy(const agent::OperationTable& table) {
  agent::PolicyRules rules;
  for (const auto& name : table.names()) {
    agent::PolicyRule rule;
    rule.peers = {agent::Peer::kApi, agent::Peer::kAdmin};
    rule.perMinute = 1000000;
    rule.peersFrom = rule.perMinuteFrom = rule.perAccountFrom = "test.json";
    rules.emplace(name, rule);
  }
  return rules;
}

template <typename T>
T orDie(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.error().message);
  return std::move(result).value();
}

}  // namespace

TestAgent::TestAgent(TestAgentOptions options) : options_(std::move(options)) {
  (void)::chmod(directory().c_str(), 0755);
  (void)::mkdir(auditDirectory().c_str(), 0700);
  start();
}

TestAgent::~TestAgent() { kill(); }

void TestAgent::start() {
  int ready[2] = {-1, -1};
  if (::pipe2(ready, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  const Fd reading(ready[0]);
  Fd writing(ready[1]);
  pid_ = ::fork();
  if (pid_ == 0) live(writing.get());
  writing.reset();
  char byte = 0;
  if (::read(reading.get(), &byte, 1) != 1) throw std::runtime_error("the agent did not start");
}

void TestAgent::live(int readyFd) {
  try {
    (void)::signal(SIGXFSZ, SIG_IGN);  // a limit on file sizes shows as a failed write
    kj::UnixEventPort::captureSignal(SIGTERM);
    auto io = kj::setupAsyncIo();
    auto audit = orDie(agent::Audit::open({auditDirectory(), directory() + "/audit-keys"}));
    const auto table =
        orDie(agent::OperationTable::build(options_.operations, agent::Coverage::kSome));
    auto rules = openPolicy(table);
    options_.policy(rules);
    FakeMachine machine(options_.machine);
    agent::Dispatcher dispatcher(
        io, table, agent::Policy(std::move(rules), table.namesOf(agent::Risk::kDestroy)), *audit,
        machine);
    agent::Listener api(io, orDie(agent::listenOn(apiSocket(), 0666)),
                        {agent::Peer::kApi, ::geteuid()}, dispatcher);
    agent::Listener admin(io, orDie(agent::listenOn(adminSocket(), 0600)),
                          {agent::Peer::kAdmin, ::geteuid()}, dispatcher);
    if (::write(readyFd, "r", 1) != 1) ::_exit(1);
    io.unixEventPort.onSignal(SIGTERM).wait(io.waitScope);
    api.stop();
    admin.stop();
    dispatcher.drain().wait(io.waitScope);
    ::_exit(0);
  } catch (...) {
    ::_exit(1);
  }
}

void TestAgent::kill() {
  if (pid_ < 0) return;
  (void)::kill(pid_, SIGKILL);
  (void)::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

int TestAgent::stop() {
  int status = -1;
  (void)::kill(pid_, SIGTERM);
  (void)::waitpid(pid_, &status, 0);
  pid_ = -1;
  return status;
}

bool TestAgent::alive() const { return pid_ > 0 && ::waitpid(pid_, nullptr, WNOHANG) == 0; }

std::vector<AuditLine> TestAgent::records() const {
  std::vector<AuditLine> records;
  const auto segments = listSegments(auditDirectory());
  if (!segments.ok()) return records;
  for (const auto& segment : *segments) {
    std::ifstream file(auditDirectory() + "/" + segment.name);
    for (std::string line; std::getline(file, line);) {
      auto record = parseAuditLine(line);
      if (record.ok()) records.push_back(std::move(*record));
    }
  }
  return records;
}

bool TestAgent::hasRecord(const std::function<bool(const AuditLine&)>& wanted) const {
  for (int i = 0; i < kPolls; ++i) {
    for (const auto& record : records())
      if (wanted(record)) return true;
    ::usleep(kPollPause);
  }
  return false;
}

TestClient::TestClient(const std::string& socketPath)
    : io_(kj::setupAsyncIo()),
      stream_(io_.provider->getNetwork()
                  .parseAddress(("unix:" + socketPath).c_str())
                  .wait(io_.waitScope)
                  ->connect()
                  .wait(io_.waitScope)),
      client_(*stream_),
      agent_(client_.bootstrap().castAs<rpc::Agent>()) {}

bool TestClient::disconnected() {
  return client_.onDisconnect()
      .then([] { return true; })
      .exclusiveJoin(timer().afterDelay(2 * kj::SECONDS).then([] { return false; }))
      .wait(scope());
}

Fd connectTo(const std::string& socketPath) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, socketPath.c_str(), socketPath.size() + 1);
  Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    socket.reset();
  return socket;
}

}  // namespace bulkhead::testing
