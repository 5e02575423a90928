// The gate through real sockets: what an honest peer gets, and what every other one runs into.
#include <grp.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <gtest/gtest.h>

#include "common/audit/chain.h"
#include "tests/support/test_agent.h"

namespace bulkhead::agent {
namespace {

using bulkhead::testing::TestAgent;
using bulkhead::testing::TestAgentOptions;
using bulkhead::testing::TestClient;

std::string usernameOf(capnp::DynamicStruct::Reader params) {
  return std::string(view(params.get("username").as<capnp::Text>()));
}

// What "account.create" does here depends on the name; "acted-NAME" in the directory shows that it
// ran.
struct Deeds {
  std::string* directory;
  Result<Proof> operator()(capnp::DynamicStruct::Reader params,
                           capnp::DynamicStruct::Builder reply,
                           Host&) const {
    const std::string name = usernameOf(params);
    std::ofstream(*directory + "/acted-" + name) << ::getpid();
    if (name == "refuse") return Error{Code::kConflict, "the account is suspended", "username"};
    if (name == "throw") throw std::runtime_error("secret text of a fault");
    if (name == "crash") ::abort();
    if (name.starts_with("slow")) ::usleep(400000);
    if (name == "stuck") ::sleep(60);
    reply.set("username", name.c_str());
    return Proof{{"passwd entry", name}};
  }
};

class AgentGate : public ::testing::Test {
 protected:
  AgentGate() {
    OpEntry create{"accountCreate",
                   [](capnp::DynamicStruct::Reader params, Host& host) -> Result<Ok> {
                     return host.makeDirectory("/etc/" + usernameOf(params), {});
                   },
                   Deeds{&directory_}};
    OpEntry get{"accountGet",
                [](capnp::DynamicStruct::Reader, Host&) -> Result<Ok> { return Ok{}; },
                [](capnp::DynamicStruct::Reader params, capnp::DynamicStruct::Builder reply,
                   Host&) -> Result<Proof> {
                  if (usernameOf(params) == "throw") throw std::runtime_error("secret text");
                  if (usernameOf(params) == "absent")
                    return Error{Code::kNotFound, "no such account", ""};
                  reply.set("username", usernameOf(params).c_str());
                  return Proof{};
                }};
    OpEntry quota{"quotaSet",
                  [](capnp::DynamicStruct::Reader params, Host& host) -> Result<Ok> {
                    if (!host.inspect("/etc/" + usernameOf(params)).ok())
                      return Error{Code::kNotFound, "no such account", ""};
                    return host.makeDirectory("/etc/" + usernameOf(params) + "/q", {});
                  },
                  [](capnp::DynamicStruct::Reader, capnp::DynamicStruct::Builder,
                     Host&) -> Result<Proof> { return Proof{}; }};
    OpEntry inspect{"hostInspect",
                    [](capnp::DynamicStruct::Reader, Host&) -> Result<Ok> { return Ok{}; },
                    [](capnp::DynamicStruct::Reader, capnp::DynamicStruct::Builder reply,
                       Host&) -> Result<Proof> {
                      reply.set("hostname", "worker");
                      return Proof{};
                    }};
    TestAgentOptions options{{create, get, quota, inspect}, [](PolicyRules& rules) {
                               rules.at("quota.set").peers = {Peer::kAdmin};
                               rules.at("host.inspect").perMinute = 2;
                             }};
    agent_ = std::make_unique<TestAgent>(options);
    agent_->kill();
    directory_ = agent_->directory();  // known to the operations of the process that starts now
    agent_->start();
  }

  using CreateResult = capnp::Response<rpc::Reply<rpc::Account>>;
  CreateResult create(TestClient& client, const std::string& name, bool dryRun = false) {
    auto request = client.agent().accountCreateRequest();
    request.initParams().setUsername(name.c_str());
    request.getContext().setRequestId("req-" + name);
    request.getContext().setActor("admin:root");
    request.getContext().setDryRun(dryRun);
    return request.send().wait(client.scope());
  }
  bool acted(const std::string& name) const {
    struct stat info {};
    return ::stat((agent_->directory() + "/acted-" + name).c_str(), &info) == 0;
  }
  bool denied(const std::string& op, const std::string& part) const {
    return agent_->hasRecord([&](const AuditLine& record) {
      return record.kind == "deny" && record.op == op &&
             record.message.find(part) != std::string::npos;
    });
  }
  void expectServing() {
    TestClient client(agent_->apiSocket());
    auto request = client.agent().accountGetRequest();
    request.initParams().setUsername("alice");
    EXPECT_TRUE(request.send().wait(client.scope()).isOk());
  }

  std::string directory_;
  std::unique_ptr<TestAgent> agent_;
};

TEST_F(AgentGate, PerformsAMutationBetweenTwoDurableRecords) {
  TestClient client(agent_->apiSocket());
  const auto reply = create(client, "alice");
  ASSERT_TRUE(reply.isOk());
  EXPECT_EQ(std::string(reply.getOk().getUsername().cStr()), "alice");
  ASSERT_EQ(reply.getEvidence().size(), 1U);
  EXPECT_EQ(std::string(reply.getEvidence()[0].getDetail().cStr()), "alice");
  EXPECT_EQ(reply.getExternalMicros(), 42U);
  const auto records = agent_->records();
  ASSERT_GE(records.size(), 3U);
  const auto& outcome = records.back();
  const auto& intent = records[records.size() - 2];
  EXPECT_EQ(intent.kind, "intent");
  EXPECT_EQ(intent.seq, reply.getAuditSeq());
  EXPECT_EQ(intent.op, "account.create");
  EXPECT_EQ(intent.account, "alice");
  EXPECT_EQ(intent.requestId, "req-alice");
  EXPECT_EQ(intent.actor, "admin:root");
  EXPECT_EQ(outcome.kind, "outcome");
  EXPECT_EQ(outcome.opId, intent.opId);
  EXPECT_EQ(outcome.code, "ok");
  EXPECT_FALSE(verifyAudit(agent_->auditDirectory())->finding.has_value());
}

TEST_F(AgentGate, RunsAMutationInAnotherProcess) {
  TestClient client(agent_->apiSocket());
  ASSERT_TRUE(create(client, "alice").isOk());
  pid_t pid = 0;
  std::ifstream(agent_->directory() + "/acted-alice") >> pid;
  EXPECT_GT(pid, 0);
  EXPECT_NE(pid, agent_->pid());
}

TEST_F(AgentGate, PassesATypedRefusalOnAndRecordsIt) {
  TestClient client(agent_->apiSocket());
  const auto reply = create(client, "refuse");
  ASSERT_TRUE(reply.isError());
  EXPECT_EQ(std::string(reply.getError().getCode().cStr()), "conflict");
  EXPECT_EQ(std::string(reply.getError().getField().cStr()), "username");
  EXPECT_EQ(agent_->records().back().code, "conflict");
}

TEST_F(AgentGate, HidesFaultsOfAnOperation) {
  TestClient client(agent_->apiSocket());
  for (const char* name : {"throw", "crash"}) {
    const auto reply = create(client, name);
    ASSERT_TRUE(reply.isError()) << name;
    EXPECT_EQ(std::string(reply.getError().getCode().cStr()), "internal");
    EXPECT_EQ(std::string(reply.getError().getMessage().cStr()),
              "the operation failed inside the agent");
    EXPECT_EQ(agent_->records().back().kind, "outcome");
    EXPECT_EQ(agent_->records().back().code, "internal");
  }
  auto request = client.agent().accountGetRequest();
  request.initParams().setUsername("throw");
  const auto reply = request.send().wait(client.scope());
  ASSERT_TRUE(reply.isError());
  EXPECT_EQ(std::string(reply.getError().getMessage().cStr()),
            "the operation failed inside the agent");
}

TEST_F(AgentGate, AnswersReadsWithoutRecords) {
  TestClient client(agent_->apiSocket());
  const auto before = agent_->records().size();
  auto get = client.agent().accountGetRequest();
  get.initParams().setUsername("alice");
  EXPECT_EQ(std::string(get.send().wait(client.scope()).getOk().getUsername().cStr()), "alice");
  get = client.agent().accountGetRequest();
  get.initParams().setUsername("absent");
  EXPECT_EQ(std::string(get.send().wait(client.scope()).getError().getCode().cStr()), "not_found");
  EXPECT_EQ(std::string(client.agent()
                            .hostInspectRequest()
                            .send()
                            .wait(client.scope())
                            .getOk()
                            .getHostname()
                            .cStr()),
            "worker");
  EXPECT_EQ(agent_->records().size(), before);
}

TEST_F(AgentGate, PreviewsWithoutActing) {
  TestClient client(agent_->apiSocket());
  const auto reply = create(client, "alice", /*dryRun=*/true);
  ASSERT_TRUE(reply.isPreview());
  ASSERT_EQ(reply.getPreview().size(), 1U);
  EXPECT_EQ(std::string(reply.getPreview()[0].getTarget().cStr()), "makeDirectory /etc/alice");
  EXPECT_FALSE(acted("alice"));
  EXPECT_EQ(agent_->records().back().kind, "preview");
}

TEST_F(AgentGate, PreviewsALaterStepForAnAccountThatIsAssumed) {
  TestClient client(agent_->adminSocket());
  for (const bool assume : {false, true}) {
    auto request = client.agent().quotaSetRequest();
    request.initParams().setUsername("alice");
    request.getContext().setDryRun(true);
    request.getContext().setAssumeAccount(assume);
    const auto reply = request.send().wait(client.scope());
    EXPECT_EQ(reply.isPreview(), assume);
    if (assume) {
      ASSERT_EQ(reply.getPreview().size(), 1U) << "only its own changes";
      EXPECT_EQ(std::string(reply.getPreview()[0].getTarget().cStr()),
                "makeDirectory /etc/alice/q");
    }
  }
}

TEST_F(AgentGate, RunsOneMutationOfAnAccountAtATime) {
  TestClient client(agent_->apiSocket());
  auto first = client.agent().accountCreateRequest();
  first.initParams().setUsername("slow1");
  auto second = client.agent().accountCreateRequest();
  second.initParams().setUsername("slow1");
  auto one = first.send();
  auto two = second.send();
  EXPECT_TRUE(one.wait(client.scope()).isOk());
  EXPECT_TRUE(two.wait(client.scope()).isOk());
  const auto records = agent_->records();
  ASSERT_GE(records.size(), 4U);
  std::vector<std::string> kinds;
  for (std::size_t i = records.size() - 4; i < records.size(); ++i)
    kinds.push_back(records[i].kind);
  EXPECT_EQ(kinds, (std::vector<std::string>{"intent", "outcome", "intent", "outcome"}));
}

TEST_F(AgentGate, FinishesAMutationWhoseCallerHangsUp) {
  {
    TestClient client(agent_->apiSocket());
    auto request = client.agent().accountCreateRequest();
    request.initParams().setUsername("slow2");
    auto ignored = request.send();
    client.pump();
    ASSERT_TRUE(agent_->hasRecord([](const auto& record) { return record.kind == "intent"; }));
  }
  EXPECT_TRUE(agent_->hasRecord([](const auto& record) {
    return record.kind == "outcome" && record.account == "slow2" && record.code == "ok";
  }));
}

TEST_F(AgentGate, FinishesRunningMutationsBeforeItEnds) {
  TestClient client(agent_->apiSocket());
  auto request = client.agent().accountCreateRequest();
  request.initParams().setUsername("slow3");
  auto ignored = request.send();
  client.pump();
  ASSERT_TRUE(agent_->hasRecord([](const auto& record) { return record.kind == "intent"; }));
  EXPECT_EQ(agent_->stop(), 0);
  EXPECT_EQ(agent_->records().back().kind, "outcome");
}

TEST_F(AgentGate, RecordsAnActThatKillInterrupted) {
  {
    TestClient client(agent_->apiSocket());
    auto request = client.agent().accountCreateRequest();
    request.initParams().setUsername("stuck");
    auto ignored = request.send();
    client.pump();
    ASSERT_TRUE(agent_->hasRecord([](const auto& record) { return record.kind == "intent"; }));
    agent_->kill();
  }
  agent_->start();
  const auto records = agent_->records();
  EXPECT_EQ(records.back().kind, "recover");
  EXPECT_EQ(records.back().op, "account.create");
  EXPECT_EQ(records.back().account, "stuck");
  EXPECT_FALSE(verifyAudit(agent_->auditDirectory())->finding.has_value());
}

TEST_F(AgentGate, DeniesWhatThePolicyDeniesNamesTheRuleAndHangsUp) {
  TestClient client(agent_->apiSocket());
  auto request = client.agent().quotaSetRequest();
  request.initParams().setUsername("alice");
  const auto reply = request.send().wait(client.scope());
  ASSERT_TRUE(reply.isError());
  EXPECT_EQ(std::string(reply.getError().getCode().cStr()), "permission_denied");
  EXPECT_NE(std::string(reply.getError().getMessage().cStr()).find("rule test.json:quota.set"),
            std::string::npos);
  EXPECT_TRUE(client.disconnected());
  EXPECT_TRUE(denied("quota.set", "rule test.json:quota.set"));
}

TEST_F(AgentGate, TellsWhoIsTooFastAndGoesOn) {
  TestClient client(agent_->apiSocket());
  std::string code;
  for (int i = 0; i < 3; ++i) {
    const auto reply = client.agent().hostInspectRequest().send().wait(client.scope());
    code = reply.isError() ? reply.getError().getCode().cStr() : "ok";
  }
  EXPECT_EQ(code, "busy");
  EXPECT_TRUE(denied("host.inspect", "calls a minute"));
  auto get = client.agent().accountGetRequest();
  get.initParams().setUsername("alice");
  EXPECT_TRUE(get.send().wait(client.scope()).isOk());
}

TEST_F(AgentGate, HangsUpOnAnUnknownMethod) {
  for (const auto& [interfaceId, method] :
       {std::pair<std::uint64_t, std::uint16_t>{capnp::typeId<rpc::Agent>(), 999},
        {0x1234567812345678, 0},
        {capnp::typeId<rpc::Agent>(), 22}}) {  // in the schema, but no operation here
    TestClient client(agent_->apiSocket());
    auto request =
        capnp::Capability::Client(client.agent()).typelessRequest(interfaceId, method, nullptr);
    EXPECT_ANY_THROW(request.send().wait(client.scope()));
    EXPECT_TRUE(client.disconnected());
    EXPECT_TRUE(denied("call", "no such method"));
  }
  expectServing();
}

TEST_F(AgentGate, HangsUpOnAnOversizeMessage) {
  {
    TestClient client(agent_->apiSocket());
    EXPECT_ANY_THROW(create(client, std::string(200000, 'x')));
    EXPECT_TRUE(client.disconnected());
  }
  EXPECT_TRUE(denied("message", "too large"));
  expectServing();
}

TEST_F(AgentGate, HangsUpOnDeepNestingThatNoFieldUses) {
  {
    TestClient client(agent_->apiSocket());
    auto request = capnp::Capability::Client(client.agent())
                       .typelessRequest(capnp::typeId<rpc::Agent>(), 1, nullptr);
    // Lists in lists, where the schema knows nothing, 40 levels deep.
    capnp::MallocMessageBuilder message;
    auto at = message.getRoot<capnp::AnyPointer>();
    for (int i = 0; i < 40; ++i)
      at = at.initAsListOfAnyStruct(0, 1, 1)[0].getPointerSection()[0];
    request.set(message.getRoot<capnp::AnyPointer>().asReader());
    EXPECT_ANY_THROW(request.send().wait(client.scope()));
    EXPECT_TRUE(client.disconnected());
  }
  EXPECT_TRUE(denied("call", "nested too deeply"));
  expectServing();
}

TEST_F(AgentGate, HangsUpOnGarbage) {
  const std::string garbage[] = {
      "GET / HTTP/1.1\r\nHost: x\r\n\r\n", std::string(4096, '\xff'),
      std::string("\x00\x00\x00\x00\xff\xff\xff\x0f", 8),
      std::string("\x00\x00\x00\x00\x01\x00\x00\x00\xfb\xff\xff\xff\x00\x00\x01\x00", 16)};
  std::size_t expected = 0;
  for (const auto& bytes : garbage) {
    const Fd socket = bulkhead::testing::connectTo(agent_->apiSocket());
    ASSERT_TRUE(socket.valid());
    ASSERT_EQ(::write(socket.get(), bytes.data(), bytes.size()),
              static_cast<ssize_t>(bytes.size()));
    char answer[4096];
    while (::read(socket.get(), answer, sizeof answer) > 0) {
    }
    ++expected;
    EXPECT_TRUE(agent_->hasRecord([&](const auto&) {
      std::size_t count = 0;
      for (const auto& record : agent_->records())
        if (record.op == "message" && record.kind == "deny") ++count;
      return count == expected;
    })) << expected;
  }
  expectServing();
}

TEST_F(AgentGate, SurvivesAThousandConnectionsAndCapsThem) {
  std::vector<Fd> sockets;
  for (int i = 0; i < 1000; ++i) {
    sockets.push_back(bulkhead::testing::connectTo(agent_->apiSocket()));
    if (!sockets.back()) sockets.pop_back();
  }
  EXPECT_TRUE(denied("connection", "too many connections"));
  sockets.clear();
  ::usleep(200000);
  expectServing();
}

TEST_F(AgentGate, RefusesAnotherUid) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    if (::setgroups(0, nullptr) != 0 || ::setgid(65534) != 0 || ::setuid(65534) != 0) ::_exit(2);
    const Fd socket = bulkhead::testing::connectTo(agent_->apiSocket());
    char byte = 0;
    ::_exit(socket && ::read(socket.get(), &byte, 1) == 0 ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0) << "connected and was hung up on";
  EXPECT_TRUE(denied("connection", "uid 65534 may not use this socket"));
  expectServing();
}

TEST_F(AgentGate, ActsNotWhenItCannotRecord) {
  const auto segments = listSegments(agent_->auditDirectory());
  const std::string last = agent_->auditDirectory() + "/" + segments->back().name;
  // No file of the agent may grow: what a full disk does, for this one process.
  struct rlimit limit {};
  ASSERT_EQ(::prlimit(agent_->pid(), RLIMIT_FSIZE, nullptr, &limit), 0);
  struct stat info {};
  ASSERT_EQ(::stat(last.c_str(), &info), 0);
  const struct rlimit tight { static_cast<rlim_t>(info.st_size), limit.rlim_max };
  ASSERT_EQ(::prlimit(agent_->pid(), RLIMIT_FSIZE, &tight, nullptr), 0);
  TestClient client(agent_->apiSocket());
  const auto reply = create(client, "alice");
  ASSERT_TRUE(reply.isError());
  EXPECT_EQ(std::string(reply.getError().getCode().cStr()), "audit_unavailable");
  EXPECT_FALSE(acted("alice"));
  ASSERT_EQ(::prlimit(agent_->pid(), RLIMIT_FSIZE, &limit, nullptr), 0);
  EXPECT_TRUE(create(client, "alice").isOk()) << "works again when there is space";
  EXPECT_FALSE(verifyAudit(agent_->auditDirectory())->finding.has_value());
}

}  // namespace
}  // namespace bulkhead::agent
