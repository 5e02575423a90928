#include <gtest/gtest.h>

#include "agent/host/dry_run_host.h"
#include "agent/host/nginx.h"
#include "agent/ops/all_ops.h"
#include "agent/registry/registry.h"
#include "tests/support/account_scene.h"
#include "tests/support/fake_nginx.h"
#include "tests/support/op_call.h"
#include "tests/support/poison.h"

namespace bulkhead::agent {
namespace {

using testing::FakeCrash;

struct Scene : testing::AccountScene {
  testing::FakeNginx nginx{host, systemd};
  testing::OpCall<rpc::SiteRename, rpc::Site> call;

  Scene() {
    apply("alice", "old.example");
    host.addFile("/home/alice/sites/old.example/public/page", "x",
                 {0640, alice.identity.uid, alice.identity.gid});
    host.resetFaults();
  }
  void apply(const std::string& username, const std::string& domain) {
    testing::OpCall<rpc::SiteApply, rpc::Site> site;
    site.params().setUsername(username);
    site.params().setDomain(domain);
    const auto done = site.perform(siteApply(), host);
    if (!done.ok()) throw std::logic_error(done.error().message);
  }
  Result<Proof> rename(const std::string& from = "old.example",
                       const std::string& to = "new.example",
                       const std::string& username = "alice") {
    call.params().setUsername(username);
    call.params().setDomain(testing::wire(from));
    call.params().setNewDomain(testing::wire(to));
    return call.perform(siteRename(), host);
  }
  void expectRenamed(const std::string& when) {
    EXPECT_TRUE(host.exists("/home/alice/sites/new.example/public/page")) << when;
    EXPECT_FALSE(host.exists("/home/alice/sites/old.example")) << when;
    EXPECT_TRUE(host.exists(nginx::sitePath(*DomainName::parse("new.example")))) << when;
    EXPECT_FALSE(host.exists(nginx::sitePath(*DomainName::parse("old.example")))) << when;
    EXPECT_FALSE(Registry(host).findSite(*DomainName::parse("old.example")).ok()) << when;
    const auto site = Registry(host).findSite(*DomainName::parse("new.example"));
    EXPECT_EQ(site->account, "alice") << when;
    EXPECT_EQ(site->renamedFrom, "") << when;
  }
};

TEST(SiteRename, ServesTheFilesUnderTheNewDomainWithOneReload) {
  Scene scene;
  const auto reloads = scene.systemd.reloads;
  const auto proof = scene.rename();
  ASSERT_TRUE(proof.ok()) << proof.error().message;
  scene.expectRenamed("at once");
  EXPECT_EQ(scene.systemd.reloads, reloads + 1);
  EXPECT_EQ(std::string(scene.call.reply().getDocumentRoot().cStr()),
            "/home/alice/sites/new.example/public");
}

TEST(SiteRename, TwiceIsOnce) {
  Scene scene;
  ASSERT_TRUE(scene.rename().ok());
  EXPECT_TRUE(scene.rename().ok());
  scene.expectRenamed("again");
}

TEST(SiteRename, ARetryCompletesWhatAKillHasLeft) {
  Scene counting;
  ASSERT_TRUE(counting.rename().ok());
  const auto changes = counting.host.mutations();
  ASSERT_GT(changes, 6U);
  for (std::size_t at = 0; at <= changes; ++at) {
    Scene scene;
    scene.host.crashAfter(at);
    try {
      (void)scene.rename();
    } catch (const FakeCrash&) {
    }
    scene.host.resetFaults();
    const auto done = scene.rename();
    ASSERT_TRUE(done.ok()) << "after " << at << ": " << done.error().message;
    scene.expectRenamed("after " + std::to_string(at));
  }
}

TEST(SiteRename, ABrokenConfigurationLeavesTheOldSite) {
  Scene scene;
  scene.nginx.refused.insert(nginx::sitePath(*DomainName::parse("new.example")));
  EXPECT_FALSE(scene.rename().ok());
  EXPECT_TRUE(scene.host.exists("/home/alice/sites/old.example/public/page"));
  EXPECT_TRUE(Registry(scene.host).findSite(*DomainName::parse("old.example")).ok());
  EXPECT_FALSE(Registry(scene.host).findSite(*DomainName::parse("new.example")).ok());
  EXPECT_TRUE(scene.host.exists(nginx::sitePath(*DomainName::parse("old.example"))));
}

TEST(SiteRename, RefusesNamesThatBelongToSomebodyOrSomethingElse) {
  Scene scene;
  scene.addAccount("bob");
  ASSERT_TRUE(Registry(scene.host).putSite({"bob", "bob.example", {}, SiteMode::kServe}).ok());
  ASSERT_TRUE(Registry(scene.host)
                  .putSite({"alice", "more.example", {"www.more.example"}, SiteMode::kServe})
                  .ok());
  scene.host.resetFaults();
  EXPECT_EQ(scene.rename("old.example", "bob.example").error().code, Code::kConflict);
  EXPECT_EQ(scene.rename("old.example", "x.bob.example").error().code, Code::kConflict);
  EXPECT_EQ(scene.rename("old.example", "more.example").error().code, Code::kConflict);
  EXPECT_EQ(scene.rename("old.example", "www.more.example").error().code, Code::kConflict);
  EXPECT_EQ(scene.rename("bob.example", "new.example").error().code, Code::kNotFound);
  EXPECT_EQ(scene.rename("none.example", "new.example").error().code, Code::kNotFound);
  EXPECT_EQ(scene.rename("old.example", "old.example").error().code, Code::kInvalidArgument);
  EXPECT_EQ(scene.host.mutations(), 0U);
}

// As the panel asks when it takes back a renaming that was refused: the old name is not the
// account's, the new one is, and nothing is there to take back.
TEST(SiteRename, NeverTakesAwayAnotherAccountsSite) {
  Scene scene;
  scene.addAccount("bob");
  scene.apply("bob", "bob.example");
  scene.host.addFile("/var/log/nginx/domlogs/bob.example.log", "x");
  scene.host.resetFaults();
  const auto refused = scene.rename("bob.example", "old.example");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::kNotFound);
  EXPECT_EQ(scene.host.mutations(), 0U);
  EXPECT_EQ(Registry(scene.host).findSite(*DomainName::parse("bob.example"))->account, "bob");
  EXPECT_TRUE(scene.host.exists(nginx::sitePath(*DomainName::parse("bob.example"))));
}

TEST(SiteRename, KeepsTheOldNameUntilTheNewOneIsProved) {
  Scene counting;
  ASSERT_TRUE(counting.rename().ok());
  Scene scene;
  scene.addAccount("bob");
  scene.host.resetFaults();
  scene.host.crashAfter(counting.host.mutations() - 1);
  EXPECT_THROW((void)scene.rename(), FakeCrash);
  scene.host.resetFaults();
  const auto begun = Registry(scene.host).findSite(*DomainName::parse("new.example"));
  ASSERT_TRUE(begun.ok() && begun->renamedFrom == "old.example");
  const auto bob = *Username::parse("bob");
  const auto old = *DomainName::parse("old.example");
  EXPECT_EQ(Registry(scene.host).checkDomain(bob, old).error().code, Code::kConflict);
  ASSERT_TRUE(scene.rename().ok());
  EXPECT_TRUE(Registry(scene.host).checkDomain(bob, old).ok());
}

TEST(SiteRename, RefusesToMixTheFilesOfTwoSites) {
  Scene scene;
  const auto& who = scene.alice.identity;
  scene.host.addDirectory("/home/alice/sites/new.example", {0750, who.uid, who.gid});
  EXPECT_EQ(scene.rename().error().code, Code::kConflict);
  EXPECT_TRUE(scene.host.exists("/home/alice/sites/old.example/public/page"));
}

TEST(SiteRename, RefusesAnAccountThatIsHalfGone) {
  Scene scene;
  auto record = scene.alice;
  record.state = AccountState::kDeleting;
  ASSERT_TRUE(Registry(scene.host).put(record).ok());
  EXPECT_EQ(scene.rename().error().code, Code::kConflict);
}

TEST(SiteRename, RefusesTextThatIsNoDomain) {
  Scene scene;
  for (const auto& text : testing::poison()) {
    EXPECT_FALSE(scene.rename("old.example", text).ok()) << testing::shown(text);
    EXPECT_FALSE(scene.rename(text, "new.example").ok()) << testing::shown(text);
  }
  EXPECT_EQ(scene.host.mutations(), 0U);
}

TEST(SiteRename, ADryRunChangesNothing) {
  Scene scene;
  DryRunHost preview(scene.host);
  scene.call.params().setUsername("alice");
  scene.call.params().setDomain("old.example");
  scene.call.params().setNewDomain("new.example");
  const auto shown = scene.call.preview(siteRename(), preview);
  ASSERT_TRUE(shown.ok()) << shown.error().message;
  EXPECT_GE(preview.changes().size(), 3U);
  EXPECT_EQ(scene.host.mutations(), 0U);
}

}  // namespace
}  // namespace bulkhead::agent
