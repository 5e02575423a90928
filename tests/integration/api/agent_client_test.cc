// The real client against a real Cap'n Proto server in another process: every operation, and every
// way in which a server fails.
#include "api/agent_client/agent_client.h"

#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <future>
#include <thread>

#include <gtest/gtest.h>

#include "common/os/fd.h"
#include "common/types/host_names.h"
#include "tests/paths.h"
#include "tests/support/temp_dir.h"

namespace bulkhead::api {
namespace {

using std::chrono::milliseconds;

class AgentClientTest : public ::testing::Test {
 protected:
  void startServer() {
    const std::string program = BULKHEAD_BINARY_DIR "/tests/echo_agent";
    std::string socket = path();
    char* arguments[] = {const_cast<char*>(program.c_str()), socket.data(),
                         nullptr};  // NOLINT: posix_spawn's type
    char* environment[] = {nullptr};
    ::unlink(socket.c_str());
    ASSERT_EQ(::posix_spawn(&server_, program.c_str(), nullptr, nullptr, arguments, environment),
              0);
    for (int i = 0; i < 500 && !listens(); ++i)
      std::this_thread::sleep_for(milliseconds(10));
  }
  // The file is there before anybody listens on it.
  bool listens() const {
    const Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path().copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
    return ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  void killServer() {
    if (server_ == 0) return;
    ::kill(server_, SIGKILL);
    ::waitpid(server_, nullptr, 0);
    server_ = 0;
  }
  void TearDown() override { killServer(); }
  AgentClient::Options options() const { return {path(), milliseconds(5000), milliseconds(3000)}; }
  std::string path() const { return dir_.path() + "/agent.sock"; }
  static ask::AccountGet get(const char* name) { return {name}; }
  static ask::HookRun renamedDomainHook() {
    ask::HookRun hook;
    hook.event = ask::HookEvent::kDomainRenamed;
    hook.username = "a";
    hook.oldDomain = "a.example";
    hook.domain = "b.example";
    return hook;
  }
  testing::TempDir dir_;
  pid_t server_ = 0;
};

TEST_F(AgentClientTest, CarriesParametersContextValuesAndEvidence) {
  startServer();
  AgentClient client(options());
  CallContext context{"01REQ", "admin:alice", "00-trace", false, false, {}};
  const auto reply = client.call(context, ask::AccountCreate{"alice", 150, 1 << 30, 99});
  ASSERT_TRUE(reply.ok());
  EXPECT_FALSE(reply->refusal.has_value());
  const auto& account = std::get<AgentAccount>(reply->value);
  EXPECT_EQ(account.uid, 20001U);
  EXPECT_EQ(account.home, "/home/alice");
  EXPECT_EQ(account.state, AgentAccountState::kActive);
  EXPECT_EQ(reply->auditSeq, 42U);
  EXPECT_EQ(reply->externalMicros, 7U);
  ASSERT_EQ(reply->evidence.size(), 1U);
  EXPECT_EQ(reply->evidence[0].check, "accountCreate");
  for (const char* part :
       {"requestId = \"01REQ\"", "actor = \"admin:alice\"", "traceparent = \"00-trace\"",
        "username = \"alice\"", "cpuPercent = 150", "memoryBytes = 1073741824", "tasks = 99"})
    EXPECT_NE(reply->evidence[0].detail.find(part), std::string::npos)
        << part << " in " << reply->evidence[0].detail;
}

TEST_F(AgentClientTest, SpeaksEveryOperationOfTheContract) {
  startServer();
  AgentClient client(options());
  const AgentRequest all[] = {
      ask::HostInspect{},
      ask::AccountCreate{"a", 1, 2, 3},
      ask::AccountGet{"a"},
      ask::AccountList{"a", 9},
      ask::AccountSuspend{"a"},
      ask::AccountUnsuspend{"a"},
      ask::AccountDelete{"a"},
      ask::LimitsSet{"a", 1, 2, 3},
      ask::QuotaSet{"a", 1, 2},
      ask::QuotaGet{"a"},
      ask::EngineEnsure{"a"},
      ask::EngineRemove{"a"},
      ask::EngineStatus{"a"},
      ask::ServiceApply{"a", "web", 1, 2, 40000},
      ask::ServiceRemove{"a", "web"},
      ask::ServiceList{"a"},
      ask::SiteApply{"a", "a.example", {"b.example"}, ask::SiteMode::kSuspended},
      ask::SiteRemove{"a", "a.example"},
      ask::FirewallSetup{},
      ask::FirewallOpen{"a", 40000},
      ask::FirewallClose{"a", 40000},
      ask::FirewallList{"a"},
      ask::AccountRename{"a", "b"},
      ask::SiteRename{"a", "a.example", "b.example"},
      ask::HookList{},
      renamedDomainHook(),
      ask::LvectlApply{"a"},
      ask::LvectlForget{"p"},
      ask::CpapiPublish{"a", "a.example"},
      ask::PhpList{},
      ask::DbmapWrite{"a", {"a_wp"}},
      ask::CloudlinuxStatus{},
      ask::AuditList{7, 9, "a", "r", "k"},
      ask::AuditAnchor{},
      ask::LockdownOn{},
      ask::LockdownStatus{}};
  EXPECT_EQ(std::size(all), std::variant_size_v<AgentRequest>);
  std::set<std::string> methods;
  for (const AgentRequest& request : all) {
    const auto reply = client.call({}, request);
    ASSERT_TRUE(reply.ok() && !reply->refusal.has_value()) << describe(request);
    ASSERT_EQ(reply->evidence.size(), 1U);
    std::string method(operationName(request));  // "account.create" is the method accountCreate
    method.replace(method.find('.'), 2, 1,
                   static_cast<char>(std::toupper(method[method.find('.') + 1])));
    EXPECT_EQ(reply->evidence[0].check, method);
    methods.insert(method);
  }
  EXPECT_EQ(methods.size(), std::size(all));
  EXPECT_EQ(std::get<AgentQuota>(client.call({}, ask::QuotaGet{"a"})->value).usedBytes, 12345U);
  EXPECT_EQ(std::get<AgentEngine>(client.call({}, ask::EngineStatus{"a"})->value).state, "running");
  EXPECT_EQ(std::get<AgentSite>(client.call({}, all[16])->value).mode, ask::SiteMode::kSuspended);
  EXPECT_EQ(std::get<AgentAudit>(client.call({}, ask::AuditList{})->value).records.back(),
            "{\"seq\":1}");
}

TEST_F(AgentClientTest, ReturnsARefusalAsAValueAndADryRunAsChanges) {
  startServer();
  AgentClient client(options());
  const auto refused = client.call({}, get("refused"));
  ASSERT_TRUE(refused.ok());
  ASSERT_TRUE(refused->refusal.has_value());
  EXPECT_EQ(refused->refusal->code, Code::kAlreadyExists);
  EXPECT_EQ(refused->refusal->message, "not ours");
  EXPECT_EQ(refused->refusal->field, "username");
  CallContext dry;
  dry.dryRun = true;
  dry.assumeAccount = true;
  const auto preview = client.call(dry, ask::EngineEnsure{"alice"});
  ASSERT_EQ(preview->preview.size(), 1U);
  EXPECT_EQ(preview->preview[0].operation, "engine.ensure");
  EXPECT_EQ(preview->preview[0].kind, "run");
  EXPECT_NE(preview->preview[0].target.find("assumeAccount = true"), std::string::npos);
}

TEST_F(AgentClientTest, SaysUnavailableWhenNobodyListens) {
  AgentClient client(options());
  EXPECT_EQ(client.call({}, get("alice")).error().code, Code::kUnavailable);
  EXPECT_EQ(client.reachable().error().message, "the agent is not running");
  startServer();
  killServer();  // the socket file is left behind
  EXPECT_EQ(client.call({}, get("alice")).error().code, Code::kUnavailable);
}

TEST_F(AgentClientTest, SaysUnavailableWhenTheAgentDiesInTheMiddleAndReconnects) {
  startServer();
  AgentClient client(options());
  EXPECT_TRUE(client.reachable().ok());
  const auto died = client.call({}, get("die"));
  ASSERT_FALSE(died.ok());
  EXPECT_EQ(died.error().code, Code::kUnavailable);
  EXPECT_EQ(died.error().message, "the agent went away before it answered");
  EXPECT_FALSE(client.reachable().ok());
  killServer();
  startServer();
  EXPECT_TRUE(client.reachable().ok());
  EXPECT_TRUE(client.call({}, get("alice")).ok());
}

TEST_F(AgentClientTest, NoticesAnAgentThatWasReplacedBetweenTwoCalls) {
  startServer();
  AgentClient client(options());
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(client.call({}, get("alice")).ok());
    killServer();
    startServer();
    std::this_thread::sleep_for(milliseconds(50));
  }
  EXPECT_TRUE(client.call({}, get("alice")).ok());
}

TEST_F(AgentClientTest, GivesUpOnASilentAgentAndGoesOn) {
  startServer();
  AgentClient client(options());
  CallContext context;
  context.patience = milliseconds(100);
  const auto late = client.call(context, get("silent"));
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code, Code::kTimeout);
  EXPECT_TRUE(client.call({}, get("slow")).ok());  // slow is not silent
}

TEST_F(AgentClientTest, NeverShowsWhatTheAgentThrew) {
  startServer();
  AgentClient client(options());
  const auto thrown = client.call({}, get("throw"));
  ASSERT_FALSE(thrown.ok());
  EXPECT_EQ(thrown.error().code, Code::kInternal);
  EXPECT_EQ(thrown.error().message, "the agent could not handle the call");
}

TEST_F(AgentClientTest, SendsNoMessageThatTheAgentWouldHangUpOn) {
  startServer();
  AgentClient client(options());
  const auto map = [](std::size_t users) {
    const std::string longest(DatabaseUserName::kMaxLength, 'u');  // 6 words in a message
    return ask::DbmapWrite{"alice", std::vector<std::string>(users, longest)};
  };
  EXPECT_TRUE(client.call({}, map(DatabaseUserName::kPerAccountMax)).ok());
  const auto refused = client.call({}, map(2800));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::kLimitExceeded);
  EXPECT_EQ(refused.error().message, "dbmap.write: more than the agent takes in one message");
}

TEST_F(AgentClientTest, ServesManyThreadsWhileOthersWait) {
  startServer();
  AgentClient client(options());
  CallContext patient;
  patient.patience = milliseconds(2000);
  auto silent = std::async(std::launch::async,
                           [&] { return client.call(patient, get("silent")).error().code; });
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i)
        if (client.call({}, get("alice")).ok()) ++good;
    });
  for (auto& thread : threads)
    thread.join();
  EXPECT_EQ(good, 800);
  EXPECT_EQ(silent.get(), Code::kTimeout);
}

TEST_F(AgentClientTest, StoppingEndsWaitingCallsAndRefusesLaterOnes) {
  startServer();
  AgentClient client(options());
  auto waiting =
      std::async(std::launch::async, [&] { return client.call({}, get("silent")).error().code; });
  std::this_thread::sleep_for(milliseconds(100));
  client.stop();
  EXPECT_EQ(waiting.get(), Code::kCancelled);
  EXPECT_EQ(client.call({}, get("alice")).error().code, Code::kCancelled);
  EXPECT_EQ(client.reachable().error().code, Code::kCancelled);
}

}  // namespace
}  // namespace bulkhead::api
