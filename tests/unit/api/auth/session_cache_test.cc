// What is kept of sessions must never outlive a change.
#include "api/auth/session_cache.h"

#include <gtest/gtest.h>

#include "api/auth/admin_store.h"

namespace bulkhead::api {
namespace {

SessionAndAdmin session(const std::string& hash) {
  SessionAndAdmin both;
  both.session.tokenHash = hash;
  both.session.id = "ses_" + hash;
  return both;
}

class SessionCacheTest : public testing::Test {
 protected:
  SessionCache cache_;
  SessionCache::Time now_ = std::chrono::steady_clock::now();
};

TEST_F(SessionCacheTest, FindsWhatItKept) {
  EXPECT_FALSE(cache_.find("a", now_));
  cache_.keep(session("a"), cache_.changes(), now_);
  ASSERT_TRUE(cache_.find("a", now_));
  EXPECT_EQ(cache_.find("a", now_)->session.id, "ses_a");
  EXPECT_FALSE(cache_.find("b", now_));
}
TEST_F(SessionCacheTest, ForgetsAllAtAChange) {
  cache_.keep(session("a"), cache_.changes(), now_);
  cache_.clear();
  EXPECT_FALSE(cache_.find("a", now_));
}
TEST_F(SessionCacheTest, DoesNotKeepWhatWasLookedUpBeforeAChange) {
  const auto before = cache_.changes();
  cache_.clear();
  cache_.keep(session("a"), before, now_);
  EXPECT_FALSE(cache_.find("a", now_));
}
TEST_F(SessionCacheTest, AsksAgainAfterItsTime) {
  cache_.keep(session("a"), cache_.changes(), now_);
  EXPECT_TRUE(cache_.find("a", now_ + SessionCache::kLife - std::chrono::milliseconds(1)));
  EXPECT_FALSE(cache_.find("a", now_ + SessionCache::kLife));
}
TEST_F(SessionCacheTest, IsBounded) {
  for (int i = 0; i < 1000; ++i)
    cache_.keep(session(std::to_string(i)), cache_.changes(), now_);
  EXPECT_FALSE(cache_.find("0", now_));
  EXPECT_TRUE(cache_.find("999", now_));
}

}  // namespace
}  // namespace bulkhead::api
