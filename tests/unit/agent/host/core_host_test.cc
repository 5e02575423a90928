// What the core keeps of a file must end with the file's content, and with the safety of its place.
#include "agent/host/core_host.h"

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support/root.h"

namespace bulkhead::agent {
namespace {

using testing::RootDirectory;

class CoreHostTest : public ::testing::Test {
 protected:
  // So that it is kept: what was just written is not.
  void settle() { std::this_thread::sleep_for(std::chrono::milliseconds(100)); }
  std::string read(const std::string& path) {
    const auto content = host.readFile(path);
    return content.ok() ? *content : std::string(codeName(content.error().code));
  }
  RootDirectory root;
  CoreHost host;
};

TEST_F(CoreHostTest, ReadsWhatIsThere) {
  testing::spill(root / "record", "one");
  settle();
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(read(root / "record"), "one");
  EXPECT_EQ(read(root / "absent"), "not_found");
}
TEST_F(CoreHostTest, SeesAFileThatWasReplaced) {
  testing::spill(root / "record", "one");
  settle();
  EXPECT_EQ(read(root / "record"), "one");
  for (const char* text : {"two", "six", "ten"}) {  // as long, and within one tick of the clock
    ASSERT_TRUE(host.writeFile(root / "record", text, {0600, 0, 0}).ok());
    EXPECT_EQ(read(root / "record"), text);
  }
}
TEST_F(CoreHostTest, SeesAFileThatWasWrittenInPlace) {
  testing::spill(root / "record", "one");
  settle();
  EXPECT_EQ(read(root / "record"), "one");
  testing::spill(root / "record", "two");
  EXPECT_EQ(read(root / "record"), "two");
}
TEST_F(CoreHostTest, SeesAFileThatWentAway) {
  testing::spill(root / "record", "one");
  settle();
  EXPECT_EQ(read(root / "record"), "one");
  ASSERT_EQ(::unlink((root / "record").c_str()), 0);
  EXPECT_EQ(read(root / "record"), "not_found");
  ASSERT_EQ(::symlink("/etc/hostname", (root / "record").c_str()), 0);
  EXPECT_EQ(read(root / "record"), "permission_denied");
}
TEST_F(CoreHostTest, ProvesTheDirectoriesAgainAfterItsTime) {
  ASSERT_EQ(::mkdir((root / "d").c_str(), 0700), 0);
  testing::spill(root / "d/record", "one");
  settle();
  EXPECT_EQ(read(root / "d/record"), "one");
  ASSERT_EQ(::chown((root / "d").c_str(), 20000, 20000), 0);
  std::this_thread::sleep_for(CoreHost::kProofLife);
  EXPECT_EQ(read(root / "d/record"), "permission_denied");
}

}  // namespace
}  // namespace bulkhead::agent
