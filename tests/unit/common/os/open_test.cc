#include "common/os/open.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "tests/support/root.h"

namespace bulkhead::os {
namespace {

using testing::RootDirectory;

TEST(SplitPath, TakesPlainAbsolutePathsOnly) {
  EXPECT_EQ(splitPath("/").value().size(), 0U);
  EXPECT_EQ(splitPath("/a/b").value(), (std::vector<std::string>{"a", "b"}));
  for (const char* path : {"", "a", "a/b", "/a/", "//", "/a//b", "/./a", "/a/..", "/../a", "/."})
    EXPECT_EQ(splitPath(path).error().code, Code::kPermissionDenied) << path;
  EXPECT_FALSE(splitPath(std::string_view("/a\0b", 4)).ok());
  for (const char* path : {"", "/a", "a/", "a//b", "..", "a/../b"})
    EXPECT_FALSE(splitRelative(path).ok()) << path;
}

TEST(OpenRootDirectory, RefusesEveryDirectoryThatSomebodyElseCouldChange) {
  const RootDirectory root;
  ::mkdir((root / "mine").c_str(), 0755);
  ::mkdir((root / "mine/deep").c_str(), 0755);
  EXPECT_TRUE(openRootDirectory(root / "mine/deep").ok());
  ::chmod((root / "mine").c_str(), 0775);
  EXPECT_EQ(openRootDirectory(root / "mine/deep").error().code, Code::kPermissionDenied)
      << "group-writable parent";
  ::chmod((root / "mine").c_str(), 0757);
  EXPECT_EQ(openRootDirectory(root / "mine/deep").error().code, Code::kPermissionDenied)
      << "world-writable parent";
  ::chmod((root / "mine").c_str(), 01777);
  EXPECT_TRUE(openRootDirectory(root / "mine/deep").ok()) << "sticky, as /tmp";
  ::chmod((root / "mine").c_str(), 0755);
  ASSERT_EQ(::chown((root / "mine").c_str(), 20000, 0), 0);
  EXPECT_EQ(openRootDirectory(root / "mine/deep").error().code, Code::kPermissionDenied)
      << "foreign owner";
}

TEST(OpenRootDirectory, RefusesLinksEvenOfRoot) {
  const RootDirectory root;
  ::mkdir((root / "real").c_str(), 0755);
  ASSERT_EQ(::symlink("real", (root / "link").c_str()), 0);
  EXPECT_EQ(openRootDirectory(root / "link").error().code, Code::kPermissionDenied);
  EXPECT_EQ(openRootDirectory(root / "missing").error().code, Code::kNotFound);
  EXPECT_EQ(openRootParent("/").error().code, Code::kPermissionDenied);
}

TEST(OpenBeneath, NeverLeavesTheDirectory) {
  const RootDirectory root;
  testing::spill(root / "outside", "secret");
  ::mkdir((root / "in").c_str(), 0755);
  testing::spill(root / "in/file", "text");
  ASSERT_EQ(::symlink("../outside", (root / "in/link").c_str()), 0);
  ASSERT_EQ(::symlink("/etc", (root / "in/etc").c_str()), 0);
  ASSERT_EQ(::symlink("file", (root / "in/inner").c_str()), 0);
  const Fd directory(::open((root / "in").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  EXPECT_TRUE(openBeneath(directory.get(), "file", O_RDONLY).ok());
  for (const char* path :
       {"link", "etc/passwd", "../outside", "inner", "/etc/passwd", "file/../../outside"})
    EXPECT_EQ(openBeneath(directory.get(), path, O_RDONLY).error().code, Code::kPermissionDenied)
        << path;
}

TEST(OpenBeneath, DoesNotWaitForTheOtherEndOfAFifo) {
  const RootDirectory root;
  ASSERT_EQ(::mkfifo((root / "fifo").c_str(), 0600), 0);
  const Fd directory(::open(root.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  EXPECT_TRUE(openBeneath(directory.get(), "fifo", O_RDONLY).ok());  // returns at once
}

TEST(OpenBeneath, StaysOnItsDevice) {
  const Fd directory(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  EXPECT_EQ(openBeneath(directory.get(), "proc/version", O_RDONLY).error().code,
            Code::kPermissionDenied);
  EXPECT_TRUE(openBeneath(directory.get(), "proc/version", O_RDONLY, 0, Device::kAny).ok());
}

TEST(ReadAll, ReadsFilesWithoutASizeAndStopsAtTheLimit) {
  const RootDirectory root;
  const Fd proc(::open("/proc/version", O_RDONLY | O_CLOEXEC));
  EXPECT_TRUE(readAll(proc.get(), 4096, "version").value().starts_with("Linux"));
  testing::spill(root / "x", std::string(5000, 'x'));
  const auto read = [&root](std::size_t limit) {
    const Fd file(::open((root / "x").c_str(), O_RDONLY | O_CLOEXEC));
    return readAll(file.get(), limit, "x");
  };
  EXPECT_EQ(read(5000).value().size(), 5000U);
  EXPECT_EQ(read(4999).error().code, Code::kLimitExceeded);
}

}  // namespace
}  // namespace bulkhead::os
