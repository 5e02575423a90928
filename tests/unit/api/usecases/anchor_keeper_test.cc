#include "api/usecases/anchor_keeper.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/support/mock_agent.h"
#include "tests/support/sealed_log.h"
#include "tests/support/temp_dir.h"

namespace bulkhead::api {
namespace {

class KeptAnchors : public ::testing::Test {
 protected:
  std::string content(int which) {
    std::ostringstream text;
    text << std::ifstream(directory_.path() + "/" + kAnchorsFiles[which]).rdbuf();
    return text.str();
  }
  void next() {
    log_.checkpoint();
    agent_.anchor = log_.anchors().back().line();
  }
  testing::MockAgent agent_;
  bulkhead::testing::SealedLog log_;
  bulkhead::testing::TempDir directory_;
  AnchorKeeper keeper_{agent_, directory_.path()};
};

TEST_F(KeptAnchors, AreWrittenOnceEachInTheirOrder) {
  for (int i = 0; i < 3; ++i) {
    next();
    ASSERT_TRUE(keeper_.fetch().ok());
    ASSERT_TRUE(keeper_.fetch().ok());
  }
  const auto anchors = parseAnchors(content(0));
  ASSERT_TRUE(anchors.ok());
  ASSERT_EQ(anchors->size(), 3U);
  EXPECT_EQ(anchors->back().seq, 3U);
  EXPECT_EQ(std::filesystem::status(directory_.path() + "/" + kAnchorsFiles[0]).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(KeptAnchors, AreNothingButWhatIsSigned) {
  agent_.anchor = "nonsense";
  EXPECT_EQ(keeper_.fetch().error().code, Code::kInternal);
  agent_.setReachable(false);
  EXPECT_FALSE(keeper_.fetch().ok());
  EXPECT_EQ(content(0), "");
}

TEST_F(KeptAnchors, FollowOnALineOfTheirOwnWhatAKillHasCut) {
  std::ofstream(directory_.path() + "/" + kAnchorsFiles[0]) << "{\"anchor\":1,\"ke";
  next();
  ASSERT_TRUE(keeper_.fetch().ok());
  const auto lines = readAnchors(content(0));
  EXPECT_EQ(lines.anchors.size(), 1U);
  EXPECT_EQ(lines.bad, std::vector<std::size_t>{1});
}

TEST_F(KeptAnchors, FillTwoFilesInTurns) {
  next();
  const std::size_t line = agent_.anchor.size() + 1;
  AnchorKeeper small(agent_, directory_.path(), 3 * line);
  for (int i = 0; i < 40; ++i) {
    next();
    ASSERT_TRUE(small.fetch().ok());
    EXPECT_LE(content(0).size() + content(1).size(), 8 * line);
    const std::string both = content(0) + content(1);
    EXPECT_NE(both.find(agent_.anchor), std::string::npos);
    EXPECT_GE(parseAnchors(both)->size(),
              std::min<std::size_t>(static_cast<std::size_t>(i) + 1, 3));
  }
}

TEST_F(KeptAnchors, AreFetchedByAThreadThatEndsWhenItIsAsked) {
  next();
  keeper_.start();
  for (int i = 0; i < 500 && content(0).empty(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  keeper_.stop();
  EXPECT_EQ(content(0), agent_.anchor + "\n");
}

}  // namespace
}  // namespace bulkhead::api
