#include "common/os/remove_tree.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include <gtest/gtest.h>

#include "common/os/fd.h"
#include "tests/support/root.h"

namespace bulkhead::os {
namespace {

using testing::RootDirectory;
namespace fs = std::filesystem;

Fd open(const RootDirectory& root) {
  return Fd(::open(root.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
}
std::size_t entries(const std::string& path) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(path), {}));
}

// A file system in memory for trees of many entries; it goes with the test's own mount namespace.
void mountMemory(const RootDirectory& root, const char* options = "mode=0755") {
  ASSERT_EQ(::unshare(CLONE_NEWNS), 0);
  ASSERT_EQ(::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
  ASSERT_EQ(::mount("tmpfs", root.path().c_str(), "tmpfs", 0, options), 0);
}

Result<Ok> removeAllOfMode0700(const RootDirectory& root) {
  return removeEntries(open(root).get(), "shared",
                       [](const struct stat& info) { return (info.st_mode & 0777U) == 0700; });
}

TEST(RemoveTree, RemovesFilesOfEveryKindAndFollowsNoLink) {
  const RootDirectory root;
  fs::create_directories(root / "tree/a/b/c");
  fs::create_directories(root / "outside");
  testing::spill(root / "outside/kept", "kept");
  testing::spill(root / "tree/a/file", "x");
  fs::create_symlink(root / "outside", root / "tree/a/link");
  fs::create_symlink("../../outside", root / "tree/a/relative");
  fs::create_hard_link(root / "outside/kept", root / "tree/a/hard");
  ASSERT_EQ(::mkfifo((root / "tree/a/b/fifo").c_str(), 0600), 0);
  ASSERT_TRUE(removeTree(open(root).get(), "tree").ok());
  EXPECT_FALSE(fs::exists(root / "tree"));
  EXPECT_EQ(testing::slurp(root / "outside/kept"), "kept");
  EXPECT_EQ(entries(root.path()), 1U) << "no trash is left";
}

TEST(RemoveTree, TakesAFileOrALinkAsATreeOfOne) {
  const RootDirectory root;
  testing::spill(root / "file", "x");
  fs::create_symlink("/etc", root / "link");
  ASSERT_TRUE(removeTree(open(root).get(), "file").ok());
  ASSERT_TRUE(removeTree(open(root).get(), "link").ok());
  ASSERT_TRUE(removeTree(open(root).get(), "absent").ok());
  EXPECT_EQ(entries(root.path()), 0U);
}

TEST(RemoveTree, RefusesNamesThatAreMoreOrLessThanAName) {
  const RootDirectory root;
  for (const char* name : {"", ".", "..", "a/b", "/", "a/"})
    EXPECT_EQ(removeTree(open(root).get(), name).error().code, Code::kPermissionDenied) << name;
}

TEST(RemoveTree, DepthCostsNeitherStackNorDescriptors) {
  const RootDirectory root;
  mountMemory(root);
  Fd current(::open(root.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  constexpr int kDepth = 1500;
  for (int i = 0; i < kDepth; ++i) {
    ASSERT_EQ(::mkdirat(current.get(), "d", 0700), 0);
    current.reset(::openat(current.get(), "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  current.reset();
  ASSERT_TRUE(removeTree(open(root).get(), "d").ok());
  EXPECT_EQ(entries(root.path()), 0U);
  ::umount2(root.path().c_str(), MNT_DETACH);
}

TEST(RemoveTree, TakesADirectoryOfManyFiles) {
  const RootDirectory root;
  mountMemory(root);
  ::mkdir((root / "tree").c_str(), 0755);
  for (int i = 0; i < 5000; ++i)
    ASSERT_EQ(::mknod((root / ("tree/" + std::to_string(i))).c_str(), S_IFREG | 0600, 0), 0);
  ASSERT_TRUE(removeTree(open(root).get(), "tree").ok());
  EXPECT_EQ(entries(root.path()), 0U);
  ::umount2(root.path().c_str(), MNT_DETACH);
}

// Whoever may write there may have left a million names.
TEST(RemoveEntries, TakesWhatIsWantedOutOfAnyNumberOfOthers) {
  const RootDirectory root;
  mountMemory(root);
  constexpr int kMany = 20000;
  const auto directory = open(root);
  for (int i = 0; i < kMany; ++i) {
    const auto name = (i % 2 == 0 ? "mine" : "others") + std::to_string(i);
    ASSERT_EQ(::mkdirat(directory.get(), name.c_str(), i % 2 == 0 ? 0700 : 0755), 0);
  }
  fs::create_directories(root / "mine0/deep");
  testing::spill(root / "file", "x");
  ASSERT_EQ(::chmod((root / "file").c_str(), 0700), 0);
  const auto mine = [](const struct stat& info) { return (info.st_mode & 0777U) == 0700; };
  const auto removed = removeEntries(directory.get(), "shared", mine);
  ASSERT_TRUE(removed.ok()) << removed.error().message;
  EXPECT_EQ(entries(root.path()), kMany / 2U);
}

// Whoever fills a file system must not keep root from emptying it.
TEST(RemoveEntries, NeedsNoFreeInode) {
  const RootDirectory root;
  mountMemory(root, "mode=0755,nr_inodes=40");
  ASSERT_EQ(::mkdir((root / "tree").c_str(), 0700), 0);
  std::string deep = root / "tree";
  for (int i = 0; i < 28; ++i)  // deeper than directories are kept open
    ASSERT_EQ(::mkdir((deep += "/d").c_str(), 0755), 0);
  ASSERT_EQ(::mknod((root / "file").c_str(), S_IFREG | 0700, 0), 0);
  for (int i = 0; ::mknod((deep + "/" + std::to_string(i)).c_str(), S_IFREG | 0600, 0) == 0; ++i)
    ;
  ASSERT_EQ(errno, ENOSPC);
  const auto removed = removeAllOfMode0700(root);
  EXPECT_TRUE(removed.ok()) << removed.error().message;
  EXPECT_EQ(entries(root.path()), 0U);
  ::umount2(root.path().c_str(), MNT_DETACH);
}

TEST(RemoveEntries, TakesTreesOfAnyDepthAndFollowsNoLink) {
  const RootDirectory root;
  mountMemory(root);
  ASSERT_EQ(::mkdir((root / "kept").c_str(), 0755), 0);
  testing::spill(root / "kept/file", "kept");
  ASSERT_EQ(::mkdir((root / "tree").c_str(), 0700), 0);
  Fd current(::open((root / "tree").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(::symlinkat((root / "kept").c_str(), current.get(), "link"), 0);
    ASSERT_EQ(::mkdirat(current.get(), "a", 0700) + ::mkdirat(current.get(), "d", 0700), 0);
    current.reset(::openat(current.get(), "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  current.reset();
  ASSERT_TRUE(removeAllOfMode0700(root).ok());
  EXPECT_EQ(entries(root.path()), 1U);
  EXPECT_EQ(testing::slurp(root / "kept/file"), "kept");
  ::umount2(root.path().c_str(), MNT_DETACH);
}

TEST(RemoveEntries, StopsAtAMountedFileSystem) {
  const RootDirectory root;
  mountMemory(root);
  fs::create_directories(root / "tree/mounted");
  ASSERT_EQ(::chmod((root / "tree").c_str(), 0700), 0);
  fs::create_directories(root / "elsewhere");
  testing::spill(root / "elsewhere/kept", "kept");
  ASSERT_EQ(::mount((root / "elsewhere").c_str(), (root / "tree/mounted").c_str(), nullptr, MS_BIND,
                    nullptr),
            0);
  EXPECT_FALSE(removeAllOfMode0700(root).ok());
  EXPECT_FALSE(removeAllOfMode0700(root).ok()) << "asking again must not call it done";
  EXPECT_EQ(testing::slurp(root / "elsewhere/kept"), "kept");
  ::umount2((root / "tree/mounted").c_str(), MNT_DETACH);
  EXPECT_TRUE(removeAllOfMode0700(root).ok());
  EXPECT_EQ(entries(root.path()), 1U);
  ::umount2(root.path().c_str(), MNT_DETACH);
}

// What others plant under the name of a trash is not taken for one, whatever it is.
TEST(RemoveTree, IsNotStoppedByAFalseTrash) {
  const RootDirectory root;
  const auto falseTrash = [&root](const std::string& digit) {
    return root / (std::string(kTrashPrefix) + "tree-0123456789abcde" + digit);
  };
  fs::create_directories(falseTrash("0"));
  ASSERT_EQ(::chown(falseTrash("0").c_str(), 20001, 20001), 0);
  testing::spill(falseTrash("1"), "x");
  ASSERT_EQ(::mkfifo(falseTrash("2").c_str(), 0600), 0);
  fs::create_directory_symlink("/etc", falseTrash("3"));
  fs::create_symlink("nowhere", falseTrash("4"));
  fs::create_directories(root / "tree/below");
  const auto removed = removeTree(open(root).get(), "tree");
  ASSERT_TRUE(removed.ok()) << removed.error().message;
  EXPECT_FALSE(fs::exists(root / "tree"));
  EXPECT_EQ(entries(root.path()), 5U);
}

TEST(RemoveTree, FinishesWhatAKilledCallLeft) {
  const RootDirectory root;
  fs::create_directories(root / (std::string(kTrashPrefix) + "0123/x/y"));
  ASSERT_EQ(::chmod((root / (std::string(kTrashPrefix) + "0123")).c_str(), 0700), 0);
  ASSERT_TRUE(removeTree(open(root).get(), "absent").ok());
  EXPECT_EQ(entries(root.path()), 0U);
}

TEST(RemoveTree, StopsAtAMountedFileSystem) {
  const RootDirectory root;
  mountMemory(root);
  fs::create_directories(root / "tree/mounted");
  fs::create_directories(root / "elsewhere");
  testing::spill(root / "elsewhere/kept", "kept");
  ASSERT_EQ(::mount((root / "elsewhere").c_str(), (root / "tree/mounted").c_str(), nullptr, MS_BIND,
                    nullptr),
            0);
  EXPECT_FALSE(removeTree(open(root).get(), "tree").ok());
  EXPECT_FALSE(removeTree(open(root).get(), "tree").ok()) << "asking again must not call it done";
  EXPECT_TRUE(removeTree(open(root).get(), "other").ok()) << "nor stop the removal of another tree";
  EXPECT_EQ(testing::slurp(root / "elsewhere/kept"), "kept");
  ::umount2(root.path().c_str(), MNT_DETACH);
}

}  // namespace
}  // namespace bulkhead::os
