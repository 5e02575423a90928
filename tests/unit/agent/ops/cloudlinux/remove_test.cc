#include <gtest/gtest.h>

#include "tests/unit/agent/ops/cloudlinux/scene.h"

namespace bulkhead::agent {
namespace {

struct Scene : CloudLinuxScene {
  testing::OpCall<rpc::Nothing, rpc::CloudlinuxReport> removal;
  using CloudLinuxScene::CloudLinuxScene;
  Result<Proof> remove() { return removal.perform(cloudlinuxRemove(), host); }
};

std::map<std::string, std::string> everything(const testing::FakeHost& host) {
  std::map<std::string, std::string> all;
  for (const auto& path : host.paths())
    if (host.node(path)->info.type == FileType::kRegular) all[path] = host.content(path);
  return all;
}

TEST(CloudlinuxRemove, TakesBackAllThatConfigureWrote) {
  Scene scene;
  scene.addPhp();
  scene.host.addFile("/etc/cagefs/cagefs.mp", "/opt\n/var/lib/mysql\n");
  const auto before = everything(scene.host);
  scene.call.params().setDuplicateUids(true);
  ASSERT_TRUE(scene.configure().ok());
  const auto proof = scene.remove();
  ASSERT_TRUE(proof.ok()) << proof.error().message;
  EXPECT_EQ(everything(scene.host), before);
  EXPECT_FALSE(scene.host.exists("/var/lib/bulkhead/cpapi"));
  EXPECT_FALSE(scene.removal.reply().getEnabled());
}

TEST(CloudlinuxRemove, TakesBackTheDirectoriesThatItHadToMake) {
  Scene scene(/*cloudLinux=*/false);
  scene.host.addDirectory("/etc");
  scene.call.params().setForce(true);
  ASSERT_TRUE(scene.configure().ok());
  ASSERT_TRUE(scene.configure().ok()) << "what is made once stays ours";
  ASSERT_TRUE(scene.host.exists("/etc/cagefs/conf.d"));
  ASSERT_TRUE(scene.remove().ok());
  EXPECT_FALSE(scene.host.exists("/etc/cagefs"));
  EXPECT_TRUE(scene.host.exists("/etc"));
}

TEST(CloudlinuxRemove, LeavesADirectoryThatSomebodyElseUses) {
  Scene scene(/*cloudLinux=*/false);
  scene.call.params().setForce(true);
  ASSERT_TRUE(scene.configure().ok());
  scene.host.addFile("/etc/cagefs/conf.d/theirs.cfg", "theirs\n");
  ASSERT_TRUE(scene.remove().ok());
  EXPECT_EQ(scene.content("/etc/cagefs/conf.d/theirs.cfg"), "theirs\n");
  EXPECT_FALSE(scene.host.exists("/etc/cagefs/exclude"));
  for (const auto& change : scene.host.log())
    EXPECT_FALSE(change.starts_with("removeTree /etc/"))
        << "somebody may use it since it was looked at: " << change;
}

TEST(CloudlinuxRemove, HasNothingToDoOnAnyOtherHost) {
  Scene scene(/*cloudLinux=*/false);
  const auto before = everything(scene.host);
  EXPECT_TRUE(scene.remove().ok());
  EXPECT_TRUE(scene.remove().ok());
  EXPECT_EQ(everything(scene.host), before);
  EXPECT_TRUE(scene.host.commands().empty());
}

TEST(CloudlinuxRemove, PutsAChangedIntegrationAsideAndLeavesOtherChangedFiles) {
  Scene scene;
  ASSERT_TRUE(scene.configure().ok());
  scene.host.addFile(cloudlinux::kIntegration, "mine\n");
  scene.host.addFile("/etc/cagefs/exclude/bulkhead", "mine\n");
  ASSERT_TRUE(scene.remove().ok());
  EXPECT_FALSE(scene.host.exists(cloudlinux::kIntegration));
  EXPECT_EQ(scene.content("/opt/cpvendor/etc/integration.ini.edited"), "mine\n");
  EXPECT_EQ(scene.content("/etc/cagefs/exclude/bulkhead"), "mine\n");
  EXPECT_EQ(scene.removal.reply().getNext().size(), 3U);  // and the cages
}

TEST(CloudlinuxRemove, NeverWritesOverAnIntegrationThatWasPutAsideBefore) {
  Scene scene;
  const std::string aside = std::string(cloudlinux::kIntegration) + ".edited";
  scene.host.addFile(aside, "precious\n");
  ASSERT_TRUE(scene.configure().ok());
  scene.host.addFile(cloudlinux::kIntegration, "mine\n");
  ASSERT_TRUE(scene.remove().ok());
  EXPECT_EQ(scene.host.content(aside), "precious\n");
  EXPECT_EQ(scene.host.content(aside + ".2"), "mine\n");
}

TEST(CloudlinuxRemove, SucceedsBesideAnIntegrationOfAnotherProduct) {
  Scene scene;
  scene.host.addFile(cloudlinux::kIntegration, "theirs\n");
  const auto proof = scene.remove();
  ASSERT_TRUE(proof.ok()) << proof.error().message;
  EXPECT_EQ(scene.content(cloudlinux::kIntegration), "theirs\n");
  EXPECT_NE(proof->front().detail.find("stays"), std::string::npos);
}

TEST(CloudlinuxRemove, LeavesAFileThatWasThereBefore) {
  Scene scene;
  scene.host.addFile("/etc/cagefs/exclude/bulkhead", "theirs\n");
  ASSERT_TRUE(scene.configure().ok());
  ASSERT_TRUE(scene.remove().ok());
  EXPECT_EQ(scene.content("/etc/cagefs/exclude/bulkhead"), "theirs\n");
}

TEST(CloudlinuxRemove, ARetryCompletesWhatAKillHasLeft) {
  Scene counting;
  ASSERT_TRUE(counting.configure().ok());
  counting.host.resetFaults();
  ASSERT_TRUE(counting.remove().ok());
  const auto changes = counting.host.mutations();
  for (std::size_t at = 0; at <= changes; ++at) {
    Scene scene;
    ASSERT_TRUE(scene.configure().ok());
    scene.host.resetFaults();
    scene.host.crashAfter(at);
    try {
      (void)scene.remove();
    } catch (const testing::FakeCrash&) {
    }
    scene.host.resetFaults();
    ASSERT_TRUE(scene.remove().ok()) << at;
    EXPECT_FALSE(scene.host.exists(cloudlinux::kIntegration)) << at;
    EXPECT_FALSE(scene.host.exists("/etc/cagefs/conf.d/bulkhead.cfg")) << at;
    EXPECT_EQ(scene.content("/etc/cagefs/cagefs.mp"), "/opt\n/var/lib/mysql\n") << at;
    if (at < changes) {
      EXPECT_TRUE(Scene::tellsToRemount(scene.removal)) << at;
    }
  }
}

TEST(CloudlinuxRemove, RefusesAListOfFilesThatItCannotRead) {
  Scene scene;
  scene.host.addFile(cloudlinux::kWrittenFiles, "no json");
  EXPECT_EQ(scene.remove().error().code, Code::kInternal);
}

}  // namespace
}  // namespace bulkhead::agent
