#include "api/agent_client/agent_port.h"

#include <gtest/gtest.h>

#include "tests/support/mock_agent.h"

namespace bulkhead::api {
namespace {

TEST(AgentPort, DescribesARequestByWhatIsSet) {
  EXPECT_EQ(describe(ask::HostInspect{}), "host.inspect");
  EXPECT_EQ(describe(ask::AccountCreate{"alice", 100, 0, 5}),
            "account.create username=alice cpu=100 tasks=5");
  EXPECT_EQ(
      describe(ask::SiteApply{"alice", "a.example", {"www.a.example"}, ask::SiteMode::kSuspended}),
      "site.apply username=alice domain=a.example alias=www.a.example mode=suspended");
  EXPECT_EQ(describe(ask::EngineEnsure{"alice"}), "engine.ensure username=alice");
  EXPECT_EQ(describe(ask::FirewallList{""}), "firewall.list");
}

TEST(AgentPort, ARefusalBecomesTheErrorForThoseWhoAskThatWay) {
  testing::MockAgent agent;
  agent.refuse("account.create", Code::kConflict, "no");
  EXPECT_EQ(askAgent(agent, {}, ask::AccountCreate{"alice", 0, 0, 0}).error().code,
            Code::kConflict);
  agent.setReachable(false);
  EXPECT_EQ(askAgent(agent, {}, ask::AccountCreate{"alice", 0, 0, 0}).error().code,
            Code::kUnavailable);
}

}  // namespace
}  // namespace bulkhead::api
