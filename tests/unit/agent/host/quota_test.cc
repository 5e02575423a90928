#include "agent/host/quota.h"

#include <gtest/gtest.h>

#include "tests/support/fake_host.h"

namespace bulkhead::agent::quota {
namespace {

using bulkhead::testing::FakeHost;

const Identity kAlice{"alice", 20001, 20001, "/home/alice", 589824, 65536};

struct Scene {
  FakeHost host;
  Scene() { host.addDirectory("/home/alice", {0700, 20001, 20001}); }
  void dropProjects() {
    host.setFileSystem({"ext4", "/dev/vda1", "/home", {"rw", "noquota"}, 0, 0});
  }
};

TEST(Quota, AHomeIsPutIntoTheProjectOfItsUid) {
  Scene scene;
  ASSERT_TRUE(adopt(scene.host, kAlice).ok());
  EXPECT_EQ(*scene.host.projectOf("/home/alice"), 20001U);
  EXPECT_TRUE(checkHome(scene.host, kAlice).ok());
}

TEST(Quota, AFileSystemWithoutProjectsStillTakesAccounts) {
  Scene scene;
  scene.dropProjects();
  EXPECT_TRUE(adopt(scene.host, kAlice).ok());
  EXPECT_TRUE(clear(scene.host, kAlice).ok());
  const auto refused = checkHome(scene.host, kAlice);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::kUnsupported);
  EXPECT_EQ(refused.error().message,
            "quota: /home (ext4) is not mounted with project quotas; mount it with the option "
            "prjquota");
}

TEST(Quota, AnotherFailureOfTheFileSystemIsTold) {
  Scene scene;
  scene.host.failMutation(1, {Code::kPermissionDenied, "no", ""});
  EXPECT_EQ(adopt(scene.host, kAlice).error().code, Code::kPermissionDenied);
  scene.host.failMutation(2, {Code::kPermissionDenied, "no", ""});
  EXPECT_EQ(clear(scene.host, kAlice).error().code, Code::kPermissionDenied);
}

TEST(Quota, AHomeOlderThanTheQuotasIsAConflict) {
  Scene scene;
  EXPECT_EQ(checkHome(scene.host, kAlice).error().code, Code::kConflict);
}

TEST(Quota, KnowsBothNamesOfTheMountOption) {
  EXPECT_TRUE(isSupported({"ext4", "", "", {"rw", "prjquota"}, 0, 0}));
  EXPECT_TRUE(isSupported({"xfs", "", "", {"pquota"}, 0, 0}));
  EXPECT_FALSE(isSupported({"ext4", "", "", {"rw", "usrquota", "prjquota2"}, 0, 0}));
}

TEST(Quota, LimitsAreSetReadBackAndCleared) {
  Scene scene;
  ASSERT_TRUE(adopt(scene.host, kAlice).ok());
  ASSERT_TRUE(set(scene.host, kAlice, 10ULL << 30U, 1000).ok());
  scene.host.useDisk(20001, 4096, 3);
  const auto now = get(scene.host, kAlice);
  ASSERT_TRUE(now.ok());
  EXPECT_EQ(now->bytesMax, 10ULL << 30U);
  EXPECT_EQ(now->inodesMax, 1000U);
  EXPECT_EQ(now->bytesUsed, 4096U);
  const auto proof = prove(scene.host, kAlice, 10ULL << 30U, 1000);
  ASSERT_TRUE(proof.ok());
  EXPECT_EQ(proof->front().detail,
            "project 20001: 10737418240 bytes, 1000 inodes; used 4096 and 3");
  ASSERT_TRUE(clear(scene.host, kAlice).ok());
  EXPECT_EQ(get(scene.host, kAlice)->bytesMax, 0U);
  EXPECT_EQ(prove(scene.host, kAlice, 10ULL << 30U, 1000).error().code, Code::kInternal);
}

TEST(Quota, BytesAreRoundedUpToWholeKib) {
  Scene scene;
  ASSERT_TRUE(adopt(scene.host, kAlice).ok());
  for (const auto& [asked, kept] : std::map<std::uint64_t, std::uint64_t>{
           {0, 0}, {1, 1024}, {1024, 1024}, {1025, 2048}, {1ULL << 60U, 1ULL << 60U}}) {
    ASSERT_TRUE(set(scene.host, kAlice, asked, 0).ok());
    EXPECT_EQ(get(scene.host, kAlice)->bytesMax, kept);
    EXPECT_TRUE(prove(scene.host, kAlice, asked, 0).ok());
  }
}

}  // namespace
}  // namespace bulkhead::agent::quota
