// What is kept must never outlive a change.
#include "common/core/record_cache.h"

#include <gtest/gtest.h>

namespace bulkhead {
namespace {

class RecordCacheTest : public testing::Test {
 protected:
  RecordCache<std::string> cache_;
  RecordCache<std::string>::Time now_ = std::chrono::steady_clock::now();
};

TEST_F(RecordCacheTest, FindsWhatItKept) {
  EXPECT_FALSE(cache_.find("a", now_));
  cache_.keep("a", "record of a", cache_.changes(), now_);
  ASSERT_TRUE(cache_.find("a", now_));
  EXPECT_EQ(*cache_.find("a", now_), "record of a");
  EXPECT_FALSE(cache_.find("b", now_));
}
TEST_F(RecordCacheTest, ForgetsAllAtAChange) {
  cache_.keep("a", "record of a", cache_.changes(), now_);
  cache_.clear();
  EXPECT_FALSE(cache_.find("a", now_));
}
TEST_F(RecordCacheTest, DoesNotKeepWhatWasLookedUpBeforeAChange) {
  const auto before = cache_.changes();
  cache_.clear();
  cache_.keep("a", "record of a", before, now_);
  EXPECT_FALSE(cache_.find("a", now_));
}
TEST_F(RecordCacheTest, AsksAgainAfterItsTime) {
  cache_.keep("a", "record of a", cache_.changes(), now_);
  EXPECT_TRUE(
      cache_.find("a", now_ + RecordCache<std::string>::kLife - std::chrono::milliseconds(1)));
  EXPECT_FALSE(cache_.find("a", now_ + RecordCache<std::string>::kLife));
}
TEST_F(RecordCacheTest, IsBounded) {
  for (int i = 0; i < 1000; ++i)
    cache_.keep(std::to_string(i), "record", cache_.changes(), now_);
  EXPECT_FALSE(cache_.find("0", now_));
  EXPECT_TRUE(cache_.find("999", now_));
}

}  // namespace
}  // namespace bulkhead
