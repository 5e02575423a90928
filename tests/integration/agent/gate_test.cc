// The gate through real sockets: what an honest peer gets.
#include <vector>

#include "tests/integration/agent/gate_scene.h"

namespace bulkhead::agent {
namespace {

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

TEST_F(AgentGate, ChangesNothingForThePanelWhileItIsLockedDownAndGoesOnForRoot) {
  lockDown();
  {
    TestClient client(agent_->apiSocket());
    const auto refused = create(client, "alice");
    ASSERT_TRUE(refused.isError());
    EXPECT_EQ(std::string(refused.getError().getCode().cStr()), "unavailable");
    EXPECT_NE(std::string(refused.getError().getMessage().cStr()).find("bulkhead lockdown off"),
              std::string::npos);
    EXPECT_FALSE(acted("alice"));
    EXPECT_TRUE(denied("account.create", "rule lockdown"));
    EXPECT_TRUE(create(client, "bob", /*dryRun=*/true).isPreview()) << "nothing is changed by it";
    auto read = client.agent().accountGetRequest();
    read.initParams().setUsername("alice");
    EXPECT_TRUE(read.send().wait(client.scope()).isOk());
  }
  TestClient root(agent_->adminSocket());
  EXPECT_TRUE(create(root, "alice").isOk());
  EXPECT_TRUE(acted("alice"));
}

TEST_F(AgentGate, RefusesWhatHasWaitedSinceBeforeALockdown) {
  TestClient client(agent_->apiSocket());
  const auto send = [&client] {
    auto request = client.agent().accountCreateRequest();
    request.initParams().setUsername("slow");
    return request.send();
  };
  auto first = send();
  auto second = send();  // waits for the account's lock
  for (int i = 0; i < 50 && !acted("slow"); ++i)
    client.timer().afterDelay(20 * kj::MILLISECONDS).wait(client.scope());
  ASSERT_TRUE(acted("slow"));
  lockDown();
  EXPECT_TRUE(first.wait(client.scope()).isOk()) << "what has begun is done to its end";
  EXPECT_TRUE(second.wait(client.scope()).isError());
  EXPECT_TRUE(denied("account.create", "rule lockdown"));
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

}  // namespace
}  // namespace bulkhead::agent
