// When a session was used last, written beside the requests.
#include "api/auth/session_touch.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace bulkhead::api {
namespace {

class SessionTouchTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto store = AdminStore::open(directory_ + "/admins.db");
    ASSERT_TRUE(store.ok()) << store.error().message;
    store_ = std::move(store).value();
    ASSERT_TRUE(store_->addOneTime(OneTimeKind::kBootstrap, "code", "", 100).ok());
    ASSERT_TRUE(
        store_->createMain({"adm_1", "alice", "main", "hash", PersonState::kActive, 1}, "code", 1)
            .ok());
    ASSERT_TRUE(store_->addSession({"ses_1", "token", "adm_1", "", 1, 1, 1000}, 1000).ok());
  }
  void TearDown() override { store_.reset(); }
  std::int64_t usedAt() { return store_->findSession("token").value()->session.usedAt; }

  bulkhead::testing::TempDir dir_;
  const std::string directory_ = dir_.path();
  std::unique_ptr<AdminStore> store_;
};

TEST_F(SessionTouchTest, WritesAtOnceBeforeItIsStarted) {
  SessionTouch touch(*store_);
  touch.note("ses_1", 7);
  EXPECT_EQ(usedAt(), 7);
}
TEST_F(SessionTouchTest, WritesSoonOnceItIsStarted) {
  SessionTouch touch(*store_);
  touch.start();
  touch.note("ses_1", 8);
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (usedAt() != 8 && std::chrono::steady_clock::now() < patience)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(usedAt(), 8);
}
TEST_F(SessionTouchTest, ForgetsNothingWhenItIsStopped) {
  SessionTouch touch(*store_);
  touch.start();
  touch.note("ses_1", 9);
  touch.stop();
  touch.stop();
  EXPECT_EQ(usedAt(), 9);
}
TEST_F(SessionTouchTest, WritesWhenAndFromWhereATokenWasUsed) {
  ApiToken token;
  token.id = "tok_1";
  token.personId = "adm_1";
  token.expiresAt = 1000;
  ASSERT_TRUE(store_->addApiToken(token, "hash", 0).ok());
  SessionTouch touch(*store_);
  touch.start();
  touch.noteToken("tok_1", 7, "192.0.2.1");
  touch.noteToken("tok_1", 8, "192.0.2.2");
  touch.note("ses_1", 9);
  touch.stop();
  EXPECT_EQ(store_->apiToken("tok_1")->usedAt, 8);
  EXPECT_EQ(store_->apiToken("tok_1")->usedFrom, "192.0.2.2");
  EXPECT_EQ(usedAt(), 9);
}
TEST_F(SessionTouchTest, BringsNoSessionBack) {
  SessionTouch touch(*store_);
  touch.start();
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(store_->addSession({"ses_2", "token2", "adm_1", "", 1, 1, 1000}, 1000).ok());
    touch.note("ses_2", 9 + i);  // written before, while or after it ends
    ASSERT_TRUE(store_->endSession("ses_2").ok());
    EXPECT_FALSE(store_->findSession("token2").value());
  }
  touch.note("ses_1", 9);
  ASSERT_TRUE(store_->endSession("ses_1").ok());
  touch.stop();
  EXPECT_FALSE(store_->findSession("token2").value());
  EXPECT_FALSE(store_->findSession("token").value());
}

}  // namespace
}  // namespace bulkhead::api
