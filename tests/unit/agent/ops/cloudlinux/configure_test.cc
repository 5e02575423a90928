#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/host/dry_run_host.h"
#include "tests/unit/agent/ops/cloudlinux/scene.h"

namespace bulkhead::agent {
namespace {

using ::testing::ElementsAre;
using Scene = CloudLinuxScene;

TEST(CloudlinuxConfigure, WritesEveryFileAndTellsCageFs) {
  Scene scene;
  scene.addPhp();
  const auto proof = scene.configure();
  ASSERT_TRUE(proof.ok()) << proof.error().message;
  EXPECT_NE(scene.content(cloudlinux::kIntegration).find("domains = /opt/cpvendor/bin/domains\n"),
            std::string::npos);
  EXPECT_EQ(scene.host.node(cloudlinux::kIntegration)->info.mode, 0644U);
  EXPECT_NE(scene.content("/etc/cagefs/conf.d/bulkhead.cfg").find("[bulkhead]"), std::string::npos);
  EXPECT_EQ(scene.content("/etc/cagefs/bulkhead.proxy.commands"),
            "BULKHEAD_CPAPI_DOMAINS=root:/usr/libexec/bulkhead/cpapi-domains\n");
  EXPECT_EQ(scene.content("/etc/cagefs/exclude/bulkhead"), "bulkhead-api\nbulkhead-gateway\n");
  EXPECT_EQ(scene.content("/etc/cagefs/cagefs.mp"),
            "/opt\n/var/lib/mysql\n*/var/lib/bulkhead/cpapi/uid\n");
  EXPECT_EQ(scene.content(cloudlinux::kNativePhp),
            "php=/usr/bin/php-cgi\nphp-cli=/usr/bin/php\nphp.ini=/etc/php.ini\n"
            "lsphp=/usr/local/bin/lsphp\nphp-fpm=/usr/sbin/php-fpm\n");
  EXPECT_FALSE(scene.host.exists(cloudlinux::kDuplicateUids));
  EXPECT_EQ(scene.host.node(cloudlinux::kSnapshots)->info.mode, 0711U);
  EXPECT_THAT(scene.started(), ElementsAre("/usr/sbin/cagefsctl --force-update",
                                           "/usr/sbin/cagefsctl --setup-cl-selector"));
  ASSERT_EQ(scene.call.reply().getNext().size(), 1U);
  EXPECT_NE(std::string(scene.call.reply().getNext()[0].cStr()).find("--remount-all"),
            std::string::npos);
  EXPECT_TRUE(scene.call.reply().getEnabled());
}

TEST(CloudlinuxConfigure, TwiceIsOnce) {
  Scene scene;
  ASSERT_TRUE(scene.configure().ok());
  const auto before = scene.content("/etc/cagefs/cagefs.mp");
  const auto commands = scene.host.commands().size();
  ASSERT_TRUE(scene.configure().ok());
  EXPECT_EQ(scene.content("/etc/cagefs/cagefs.mp"), before);
  EXPECT_EQ(scene.host.commands().size(), commands);
  EXPECT_EQ(scene.call.reply().getNext().size(), 0U);
}

TEST(CloudlinuxConfigure, RefusesAnotherSystemUnlessForced) {
  Scene scene(/*cloudLinux=*/false);
  const auto refused = scene.configure();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::kUnsupported);
  EXPECT_EQ(scene.host.mutations(), 0U);
  scene.call.params().setForce(true);
  ASSERT_TRUE(scene.configure().ok());
  EXPECT_TRUE(scene.host.exists(cloudlinux::kIntegration));
  EXPECT_TRUE(scene.host.exists("/etc/cagefs/conf.d/bulkhead.cfg"));
  EXPECT_TRUE(scene.host.commands().empty());
}

TEST(CloudlinuxConfigure, LeavesCageFsAloneWhereThereIsNone) {
  Scene scene(/*cloudLinux=*/false);
  scene.host.addFile("/etc/cloudlinux-release", "CloudLinux release 9\n");
  ASSERT_TRUE(scene.configure().ok());
  EXPECT_TRUE(scene.host.exists(cloudlinux::kIntegration));
  EXPECT_FALSE(scene.host.exists("/etc/cagefs"));
}

TEST(CloudlinuxConfigure, RefusesWithoutThePackagesTemplates) {
  Scene scene;
  ASSERT_TRUE(scene.host.removeTree(cloudlinux::kTemplates).ok());
  scene.host.resetFaults();
  EXPECT_EQ(scene.configure().error().code, Code::kUnavailable);
  EXPECT_EQ(scene.host.mutations(), 0U);
}

TEST(CloudlinuxConfigure, NamesNoPhpThatIsALinkOrMissing) {
  Scene scene;
  scene.addPhp();
  ASSERT_TRUE(scene.host.removeFile("/usr/bin/php").ok());
  scene.host.addSymlink("/usr/bin/php", "/usr/bin/php8.2");
  ASSERT_TRUE(scene.configure().ok());
  EXPECT_FALSE(scene.host.exists(cloudlinux::kNativePhp));
}

TEST(CloudlinuxConfigure, MarksSharedUidsWhenAskedTo) {
  Scene scene;
  scene.call.params().setDuplicateUids(true);
  ASSERT_TRUE(scene.configure().ok());
  EXPECT_TRUE(scene.host.exists(cloudlinux::kDuplicateUids));
  EXPECT_EQ(scene.content(cloudlinux::kDuplicateUids), "");
}

TEST(CloudlinuxConfigure, KeepsWhatAPersonHasChangedAndSaysSo) {
  Scene scene;
  ASSERT_TRUE(scene.configure().ok());
  scene.host.addFile(cloudlinux::kIntegration, "[integration_scripts]\nmine = 1\n");
  scene.host.addFile("/etc/cagefs/exclude/bulkhead", "somebody\n");
  const auto proof = scene.configure();
  ASSERT_TRUE(proof.ok());
  EXPECT_EQ(scene.content(cloudlinux::kIntegration), "[integration_scripts]\nmine = 1\n");
  EXPECT_EQ(scene.content("/etc/cagefs/exclude/bulkhead"), "somebody\n");
  EXPECT_EQ(scene.call.reply().getNext().size(), 2U);
}

TEST(CloudlinuxConfigure, ReplacesItsOwnOlderFile) {
  Scene scene;
  ASSERT_TRUE(scene.configure().ok());
  scene.host.addFile(std::string(cloudlinux::kTemplates) + "/exclude", "bulkhead-api\n");
  ASSERT_TRUE(scene.configure().ok());
  EXPECT_EQ(scene.content("/etc/cagefs/exclude/bulkhead"), "bulkhead-api\n");
}

TEST(CloudlinuxConfigure, ARetryCompletesWhatAKillHasLeft) {
  Scene counting;
  ASSERT_TRUE(counting.configure().ok());
  const auto changes = counting.host.mutations();
  for (std::size_t at = 0; at <= changes; ++at) {
    Scene scene;
    scene.host.crashAfter(at);
    try {
      (void)scene.configure();
    } catch (const testing::FakeCrash&) {
    }
    scene.host.resetFaults();
    ASSERT_TRUE(scene.configure().ok()) << at;
    EXPECT_EQ(scene.content(cloudlinux::kIntegration), counting.content(cloudlinux::kIntegration));
    EXPECT_EQ(scene.content("/etc/cagefs/cagefs.mp"), counting.content("/etc/cagefs/cagefs.mp"));
    for (const auto line : scene.call.reply().getNext())
      EXPECT_EQ(std::string(line.cStr()).find("by hand"), std::string::npos) << at;
  }
}

TEST(CloudlinuxConfigure, ReportsACommandOfCageFsThatFailed) {
  Scene scene;
  scene.exitCode = 1;
  ASSERT_TRUE(scene.configure().ok());
  EXPECT_NE(std::string(scene.call.reply().getNext()[0].cStr()).find("it failed: said"),
            std::string::npos);
}

TEST(CloudlinuxConfigure, TellsCageFsAgainUntilItHasHeard) {
  Scene scene;
  scene.addPhp();
  scene.exitCode = 1;
  ASSERT_TRUE(scene.configure().ok());
  EXPECT_EQ(scene.started().size(), 2U);
  scene.exitCode = 0;
  ASSERT_TRUE(scene.configure().ok());
  EXPECT_EQ(scene.started().size(), 4U);
  EXPECT_EQ(scene.call.reply().getNext().size(), 0U);
  ASSERT_TRUE(scene.configure().ok());
  EXPECT_EQ(scene.started().size(), 4U);
}

TEST(CloudlinuxConfigure, TellsCageFsAfterAKillToo) {
  Scene counting;
  counting.addPhp();
  ASSERT_TRUE(counting.configure().ok());
  const auto changes = counting.host.mutations();
  for (std::size_t at = 0; at < changes; ++at) {
    Scene scene;
    scene.addPhp();
    scene.host.crashAfter(at);
    EXPECT_THROW((void)scene.configure(), testing::FakeCrash) << at;
    scene.host.resetFaults();
    ASSERT_TRUE(scene.configure().ok()) << at;
    const auto all = scene.started();
    for (const auto* line :
         {"/usr/sbin/cagefsctl --force-update", "/usr/sbin/cagefsctl --setup-cl-selector"})
      EXPECT_NE(std::find(all.begin(), all.end(), line), all.end()) << at << line;
    EXPECT_TRUE(Scene::tellsToRemount(scene.call)) << at;
    EXPECT_FALSE(scene.host.exists("/var/lib/bulkhead/agent/cloudlinux-cages")) << at;
  }
}

TEST(CloudlinuxConfigure, TellsToRemountAfterAFailureToo) {
  Scene counting;
  ASSERT_TRUE(counting.configure().ok());
  EXPECT_TRUE(Scene::tellsToRemount(counting.call));
  const auto changes = counting.host.mutations();
  for (std::size_t at = 1; at <= changes; ++at) {
    Scene scene;
    scene.host.failMutation(at, Error{Code::kUnavailable, "no space left", ""});
    if (scene.configure().ok()) {  // a command of CageFS: it is named instead
      EXPECT_TRUE(Scene::tellsToRemount(scene.call)) << at;
      continue;
    }
    scene.host.resetFaults();
    ASSERT_TRUE(scene.configure().ok()) << at;
    EXPECT_TRUE(Scene::tellsToRemount(scene.call)) << at;
    ASSERT_TRUE(scene.configure().ok()) << at;
    EXPECT_FALSE(Scene::tellsToRemount(scene.call)) << at << ": once is enough";
  }
}

TEST(CloudlinuxConfigure, RefusesAnIntegrationOfAnotherProduct) {
  Scene scene;
  scene.host.addFile(cloudlinux::kIntegration, "theirs\n");
  const auto refused = scene.configure();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::kConflict);
  EXPECT_EQ(scene.host.mutations(), 0U);
}

TEST(CloudlinuxConfigure, RefusesAListOfFilesThatItCannotRead) {
  Scene scene;
  scene.host.addFile(cloudlinux::kWrittenFiles, "[1]");
  EXPECT_EQ(scene.configure().error().code, Code::kInternal);
}

TEST(CloudlinuxConfigure, ADryRunChangesNothing) {
  Scene scene;
  DryRunHost preview(scene.host);
  ASSERT_TRUE(scene.call.preview(cloudlinuxConfigure(), preview).ok());
  EXPECT_GT(preview.changes().size(), 6U);
  EXPECT_EQ(scene.host.mutations(), 0U);
}

}  // namespace
}  // namespace bulkhead::agent
