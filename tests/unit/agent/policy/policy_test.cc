#include "agent/policy/policy.h"

#include <gtest/gtest.h>

namespace bulkhead::agent {
namespace {

class PolicyDecision : public ::testing::Test {
 protected:
  PolicyDecision() {
    PolicyRule rule;
    rule.peers = {Peer::kApi};
    rule.perMinute = 3;
    rule.perAccountPerMinute = 2;
    rule.deniedAccounts = {{"carol", "policy.d/10-local.json"}};
    rule.peersFrom = rule.perMinuteFrom = "operations.json";
    rule.perAccountFrom = "policy.d/20-slow.json";
    PolicyRule rename;
    rename.peers = {Peer::kApi, Peer::kAdmin};
    rename.perAccountPerMinute = 1;
    rename.perMinute = 100;
    policy_.emplace(PolicyRules{{"account.create", rule}, {"account.rename", rename}});
  }
  Decision decide(std::string_view account,
                  Peer peer = Peer::kApi,
                  const char* op = "account.create") {
    return policy_->decide(op, peer, {std::string(account)}, now_);
  }
  std::chrono::steady_clock::time_point now_{std::chrono::hours(1)};
  std::optional<Policy> policy_;
};

TEST_F(PolicyDecision, AllowsWhatTheRuleAllowsAndNamesIt) {
  const auto decision = decide("alice");
  EXPECT_TRUE(decision.allowed);
  EXPECT_EQ(decision.rule, "operations.json:account.create");
}

TEST_F(PolicyDecision, DeniesAnOperationWithoutARule) {
  const auto decision = decide("alice", Peer::kApi, "account.destroy");
  EXPECT_FALSE(decision.allowed);
  EXPECT_EQ(decision.code, Code::kPermissionDenied);
  EXPECT_EQ(decision.rule, "default");
}

TEST_F(PolicyDecision, DeniesAnotherPeerAndNamesTheRule) {
  const auto decision = decide("alice", Peer::kAdmin);
  EXPECT_FALSE(decision.allowed);
  EXPECT_EQ(decision.code, Code::kPermissionDenied);
  EXPECT_EQ(decision.rule, "operations.json:account.create");
  EXPECT_EQ(decision.reason, "peer \"admin\" may not call account.create");
}

TEST_F(PolicyDecision, DeniesANamedAccountAndNamesTheFile) {
  const auto decision = decide("carol");
  EXPECT_FALSE(decision.allowed);
  EXPECT_EQ(decision.code, Code::kPermissionDenied);
  EXPECT_EQ(decision.rule, "policy.d/10-local.json:account.create");
}

TEST_F(PolicyDecision, NoDenialIsEscapedByAnotherName) {
  for (const auto& names : {std::vector<std::string>{"carol", "dave"}, {"dave", "carol"}}) {
    const auto decision = policy_->decide("account.rename", Peer::kApi, names, now_);
    EXPECT_FALSE(decision.allowed) << names.front();
    EXPECT_EQ(decision.code, Code::kPermissionDenied);
    EXPECT_EQ(decision.rule, "policy.d/10-local.json:account.create");
    EXPECT_EQ(decision.reason, "account \"carol\" is denied");
  }
  EXPECT_TRUE(policy_->decide("account.rename", Peer::kApi, {"dave", "dora"}, now_).allowed);
}

TEST_F(PolicyDecision, LimitsCallsForOneAccount) {
  EXPECT_TRUE(decide("alice").allowed);
  EXPECT_TRUE(decide("alice").allowed);
  const auto third = decide("alice");
  EXPECT_FALSE(third.allowed);
  EXPECT_EQ(third.code, Code::kBusy) << "it may be tried again later";
  EXPECT_EQ(third.rule, "policy.d/20-slow.json:account.create");
  EXPECT_TRUE(decide("bob").allowed);
}

TEST_F(PolicyDecision, NoPeerUsesUpWhatIsAnothers) {
  const auto ask = [this](Peer peer, const std::string& name) {
    return policy_->decide("account.rename", peer, {name}, now_).allowed;
  };
  EXPECT_TRUE(ask(Peer::kApi, "alice"));
  EXPECT_FALSE(ask(Peer::kApi, "alice"));
  EXPECT_TRUE(ask(Peer::kAdmin, "alice"));
  for (int i = 0; i < 200; ++i)
    (void)ask(Peer::kApi, "name" + std::to_string(i));
  EXPECT_FALSE(ask(Peer::kApi, "bob"));
  EXPECT_TRUE(ask(Peer::kAdmin, "bob"));
}

TEST_F(PolicyDecision, LimitsCallsOfAllAccountsTogether) {
  for (const char* name : {"a", "b", "c"})
    EXPECT_TRUE(decide(name).allowed);
  const auto fourth = decide("d");
  EXPECT_EQ(fourth.code, Code::kBusy);
  EXPECT_EQ(fourth.rule, "operations.json:account.create");
  now_ += std::chrono::seconds(21);
  EXPECT_TRUE(decide("d").allowed);
}

TEST_F(PolicyDecision, TellsWhatThePanelsOwnServerWouldNeverAsk) {
  EXPECT_TRUE(decide("alice", Peer::kApi, "account.destroy").trespass);
  EXPECT_TRUE(decide("alice", Peer::kAdmin).trespass);
  EXPECT_FALSE(decide("carol").trespass) << "a tenant can cause it";
  EXPECT_FALSE(decide("alice").trespass);
  EXPECT_TRUE(decide("alice").allowed);
  EXPECT_FALSE(decide("alice").trespass) << "too fast is no trespass";
}

TEST(DestructiveCalls, AreBoundedTogether) {
  PolicyRule rule;
  rule.peers = {Peer::kApi, Peer::kAdmin};
  rule.perMinute = 100000;
  Policy policy({{"account.delete", rule}, {"site.remove", rule}, {"account.create", rule}},
                {"account.delete", "site.remove"});
  auto now = std::chrono::steady_clock::time_point(std::chrono::hours(1));
  const auto ask = [&](const char* name, Peer peer) {
    return policy.decide(name, peer, {"alice"}, now);
  };
  for (std::uint32_t i = 0; i < kDestroysAtOnce; ++i)
    ASSERT_TRUE(ask(i % 2 == 0 ? "account.delete" : "site.remove", Peer::kApi).allowed);
  const auto refused = ask("account.delete", Peer::kApi);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.code, Code::kBusy);
  EXPECT_EQ(refused.rule, "destroys");
  EXPECT_TRUE(ask("account.create", Peer::kApi).allowed);
  EXPECT_TRUE(ask("account.delete", Peer::kAdmin).allowed) << "root's are counted apart";
  now += std::chrono::minutes(1);
  for (std::uint32_t i = 0; i < kDestroysPerMinute; ++i)
    EXPECT_TRUE(ask("site.remove", Peer::kApi).allowed);
  EXPECT_FALSE(ask("site.remove", Peer::kApi).allowed);
}

}  // namespace
}  // namespace bulkhead::agent
