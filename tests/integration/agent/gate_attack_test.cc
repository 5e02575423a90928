// The gate through real sockets: what strangers, liars and full disks run into.
#include <grp.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <vector>

#include <capnp/message.h>
#include <capnp/serialize.h>

#include "agent/policy/quarantine.h"
#include "tests/integration/agent/gate_scene.h"

namespace bulkhead::agent {
namespace {

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

TEST_F(AgentGate, GivesNoNameToOrFromAnAccountThatIsDeniedSomething) {
  for (const auto& [from, to] : {std::pair{"carol", "dave"}, {"dave", "carol"}}) {
    TestClient client(agent_->apiSocket());
    auto request = client.agent().accountRenameRequest();
    request.initParams().setUsername(from);
    request.getParams().setNewName(to);
    const auto reply = request.send().wait(client.scope());
    ASSERT_TRUE(reply.isError()) << from;
    EXPECT_EQ(std::string(reply.getError().getCode().cStr()), "permission_denied");
    EXPECT_FALSE(acted(from));
  }
  EXPECT_TRUE(denied("account.rename", "rule test.json:account.delete: account \"carol\""));
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

TEST_F(AgentGate, ChangesNothingForAServerThatKeepsAskingForWhatItMayNot) {
  for (std::uint32_t i = 0; i <= Quarantine::kTrespassesPerMinute; ++i) {
    TestClient client(agent_->apiSocket());
    EXPECT_TRUE(create(client, "name" + std::to_string(i)).isOk()) << "trespasses: " << i;
    auto request = client.agent().quotaSetRequest();
    request.initParams().setUsername("alice");
    EXPECT_TRUE(request.send().wait(client.scope()).isError());
  }
  EXPECT_TRUE(denied("quarantine", "bulkhead lockdown on"));
  {
    TestClient client(agent_->apiSocket());
    const auto refused = create(client, "alice");
    ASSERT_TRUE(refused.isError());
    EXPECT_EQ(std::string(refused.getError().getCode().cStr()), "unavailable");
    EXPECT_FALSE(acted("alice"));
    EXPECT_TRUE(denied("account.create", "rule quarantine"));
    auto read = client.agent().accountGetRequest();
    read.initParams().setUsername("alice");
    EXPECT_TRUE(read.send().wait(client.scope()).isOk());
  }
  TestClient root(agent_->adminSocket());
  EXPECT_TRUE(create(root, "alice").isOk());
}

// A tenant who is denied something can ask for it as often as he likes.
TEST_F(AgentGate, IsNotClosedByWhatATenantIsDenied) {
  for (std::uint32_t i = 0; i <= 2 * Quarantine::kTrespassesPerMinute; ++i) {
    TestClient client(agent_->apiSocket());
    auto request = client.agent().accountRenameRequest();
    request.initParams().setUsername("carol");
    request.getParams().setNewName("dave");
    EXPECT_TRUE(request.send().wait(client.scope()).isError());
  }
  TestClient client(agent_->apiSocket());
  EXPECT_TRUE(create(client, "alice").isOk());
}

// The API's calls keep all of its workers busy, wait for more of them and for one service; the one
// that holds the service waits for a worker too.
TEST_F(AgentGate, LetsRootChangeThingsWhileTheApiKeepsAllOfItsOwnPlacesBusy) {
  constexpr int kReads = 46;  // 16 at a time, a second each
  constexpr int kChanges = 18;
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();  // one event loop a process
  ASSERT_GE(child, 0);
  if (child == 0) {
    TestClient api(agent_->apiSocket());
    std::vector<kj::Promise<void>> calls;
    for (int i = 0; i < kReads; ++i) {
      auto request = api.agent().quotaGetRequest();
      request.initParams().setUsername(("read" + std::to_string(i)).c_str());
      calls.push_back(request.send().ignoreResult().eagerlyEvaluate(nullptr));
    }
    for (int i = 0; i < kChanges; ++i) {
      auto request = api.agent().accountCreateRequest();
      request.initParams().setUsername(("slow" + std::to_string(i)).c_str());
      calls.push_back(request.send().ignoreResult().eagerlyEvaluate(nullptr));
    }
    auto request = api.agent().accountCreateRequest();
    request.initParams().setUsername("one-too-many");
    const auto reply = request.send().wait(api.scope());
    const bool busy = reply.isError() && reply.getError().getCode() == "busy";
    (void)!::write(ready[1], busy ? "x" : "?", 1);
    for (auto& call : calls)
      call.wait(api.scope());
    ::_exit(0);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_EQ(byte, 'x') << "the API's places are not taken";
  {
    TestClient root(agent_->adminSocket());
    EXPECT_TRUE(create(root, "roots").isOk());
    EXPECT_TRUE(acted("roots"));
    EXPECT_TRUE(acted("slow0")) << "nothing held what root needs";
    EXPECT_FALSE(acted("slow" + std::to_string(kChanges - 1))) << "root was served in order";
    EXPECT_FALSE(acted("read" + std::to_string(kReads - 1)))
        << "who held what root needs was served in order";
  }
  ::kill(child, SIGKILL);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_FALSE(acted("one-too-many"));
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
