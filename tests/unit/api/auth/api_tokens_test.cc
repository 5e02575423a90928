// API tokens: what they let in, how they end, and every refusal.
#include "api/auth/api_tokens.h"

#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "api/auth/api_token_text.h"
#include "api/auth/authority.h"
#include "api/auth/roles.h"
#include "api/auth/secret.h"
#include "tests/support/manual_clock.h"
#include "tests/support/store_kinds.h"
#include "tests/support/temp_dir.h"

namespace bulkhead::api {
namespace {

constexpr std::int64_t kHour = 3600;

class ApiTokensTest : public ::testing::Test {
 protected:
  void SetUp() override {
    store_ = AdminStore::open(directory_ + "/admins.db").value();
    ASSERT_TRUE(store_->addOneTime(OneTimeKind::kBootstrap, "code", "", INT64_MAX).ok());
    ASSERT_TRUE(
        store_->createMain({"adm_1", "alice", "main", "hash", PersonState::kActive, 1}, "code", 1)
            .ok());
    Administrator bob;
    bob.id = "adm_2";
    bob.name = "bob";
    bob.createdAt = 2;
    ASSERT_TRUE(store_->addAdministrator(bob, "hash").ok());
    for (const std::string id : {"adm_1", "adm_2"})
      ASSERT_TRUE(
          store_->addSession({"ses_" + id, "token of " + id, id, "", 1, 1, INT64_MAX}, INT64_MAX)
              .ok());
    authority_ = std::make_unique<Authority>(*store_, panel_.store(), hashes_, key_, clock_);
  }
  void TearDown() override {
    authority_.reset();
    store_.reset();
  }
  static Principal person(const std::string& id, const std::string& name, const std::string& role) {
    Principal principal;
    principal.actor = "admin:" + name;
    principal.personId = id;
    principal.username = name;
    principal.role = role;
    principal.sessionId = "ses_" + id;
    principal.scopes = scopesOfRole(role);
    return principal;
  }
  static Principal alice() { return person("adm_1", "alice", "main"); }
  static Principal bob() { return person("adm_2", "bob", "admin"); }
  static NewApiToken wanted() {
    NewApiToken token;
    token.name = "billing";
    token.scopes = {"accounts:read", "accounts:write"};
    token.lifeSeconds = ApiTokens::kLifeDefaultSeconds;
    return token;
  }
  ApiTokens& tokens() { return authority_->tokens(); }
  Result<IssuedToken> create(const Principal& by, const NewApiToken& token = wanted()) {
    return tokens().create(by, token, "req");
  }
  Result<IssuedToken> rotate(const std::string& id, std::int64_t overlap) {
    return tokens().rotate(alice(), id, overlap, {}, "req");
  }
  // What comes of it: "ok", or code and field.
  template <typename T>
  static std::string told(const Result<T>& result) {
    return result.ok() ? "ok"
                       : std::string(codeName(result.error().code)) + " " + result.error().field;
  }
  bool holds(const std::string& secret) {
    const auto principal = authority_->authenticate(secret);
    if (!principal.ok()) {
      EXPECT_EQ(principal.error().code, Code::kUnauthenticated);
      EXPECT_EQ(principal.error().message, unknownBearer().message);
    }
    return principal.ok();
  }
  // "" when it may come in.
  std::string keptOut(const std::string& secret, const std::string& address) {
    const auto principal = authority_->authenticate(secret);
    EXPECT_TRUE(principal.ok());
    const auto kept = authority_->keepOut(*principal, address);
    return !kept ? "" : kept->why == Kept::Why::kAddress ? "address" : "rate";
  }

  test::ManualClock clock_;
  bulkhead::testing::SqliteUnderTest panel_;
  bulkhead::testing::TempDir dir_;
  const std::string directory_ = dir_.path();
  HashPool hashes_{HashCost{1, 8192}};
  FactorKey key_ = FactorKey::load(dir_.path()).value();
  std::unique_ptr<AdminStore> store_;
  std::unique_ptr<Authority> authority_;
};

TEST_F(ApiTokensTest, ActForTheirOwnerWithTheirScopes) {
  const auto issued = create(alice());
  ASSERT_TRUE(issued.ok()) << issued.error().message;
  EXPECT_TRUE(isApiToken(issued->secret));
  const auto principal = authority_->authenticate(issued->secret);
  ASSERT_TRUE(principal.ok());
  EXPECT_EQ(principal->actor, "admin:alice/" + issued->token.id);
  EXPECT_EQ(principal->username, "alice");
  EXPECT_EQ(principal->sessionId, "");
  EXPECT_EQ(principal->scopes.words(), "accounts:read accounts:write");
  EXPECT_EQ(principal->token->id, issued->token.id);
}
TEST_F(ApiTokensTest, RefuseWhatIsNoTokenWithoutTheDatabase) {
  const auto issued = create(alice());
  std::string changed = issued->secret;
  changed.back() = changed.back() == '0' ? '1' : '0';
  store_.reset();  // asking it would crash
  for (const std::string& wrong : {changed, std::string("bhk_live_"), issued->secret + "x",
                                   "bhk_live_" + std::string(49, 'a')})
    EXPECT_FALSE(holds(wrong)) << wrong;
}
TEST_F(ApiTokensTest, RefuseUnknownOnesInTheSameWords) {
  ASSERT_TRUE(create(alice()).ok());
  EXPECT_FALSE(holds(newApiToken()));
}
TEST_F(ApiTokensTest, EndInTime) {
  NewApiToken brief = wanted();
  brief.lifeSeconds = 60;
  const auto issued = create(alice(), brief);
  clock_.advance(59);
  EXPECT_TRUE(holds(issued->secret));
  clock_.advance(1);
  EXPECT_FALSE(holds(issued->secret));
  EXPECT_EQ(told(rotate(issued->token.id, 0)), "conflict ");
}
TEST_F(ApiTokensTest, EndAtOnceWhenTheyAreRevoked) {
  const auto issued = create(alice());
  EXPECT_TRUE(holds(issued->secret));
  EXPECT_EQ(told(tokens().revoke(alice(), issued->token.id, "req")), "ok");
  EXPECT_FALSE(holds(issued->secret));
  EXPECT_EQ(told(tokens().revoke(alice(), issued->token.id, "req")), "not_found ");
}
TEST_F(ApiTokensTest, EndAtOnceWithTheirOwner) {
  const auto disabled = create(alice());
  const auto gone = create(bob());
  EXPECT_TRUE(holds(disabled->secret) && holds(gone->secret));
  ASSERT_TRUE(store_->setState("adm_1", PersonState::kDisabled).ok());
  EXPECT_FALSE(holds(disabled->secret));
  ASSERT_TRUE(store_->removeAdministrator("adm_2").ok());
  EXPECT_FALSE(holds(gone->secret));
  ASSERT_TRUE(store_->setState("adm_1", PersonState::kActive).ok());
  EXPECT_FALSE(holds(disabled->secret));  // nor do they come back
}
TEST_F(ApiTokensTest, GiveNoMoreThanTheRoleGives) {
  NewApiToken greedy = wanted();
  greedy.scopes = {"accounts:read", "admins:read"};
  EXPECT_EQ(told(create(alice(), greedy)), "ok");
  EXPECT_EQ(told(create(bob(), greedy)), "permission_denied scopes");
  // A row that says more, as after a change of the role.
  ApiToken row;
  row.id = "tok_1";
  row.personId = "adm_2";
  row.scopes = "accounts:read admins:read";
  row.expiresAt = INT64_MAX;
  const std::string secret = newApiToken();
  ASSERT_TRUE(store_->addApiToken(row, hashSecret(secret), 0).ok());
  EXPECT_EQ(authority_->authenticate(secret)->scopes.words(), "accounts:read");
}
TEST_F(ApiTokensTest, GiveNoMoreThanTheSessionThatMakesThemHas) {
  Principal narrow = alice();
  narrow.scopes = ScopeSet::of("tokens:write accounts:read");
  EXPECT_EQ(told(create(narrow)), "permission_denied scopes");
}
TEST_F(ApiTokensTest, AreNeverGivenWhatIsForPeople) {
  for (const auto& scope : allScopes()) {
    NewApiToken token = wanted();
    token.scopes = {std::string(scope.name)};
    EXPECT_EQ(told(create(alice(), token)),
              scope.holders == Holders::kAnybody ? "ok" : "invalid_argument scopes")
        << scope.name;
  }
}
TEST_F(ApiTokensTest, AreNotMadeOutOfTokens) {
  const auto issued = create(alice());
  Principal token = *authority_->authenticate(issued->secret);
  token.scopes = ScopeSet::everything();
  EXPECT_EQ(told(create(token)), "permission_denied ");
  EXPECT_EQ(told(tokens().rotate(token, issued->token.id, 0, {}, "req")), "permission_denied ");
  EXPECT_EQ(told(tokens().revoke(token, issued->token.id, "req")), "permission_denied ");
  EXPECT_TRUE(holds(issued->secret));
}
TEST_F(ApiTokensTest, RefuseBadWishes) {
  const auto after = [this](const auto& change) {
    NewApiToken token = wanted();
    change(token);
    return told(create(alice(), token));
  };
  EXPECT_EQ(after([](NewApiToken& t) { t.scopes = {}; }), "invalid_argument scopes");
  EXPECT_EQ(after([](NewApiToken& t) { t.scopes = {"accounts:all"}; }), "invalid_argument scopes");
  EXPECT_EQ(after([](NewApiToken& t) { t.addresses = {"192.0.2.1/24"}; }),
            "invalid_argument addresses");
  EXPECT_EQ(after([](NewApiToken& t) { t.addresses.assign(33, "192.0.2.1"); }),
            "invalid_argument addresses");
  EXPECT_EQ(after([](NewApiToken& t) { t.lifeSeconds = 59; }), "invalid_argument lifetime_seconds");
  EXPECT_EQ(after([](NewApiToken& t) { t.lifeSeconds = ApiTokens::kLifeMaxSeconds + 1; }),
            "invalid_argument lifetime_seconds");
  EXPECT_EQ(after([](NewApiToken& t) { t.owner = "bob"; }), "permission_denied owner");
  EXPECT_EQ(after([](NewApiToken& t) { t.owner = "alice"; }), "ok");
}
TEST_F(ApiTokensTest, OfAnyAdministratorAreMadeByRoot) {
  EXPECT_EQ(create(localRoot())->token.owner, "alice");
  NewApiToken token = wanted();
  token.owner = "bob";
  EXPECT_EQ(create(localRoot(), token)->token.owner, "bob");
  token.owner = "carol";
  EXPECT_EQ(told(create(localRoot(), token)), "not_found ");
}
TEST_F(ApiTokensTest, NeedAnAdministratorWhoIsThere) {
  const auto empty = AdminStore::open(directory_ + "/empty.db").value();
  Authority nobody(*empty, panel_.store(), hashes_, key_, clock_);
  EXPECT_EQ(told(nobody.tokens().create(localRoot(), wanted(), "req")), "conflict owner");
  ASSERT_TRUE(store_->setState("adm_2", PersonState::kDisabled).ok());
  NewApiToken token = wanted();
  token.owner = "bob";
  EXPECT_EQ(told(create(localRoot(), token)), "not_found owner");
  EXPECT_EQ(told(create(bob())), "unauthenticated ");  // his session went with him
}
TEST_F(ApiTokensTest, LetNobodyInByARowThatCannotBeRead) {
  ApiToken row;
  row.id = "tok_1";
  row.personId = "adm_1";
  row.scopes = "accounts:read";
  row.addresses = {"192.0.2.1", "somewhere"};
  row.expiresAt = INT64_MAX;
  const std::string secret = newApiToken();
  ASSERT_TRUE(store_->addApiToken(row, hashSecret(secret), 0).ok());
  EXPECT_EQ(authority_->authenticate(secret).error().code, Code::kInternal);
}
TEST_F(ApiTokensTest, AreBounded) {
  for (std::int64_t i = 0; i < AdminStore::kApiTokensPerPersonMax; ++i)
    ASSERT_EQ(told(create(alice())), "ok");
  EXPECT_EQ(told(create(alice())), "limit_exceeded ");
  EXPECT_EQ(told(create(bob())), "ok");
  clock_.advance(ApiTokens::kLifeDefaultSeconds);
  EXPECT_EQ(told(create(alice())), "ok");  // those that are over do not count
  clock_.advance(31 * ApiTokens::kDay);
  EXPECT_EQ(told(create(alice())), "ok");
  EXPECT_EQ(tokens().list(alice(), {})->items.size(), 2U);  // nor are they kept for ever
}
TEST_F(ApiTokensTest, RotateWithAnOverlap) {
  const auto first = create(alice());
  const std::string id = first->token.id;
  const auto second = rotate(id, kHour);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->token.id, id);
  EXPECT_TRUE(holds(first->secret) && holds(second->secret));
  clock_.advance(kHour);
  EXPECT_FALSE(holds(first->secret));
  EXPECT_TRUE(holds(second->secret));
  const auto third = rotate(id, 0);
  EXPECT_FALSE(holds(second->secret));
  EXPECT_TRUE(holds(third->secret));
}
TEST_F(ApiTokensTest, HaveTwoSecretsAtMost) {
  const auto first = create(alice());
  const auto second = rotate(first->token.id, kHour);
  const auto third = rotate(first->token.id, kHour);
  EXPECT_FALSE(holds(first->secret));
  EXPECT_TRUE(holds(second->secret) && holds(third->secret));
}
TEST_F(ApiTokensTest, RotateWithinBounds) {
  const auto issued = create(alice());
  const std::string id = issued->token.id;
  EXPECT_EQ(told(rotate(id, -1)), "invalid_argument overlap_seconds");
  EXPECT_EQ(told(rotate(id, ApiTokens::kOverlapMaxSeconds + 1)),
            "invalid_argument overlap_seconds");
  EXPECT_EQ(told(tokens().rotate(alice(), id, 0, ApiTokens::kLifeMaxSeconds + 1, "req")),
            "invalid_argument lifetime_seconds");
  EXPECT_EQ(told(tokens().rotate(bob(), id, 0, {}, "req")), "not_found ");
  EXPECT_TRUE(holds(issued->secret));
}
TEST_F(ApiTokensTest, LiveLongerAfterARotationOnlyWhenAsked) {
  const auto issued = create(alice());
  EXPECT_EQ(rotate(issued->token.id, 0)->token.expiresAt, issued->token.expiresAt);
  const auto longer =
      tokens().rotate(alice(), issued->token.id, 0, ApiTokens::kLifeMaxSeconds, "r");
  EXPECT_EQ(longer->token.expiresAt,
            clock_.nowMicros() + ApiTokens::kLifeMaxSeconds * ApiTokens::kSecond);
  EXPECT_EQ(store_->apiToken(issued->token.id)->expiresAt, longer->token.expiresAt);
}
TEST_F(ApiTokensTest, ComeFromTheirAddressesOnly) {
  NewApiToken token = wanted();
  token.addresses = {"192.0.2.0/24", "2001:db8::/32"};
  const auto issued = create(alice(), token);
  for (const char* inside : {"192.0.2.9", "::ffff:192.0.2.9", "2001:db8::1"})
    EXPECT_EQ(keptOut(issued->secret, inside), "") << inside;
  for (const char* outside : {"192.0.3.9", "2001:db9::1", "local", "unknown", ""})
    EXPECT_EQ(keptOut(issued->secret, outside), "address") << outside;
  EXPECT_EQ(keptOut(create(alice())->secret, "unknown"), "");
}
TEST_F(ApiTokensTest, HaveARateOfTheirOwn) {
  const auto busy = create(alice());
  const auto other = create(alice());
  int let = 0;
  while (keptOut(busy->secret, "192.0.2.1").empty() && let < 1000)
    ++let;
  EXPECT_EQ(let, 400);
  EXPECT_EQ(keptOut(busy->secret, "192.0.2.2"), "rate");  // whatever the address
  EXPECT_EQ(keptOut(other->secret, "192.0.2.1"), "");
  clock_.advance(1);
  EXPECT_EQ(keptOut(busy->secret, "192.0.2.1"), "");
}
TEST_F(ApiTokensTest, LoseNoRateToStrangersElsewhere) {
  NewApiToken token = wanted();
  token.addresses = {"192.0.2.1"};
  const auto issued = create(alice(), token);
  for (int i = 0; i < 1000; ++i)
    ASSERT_EQ(keptOut(issued->secret, "203.0.113.9"), "address");
  EXPECT_EQ(keptOut(issued->secret, "192.0.2.1"), "");
  EXPECT_EQ(tokens().find(alice(), issued->token.id)->usedFrom, "192.0.2.1");
}
TEST_F(ApiTokensTest, RememberTheirLastUseToTheMinute) {
  const auto issued = create(alice());
  EXPECT_EQ(tokens().find(alice(), issued->token.id)->usedAt, 0);
  const std::int64_t first = clock_.nowMicros();
  EXPECT_EQ(keptOut(issued->secret, "192.0.2.1"), "");
  clock_.advance(59);
  EXPECT_EQ(keptOut(issued->secret, "192.0.2.2"), "");
  EXPECT_EQ(tokens().find(alice(), issued->token.id)->usedAt, first);
  EXPECT_EQ(tokens().find(alice(), issued->token.id)->usedFrom, "192.0.2.1");
  clock_.advance(1);
  EXPECT_EQ(keptOut(issued->secret, "192.0.2.2"), "");
  EXPECT_EQ(tokens().find(alice(), issued->token.id)->usedAt, clock_.nowMicros());
  EXPECT_EQ(tokens().find(alice(), issued->token.id)->usedFrom, "192.0.2.2");
}
TEST_F(ApiTokensTest, AreSeenByTheirOwnerAndTheMainAdministrator) {
  const auto hers = create(alice());
  const auto his = create(bob());
  EXPECT_EQ(tokens().list(alice(), {})->items.size(), 2U);
  EXPECT_EQ(tokens().list(localRoot(), {})->items.size(), 2U);
  const auto seen = tokens().list(bob(), {});
  ASSERT_EQ(seen->items.size(), 1U);
  EXPECT_EQ(seen->items.front().id, his->token.id);
  EXPECT_EQ(told(tokens().find(bob(), hers->token.id)), "not_found ");
  EXPECT_EQ(told(tokens().revoke(bob(), hers->token.id, "req")), "not_found ");
  EXPECT_EQ(told(tokens().revoke(alice(), his->token.id, "req")), "ok");
}
TEST_F(ApiTokensTest, GiveTheirSecretToNobodyElse) {
  const auto his = create(bob());
  EXPECT_EQ(told(tokens().rotate(alice(), his->token.id, 0, {}, "req")), "permission_denied ");
  EXPECT_TRUE(holds(his->secret));
  Principal narrow = bob();
  narrow.scopes = ScopeSet::of("tokens:write accounts:read");
  EXPECT_EQ(told(tokens().rotate(narrow, his->token.id, 0, {}, "req")), "permission_denied ");
  EXPECT_EQ(told(tokens().rotate(bob(), his->token.id, 0, {}, "req")), "ok");
  EXPECT_EQ(told(tokens().rotate(localRoot(), his->token.id, 0, {}, "req")), "ok");
}
TEST_F(ApiTokensTest, AreForgottenWhenManyAreOver) {
  NewApiToken brief = wanted();
  brief.lifeSeconds = 60;
  const auto first = create(bob(), brief);
  for (std::int64_t i = 1; i < AdminStore::kApiTokensShownMax; ++i) {
    clock_.advance(60);
    ASSERT_TRUE(create(bob(), brief).ok());
  }
  EXPECT_TRUE(tokens().find(bob(), first->token.id).ok());
  ASSERT_TRUE(create(bob(), brief).ok());
  EXPECT_EQ(told(tokens().find(bob(), first->token.id)), "not_found ");
}
TEST_F(ApiTokensTest, AreListedPageByPage) {
  for (int i = 0; i < 3; ++i)
    ASSERT_TRUE(create(alice()).ok());
  PageQuery query;
  query.limit = 2;
  const auto first = tokens().list(alice(), query);
  ASSERT_EQ(first->items.size(), 2U);
  query.cursor = first->nextCursor;
  const auto second = tokens().list(alice(), query);
  EXPECT_EQ(second->items.size(), 1U);
  EXPECT_EQ(second->nextCursor, "");
}
TEST_F(ApiTokensTest, KnowThemselves) {
  const auto issued = create(alice());
  EXPECT_EQ(tokens().self(*authority_->authenticate(issued->secret))->id, issued->token.id);
  EXPECT_EQ(told(tokens().self(alice())), "not_found ");
}
TEST_F(ApiTokensTest, HoldAfterARestart) {
  const auto issued = create(alice());
  authority_.reset();
  store_.reset();
  store_ = AdminStore::open(directory_ + "/admins.db").value();
  authority_ = std::make_unique<Authority>(*store_, panel_.store(), hashes_, key_, clock_);
  EXPECT_TRUE(holds(issued->secret));
}

}  // namespace
}  // namespace bulkhead::api
