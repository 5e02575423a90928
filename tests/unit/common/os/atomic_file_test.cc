#include "common/os/atomic_file.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include <gtest/gtest.h>

#include "common/os/open.h"
#include "tests/support/root.h"

namespace bulkhead::os {
namespace {

using testing::RootDirectory;

std::size_t entries(const std::string& path) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path), {}));
}
Fd open(const RootDirectory& root) {
  return Fd(::open(root.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
}

TEST(ReplaceFile, SetsContentModeAndOwnerAtOnce) {
  const RootDirectory root;
  const auto directory = open(root);
  testing::spill(root / "file", "old", 0644);
  ASSERT_TRUE(replaceFile(directory.get(), "file", "new", {0640, 20000, 42}).ok());
  EXPECT_EQ(testing::slurp(root / "file"), "new");
  struct stat info = {};
  ASSERT_EQ(::stat((root / "file").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0640U);
  EXPECT_EQ(info.st_uid, 20000U);
  EXPECT_EQ(info.st_gid, 42U);
  EXPECT_EQ(entries(root.path()), 1U);
}

TEST(ReplaceFile, GivesReadersOfTheOldFileTheirOldFile) {
  const RootDirectory root;
  testing::spill(root / "file", "old");
  const Fd reader(::open((root / "file").c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(replaceFile(open(root).get(), "file", "new", {}).ok());
  EXPECT_EQ(readAll(reader.get(), 100, "file").value(), "old");
}

TEST(ReplaceFile, RefusesToReplaceWhatIsNoFile) {
  const RootDirectory root;
  testing::spill(root / "target", "safe");
  ASSERT_EQ(::symlink("target", (root / "link").c_str()), 0);
  ::mkdir((root / "directory").c_str(), 0755);
  EXPECT_EQ(replaceFile(open(root).get(), "link", "x", {}).error().code, Code::kPermissionDenied);
  EXPECT_EQ(replaceFile(open(root).get(), "directory", "x", {}).error().code,
            Code::kPermissionDenied);
  EXPECT_EQ(testing::slurp(root / "target"), "safe");
}

TEST(ReplaceFile, LeavesTheOldFileAndNothingElseOnAFullDisk) {
  const RootDirectory root;
  ASSERT_EQ(::unshare(CLONE_NEWNS), 0);
  ASSERT_EQ(::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
  ::mkdir((root / "small").c_str(), 0755);
  ASSERT_EQ(::mount("tmpfs", (root / "small").c_str(), "tmpfs", 0, "size=64k"), 0);
  {
    const Fd directory(::open((root / "small").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    ASSERT_TRUE(replaceFile(directory.get(), "file", "old", {}).ok());
    const auto full = replaceFile(directory.get(), "file", std::string(100000, 'x'), {});
    ASSERT_FALSE(full.ok());
    EXPECT_EQ(full.error().code, Code::kUnavailable);
    EXPECT_FALSE(createFile(directory.get(), "other", std::string(100000, 'x'), 0600).ok());
    EXPECT_EQ(testing::slurp(root / "small/file"), "old");
    EXPECT_EQ(entries(root / "small"), 1U);
    EXPECT_TRUE(replaceFile(directory.get(), "file", "room again", {}).ok());
  }
  EXPECT_EQ(::umount((root / "small").c_str()), 0);
}

TEST(ReplaceFile, AKilledWriterLeavesTheOldOrTheNewFileWhole) {
  const RootDirectory root;
  const std::string contents[] = {std::string(300000, 'a'), std::string(300000, 'b')};
  testing::spill(root / "file", contents[0]);
  bool seen[2] = {false, false};
  for (int round = 0; round < 150; ++round) {
    const pid_t child = ::fork();
    if (child == 0) {
      const auto directory = open(root);
      for (int i = round;; ++i)
        (void)replaceFile(directory.get(), "file", contents[i % 2], {});
    }
    ::usleep(static_cast<useconds_t>(300 + (round * 37) % 3000));
    testing::endChild(child);
    const auto found = testing::slurp(root / "file");
    ASSERT_TRUE(found == contents[0] || found == contents[1])
        << "round " << round << ": " << found.size() << " bytes";
    seen[found == contents[1] ? 1 : 0] = true;
  }
  EXPECT_TRUE(seen[0] && seen[1]) << "the kills must fall on both sides of a rename";
  ASSERT_TRUE(removeTemporaries(open(root).get()).ok());
  EXPECT_EQ(entries(root.path()), 1U) << "what killed writers leave can be told and removed";
}

TEST(CreateFile, NeverTouchesWhatIsThere) {
  const RootDirectory root;
  EXPECT_TRUE(createFile(open(root).get(), "file", "one", 0640).value());
  EXPECT_FALSE(createFile(open(root).get(), "file", "two", 0600).value());
  EXPECT_EQ(testing::slurp(root / "file"), "one");
  ASSERT_EQ(::symlink("nowhere", (root / "link").c_str()), 0);
  EXPECT_FALSE(createFile(open(root).get(), "link", "two", 0600).value());
  EXPECT_FALSE(std::filesystem::exists(root / "nowhere"));
  EXPECT_EQ(entries(root.path()), 2U);
}

}  // namespace
}  // namespace bulkhead::os
