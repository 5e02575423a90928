// The same suite for every store: the keys by which requests are known again.
#include <gtest/gtest.h>

#include "tests/support/store_fixture.h"

namespace bulkhead::api {
namespace {

constexpr std::uint32_t kMany = 1000;

class StoreRequestKeysTest : public StoreFixture {
 protected:
  static RequestKey key(const std::string& id,
                        const std::string& caller = "adm_a",
                        std::int64_t at = 1) {
    return {id, caller, "digest of " + id, at};
  }
  std::string add(const RequestKey& wanted, std::uint32_t keptMax = kMany) {
    return told([&](Tables& t) { return t.requestKeys().add(wanted, keptMax); });
  }
  std::optional<RequestKey> find(const std::string& id) {
    return store().read([&](const Tables& t) { return t.requestKeys().find(id); }).value();
  }
};
INSTANTIATE_TEST_SUITE_P(Stores,
                         StoreRequestKeysTest,
                         ::testing::ValuesIn(testing::storeKinds()),
                         [](const auto& kind) { return kind.param.name; });

TEST_P(StoreRequestKeysTest, KeepsAKeyWithItsReply) {
  EXPECT_FALSE(find("k1").has_value());
  EXPECT_EQ(add(key("k1")), "ok");
  EXPECT_EQ(find("k1")->state, KeyState::kReserved);
  const KeptReply reply{201, "/api/v1/plans/pln_1", "\"r1\"", "{\"name\":\"\xc3\xa4\"}"};
  EXPECT_EQ(told([&](Tables& t) { return t.requestKeys().mark("k1", KeyState::kDone, "pln_1"); }),
            "ok");
  EXPECT_EQ(told([&](Tables& t) { return t.requestKeys().end("k1", KeyState::kAnswered, reply); }),
            "ok");
  under_->reopen();
  const auto found = find("k1");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->caller, "adm_a");
  EXPECT_EQ(found->request, "digest of k1");
  EXPECT_EQ(found->createdAt, 1);
  EXPECT_EQ(found->state, KeyState::kAnswered);
  EXPECT_EQ(found->reference, "pln_1");
  EXPECT_EQ(found->reply, reply);
}
TEST_P(StoreRequestKeysTest, KnowsEachStateAgain) {
  EXPECT_EQ(add(key("k1")), "ok");
  for (const KeyState state : {KeyState::kReserved, KeyState::kBegun, KeyState::kDone,
                               KeyState::kAnswered, KeyState::kWithheld}) {
    EXPECT_EQ(told([&](Tables& t) { return t.requestKeys().mark("k1", state, ""); }), "ok");
    EXPECT_EQ(find("k1")->state, state);
  }
}
TEST_P(StoreRequestKeysTest, RefusesAKeyThatIsThere) {
  EXPECT_EQ(add(key("k1")), "ok");
  EXPECT_EQ(add(key("k1")), "already_exists ");
}
TEST_P(StoreRequestKeysTest, UndoesAChangeThatItsKeyCouldNotTell) {
  EXPECT_EQ(told([](Tables& t) -> Result<Ok> {
              TRY(t.plans().add(plan("basic")));
              return t.requestKeys().mark("k9", KeyState::kDone, "pln_basic");
            }),
            "internal ");
  EXPECT_FALSE(store().read([](const Tables& t) { return t.plans().find("basic"); }).ok());
  EXPECT_EQ(told([](Tables& t) { return t.requestKeys().end("k9", KeyState::kAnswered, {}); }),
            "internal ");
}
TEST_P(StoreRequestKeysTest, ForgetsTheOldestInPieces) {
  for (int i = 1; i <= 5; ++i)
    EXPECT_EQ(add(key("k" + std::to_string(i), "adm_a", i)), "ok");
  EXPECT_EQ(told([](Tables& t) { return t.requestKeys().forget(4, 2); }), "ok");
  EXPECT_FALSE(find("k1").has_value());
  EXPECT_FALSE(find("k2").has_value());
  EXPECT_TRUE(find("k3").has_value());
  EXPECT_EQ(told([](Tables& t) { return t.requestKeys().forget(4, 2); }), "ok");
  EXPECT_FALSE(find("k3").has_value());
  EXPECT_TRUE(find("k4").has_value());
}
TEST_P(StoreRequestKeysTest, KeepsTheNewestOfEachCaller) {
  EXPECT_EQ(add(key("other", "adm_b")), "ok");
  for (int i = 1; i <= 6; ++i)
    EXPECT_EQ(add(key("k" + std::to_string(i)), 4), "ok");
  EXPECT_FALSE(find("k2").has_value());
  EXPECT_TRUE(find("k3").has_value());
  EXPECT_TRUE(find("other").has_value());
  EXPECT_EQ(store().read([](const Tables& t) { return t.requestKeys().countOf("adm_a"); }).value(),
            4U);
}
TEST_P(StoreRequestKeysTest, RemovesAKeyAndNoneWithoutAWord) {
  EXPECT_EQ(add(key("k1")), "ok");
  EXPECT_EQ(told([](Tables& t) { return t.requestKeys().remove("k1"); }), "ok");
  EXPECT_EQ(told([](Tables& t) { return t.requestKeys().remove("k1"); }), "ok");
  EXPECT_FALSE(find("k1").has_value());
}

}  // namespace
}  // namespace bulkhead::api
