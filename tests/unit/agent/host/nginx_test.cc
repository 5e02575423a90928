#include "agent/host/nginx.h"

#include <gtest/gtest.h>

#include "tests/support/account_scene.h"
#include "tests/support/fake_nginx.h"

namespace bulkhead::agent {
namespace {

using testing::AccountScene;
using testing::FakeNginx;

struct NginxScene : AccountScene {
  FakeNginx nginx{host, systemd};
};

SiteRecord site(const std::string& name, SiteMode mode = SiteMode::kServe) {
  return {"alice", name, {}, mode};
}
DomainName domain(const std::string& text) { return *DomainName::parse(text); }

// Nothing of the configuration differs and no marker is left.
void expectUntouched(const NginxScene& scene, const std::map<std::string, std::string>& before) {
  for (const auto& [path, content] : before)
    EXPECT_EQ(scene.host.content(path), content) << path;
  for (const auto& path : scene.host.paths())
    if (path.starts_with("/etc/nginx") && !before.contains(path)) ADD_FAILURE() << path;
}

std::map<std::string, std::string> configuration(const NginxScene& scene) {
  std::map<std::string, std::string> files;
  for (const auto& path : scene.host.paths())
    if (path.starts_with("/etc/nginx")) files[path] = scene.host.content(path);
  return files;
}

TEST(Nginx, ServesASiteAndCountsTheGeneration) {
  NginxScene scene;
  ASSERT_TRUE(nginx::applySite(scene.host, site("a.example")).ok());
  EXPECT_EQ(*nginx::generation(scene.host), 1U);
  ASSERT_TRUE(nginx::applySite(scene.host, site("b.example")).ok());
  EXPECT_EQ(*nginx::generation(scene.host), 2U);
  EXPECT_TRUE(nginx::proveSite(scene.host, site("a.example"), scene.alice.identity).ok());
  EXPECT_EQ(Registry(scene.host).findSite(domain("a.example"))->account, "alice");
}

TEST(Nginx, DoesNotReloadForASiteThatIsThere) {
  NginxScene scene;
  ASSERT_TRUE(nginx::applySite(scene.host, site("a.example")).ok());
  const auto reloads = scene.systemd.reloads;
  ASSERT_TRUE(nginx::applySite(scene.host, site("a.example")).ok());
  EXPECT_EQ(scene.systemd.reloads, reloads);
}

// The operation has looked before it took the lock; the name may have gone to somebody else since.
TEST(Nginx, NeitherRemovesNorMovesAnotherAccountsSite) {
  NginxScene scene;
  scene.addAccount("bob");
  ASSERT_TRUE(nginx::applySite(scene.host, {"bob", "b.example", {}, SiteMode::kServe}).ok());
  ASSERT_TRUE(nginx::applySite(scene.host, site("a.example")).ok());
  const auto before = configuration(scene);
  const auto& alice = scene.alice.identity;
  EXPECT_EQ(nginx::removeSite(scene.host, alice, domain("b.example")).error().code,
            Code::kNotFound);
  auto moved = site("new.example");
  moved.renamedFrom = "b.example";
  EXPECT_EQ(nginx::moveSite(scene.host, domain("b.example"), moved).error().code, Code::kNotFound);
  expectUntouched(scene, before);
  EXPECT_EQ(Registry(scene.host).findSite(domain("b.example"))->account, "bob");
  EXPECT_FALSE(Registry(scene.host).findSite(domain("new.example")).ok());
}

TEST(Nginx, ADeletedAccountTakesNoSiteOfOthersWithIt) {
  NginxScene scene;
  scene.addAccount("bob");
  ASSERT_TRUE(nginx::applySite(scene.host, {"bob", "b.example", {}, SiteMode::kServe}).ok());
  const auto before = configuration(scene);
  scene.host.addDirectory(nginx::kMarked, {0700, 0, 0});
  scene.host.addFile(std::string(nginx::kMarked) + "/b.example", "alice");  // of a cut-off removal
  ASSERT_TRUE(nginx::removeAllOf(scene.host, scene.alice.identity).ok());
  expectUntouched(scene, before);
  EXPECT_EQ(Registry(scene.host).findSite(domain("b.example"))->account, "bob");
}

TEST(Nginx, BringsEveryMarkedSiteInWithOneReload) {
  NginxScene scene;
  Registry registry(scene.host);
  scene.host.addDirectory(nginx::kMarked, {0700, 0, 0});
  for (int i = 0; i < 19; ++i) {
    const auto name = "s" + std::to_string(i) + ".example";
    ASSERT_TRUE(registry.putSite(site(name)).ok());
    scene.host.addFile(std::string(nginx::kMarked) + "/" + name, "");
  }
  ASSERT_TRUE(nginx::applySite(scene.host, site("leader.example")).ok());
  EXPECT_EQ(scene.systemd.reloads, 1);
  EXPECT_EQ(scene.nginx.tests, 1);
  for (int i = 0; i < 19; ++i)
    EXPECT_TRUE(nginx::proveSite(scene.host, site("s" + std::to_string(i) + ".example"),
                                 scene.alice.identity)
                    .ok());
  EXPECT_TRUE(scene.host.list(nginx::kMarked)->empty());
}

TEST(Nginx, LeavesASiteThatNginxRefusesToItsOwnCaller) {
  NginxScene scene;
  Registry registry(scene.host);
  ASSERT_TRUE(registry.putSite(site("bad.example")).ok());
  scene.host.addDirectory(nginx::kMarked, {0700, 0, 0});
  scene.host.addFile(std::string(nginx::kMarked) + "/bad.example", "");
  scene.nginx.refused.insert(nginx::sitePath(domain("bad.example")));
  ASSERT_TRUE(nginx::applySite(scene.host, site("good.example")).ok());
  EXPECT_TRUE(scene.host.exists(nginx::sitePath(domain("good.example"))));
  EXPECT_FALSE(scene.host.exists(nginx::sitePath(domain("bad.example"))));
  EXPECT_TRUE(scene.host.exists(std::string(nginx::kMarked) + "/bad.example"));
}

TEST(Nginx, PutsEverythingBackWhenNginxRefusesTheSite) {
  NginxScene scene;
  ASSERT_TRUE(nginx::applySite(scene.host, site("a.example")).ok());
  const auto before = configuration(scene);
  scene.nginx.refused.insert(nginx::sitePath(domain("bad.example")));
  const auto done = nginx::applySite(scene.host, site("bad.example"));
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, Code::kInternal);
  EXPECT_EQ(Registry(scene.host).findSite(domain("bad.example")).error().code, Code::kNotFound);
  EXPECT_TRUE(scene.host.list(nginx::kMarked)->empty());
  expectUntouched(scene, before);
}

TEST(Nginx, PutsTheOldRecordBackWhenAChangeFails) {
  NginxScene scene;
  ASSERT_TRUE(nginx::applySite(scene.host, site("a.example")).ok());
  scene.systemd.ignoring.insert(nginx::kUnit);
  const auto done = nginx::applySite(scene.host, site("a.example", SiteMode::kSuspended));
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(Registry(scene.host).findSite(domain("a.example"))->mode, SiteMode::kServe);
}

TEST(Nginx, PutsEverythingBackWhenTheReloadIsIgnored) {
  NginxScene scene;
  ASSERT_TRUE(nginx::applySite(scene.host, site("a.example")).ok());
  const auto before = configuration(scene);
  scene.systemd.ignoring.insert(nginx::kUnit);
  const auto reloads = scene.systemd.reloads;
  const auto done = nginx::applySite(scene.host, site("b.example"));
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, Code::kTimeout);
  EXPECT_EQ(scene.systemd.reloads, reloads + 2);  // there and back
  expectUntouched(scene, before);
}

TEST(Nginx, NamesFileAndLineOfAConfigurationBrokenByHand) {
  NginxScene scene;
  scene.host.addFile("/etc/nginx/conf.d/mine.conf", "broken\n");
  scene.nginx.refused.insert("/etc/nginx/conf.d/mine.conf");
  const auto before = configuration(scene);
  const auto done = nginx::applySite(scene.host, site("a.example"));
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, Code::kConflict);
  EXPECT_NE(done.error().message.find("/etc/nginx/conf.d/mine.conf:3"), std::string::npos);
  EXPECT_EQ(scene.systemd.reloads, 0);
  expectUntouched(scene, before);
  EXPECT_EQ(Registry(scene.host).findSite(domain("a.example")).error().code, Code::kNotFound);
}

TEST(Nginx, RefusesAGenerationThatSomebodyChanged) {
  NginxScene scene;
  scene.host.addFile(nginx::kGeneration, "server { return 200 7; }\n");
  EXPECT_EQ(nginx::applySite(scene.host, site("a.example")).error().code, Code::kInternal);
  EXPECT_EQ(scene.host.content(nginx::kGeneration), "server { return 200 7; }\n");
}

TEST(Nginx, StartsAnNginxThatDoesNotRun) {
  NginxScene scene;
  scene.systemd.active.erase(nginx::kUnit);
  scene.systemd.onStart = [&](const std::string&) { scene.nginx.load(); };
  ASSERT_TRUE(nginx::applySite(scene.host, site("a.example")).ok());
  EXPECT_TRUE(scene.systemd.isActive(nginx::kUnit));
}

TEST(Nginx, IsBusyWhileAnotherHoldsTheLock) {
  NginxScene scene;
  scene.host.holdLock(Host::LockName::kNginx);
  EXPECT_EQ(nginx::applySite(scene.host, site("a.example")).error().code, Code::kBusy);
}

TEST(Nginx, WaitsForThoseWhoHaveAnnouncedThemselves) {
  NginxScene scene;
  const std::string waiting = "/var/lib/bulkhead/nginx-waiting/bob";
  scene.addAccount("bob");
  scene.host.addFile(waiting, "");
  int looks = 0;
  scene.host.onPause([&] {
    if (++looks != 3) return;  // now bob gets the lock, marks his site and withdraws
    ASSERT_TRUE(Registry(scene.host).putSite({"bob", "b.example", {}, SiteMode::kServe}).ok());
    scene.host.addFile(std::string(nginx::kMarked) + "/b.example", "bob");
    ASSERT_TRUE(scene.host.removeFile(waiting).ok());
  });
  ASSERT_TRUE(nginx::applySite(scene.host, site("a.example")).ok());
  EXPECT_EQ(scene.systemd.reloads, 1);
  EXPECT_TRUE(scene.host.exists(nginx::sitePath(domain("b.example"))));
}

TEST(Nginx, DoesNotWaitLongForSomebodyWhoWasKilled) {
  NginxScene scene;
  scene.host.addFile("/var/lib/bulkhead/nginx-waiting/bob", "");
  ASSERT_TRUE(nginx::applySite(scene.host, site("a.example")).ok());
  EXPECT_LE(scene.host.waited().count(), 400);
  EXPECT_FALSE(scene.host.exists("/var/lib/bulkhead/nginx-waiting/bob"));
}

TEST(Nginx, AnnouncesItselfWhileItWaitsForTheLock) {
  NginxScene scene;
  const std::string waiting = "/var/lib/bulkhead/nginx-waiting/alice";
  scene.host.holdLock(Host::LockName::kNginx);
  bool announced = false;
  scene.host.onPause([&] {
    if (!scene.host.exists(waiting)) return;
    announced = true;
    scene.host.dropLock(Host::LockName::kNginx);
  });
  ASSERT_TRUE(nginx::applySite(scene.host, site("a.example")).ok());
  EXPECT_TRUE(announced);
  EXPECT_FALSE(scene.host.exists(waiting));
}

TEST(Nginx, DoesNotStartAnNginxWhoseConfigurationIsBroken) {
  NginxScene scene;
  scene.systemd.active.erase(nginx::kUnit);
  scene.host.addFile("/etc/nginx/conf.d/mine.conf", "broken\n");
  scene.nginx.refused.insert("/etc/nginx/conf.d/mine.conf");
  EXPECT_EQ(nginx::applySite(scene.host, site("a.example")).error().code, Code::kConflict);
  EXPECT_FALSE(scene.systemd.isActive(nginx::kUnit));
}

TEST(Nginx, RefusesANameThatWasTakenMeanwhile) {
  NginxScene scene;
  scene.addAccount("bob");
  ASSERT_TRUE(Registry(scene.host).putSite({"bob", "a.example", {}, SiteMode::kServe}).ok());
  EXPECT_EQ(nginx::applySite(scene.host, site("a.example")).error().code, Code::kConflict);
  EXPECT_EQ(nginx::applySite(scene.host, site("x.a.example")).error().code, Code::kConflict);
  EXPECT_FALSE(scene.host.exists(nginx::sitePath(domain("a.example"))));
}

TEST(Nginx, RemovesASiteAndNothingElse) {
  NginxScene scene;
  ASSERT_TRUE(nginx::applySite(scene.host, site("a.example")).ok());
  ASSERT_TRUE(nginx::applySite(scene.host, site("b.example")).ok());
  scene.host.addFile("/var/log/nginx/domlogs/a.example.log", "x");
  ASSERT_TRUE(nginx::removeSite(scene.host, scene.alice.identity, domain("a.example")).ok());
  EXPECT_FALSE(scene.host.exists("/var/log/nginx/domlogs/a.example.log"));
  EXPECT_TRUE(nginx::proveNoSite(scene.host, domain("a.example")).ok());
  EXPECT_TRUE(nginx::proveSite(scene.host, site("b.example"), scene.alice.identity).ok());
  EXPECT_TRUE(nginx::removeSite(scene.host, scene.alice.identity, domain("a.example")).ok());
}

TEST(Nginx, KeepsTheRecordOfASiteThatCannotBeRemovedNow) {
  NginxScene scene;
  ASSERT_TRUE(nginx::applySite(scene.host, site("a.example")).ok());
  scene.host.addFile("/etc/nginx/conf.d/mine.conf", "broken\n");
  scene.nginx.refused.insert("/etc/nginx/conf.d/mine.conf");
  const auto done = nginx::removeSite(scene.host, scene.alice.identity, domain("a.example"));
  EXPECT_EQ(done.error().code, Code::kConflict);
  EXPECT_TRUE(Registry(scene.host).findSite(domain("a.example")).ok());
  EXPECT_TRUE(nginx::proveSite(scene.host, site("a.example"), scene.alice.identity).ok());
}

TEST(Nginx, RemovesAllSitesAndLogsOfOneAccountOnly) {
  NginxScene scene;
  const auto bob = scene.addAccount("bob");
  ASSERT_TRUE(nginx::applySite(scene.host, site("a.example")).ok());
  ASSERT_TRUE(nginx::applySite(scene.host, site("b.example")).ok());
  ASSERT_TRUE(nginx::applySite(scene.host, {"bob", "c.example", {}, SiteMode::kServe}).ok());
  for (const char* log : {"a.example.log", "a.example.log.1", "a.example.log.2.gz", "c.example.log",
                          "xa.example.log"})
    scene.host.addFile(std::string("/var/log/nginx/domlogs/") + log, "x");
  const auto reloads = scene.systemd.reloads;
  ASSERT_TRUE(nginx::removeAllOf(scene.host, scene.alice.identity).ok());
  EXPECT_EQ(scene.systemd.reloads, reloads + 1);
  EXPECT_TRUE(
      nginx::proveSite(scene.host, {"bob", "c.example", {}, SiteMode::kServe}, bob.identity).ok());
  EXPECT_EQ(*scene.host.list("/var/log/nginx/domlogs"),
            (std::vector<std::string>{"c.example.log", "xa.example.log"}));
  EXPECT_EQ(*scene.host.list(nginx::kSites), std::vector<std::string>{"c.example.conf"});
}

TEST(Nginx, RemovesASiteThatOnlyNginxStillHas) {
  NginxScene scene;
  ASSERT_TRUE(nginx::applySite(scene.host, site("a.example")).ok());
  ASSERT_TRUE(Registry(scene.host).removeSite(domain("a.example")).ok());
  ASSERT_TRUE(nginx::removeAllOf(scene.host, scene.alice.identity).ok());
  EXPECT_TRUE(scene.host.list(nginx::kSites)->empty());
}

// Whatever step the process dies at, doing it again ends right, and no crash leaves a site that is
// believed served but not loaded.
template <typename Act, typename Check>
void surviveEveryCrash(const Act& act, const Check& check) {
  for (std::size_t step = 0; step < 60; ++step) {
    NginxScene scene;
    ASSERT_TRUE(nginx::applySite(scene.host, site("old.example")).ok());
    scene.host.resetFaults();
    scene.host.crashAfter(step);
    bool crashed = false;
    try {
      (void)act(scene);  // ignoring: the retry counts
    } catch (const testing::FakeCrash&) {
      crashed = true;
    }
    scene.host.resetFaults();
    const auto done = act(scene);
    ASSERT_TRUE(done.ok()) << step << ": " << done.error().message;
    check(scene);
    EXPECT_EQ(*nginx::generation(scene.host), *nginx::generationOnDisk(scene.host)) << step;
    if (!crashed) return;
  }
  FAIL() << "more steps than expected";
}

TEST(Nginx, EndsServingAfterACrashAtEveryStep) {
  surviveEveryCrash(
      [](NginxScene& scene) { return nginx::applySite(scene.host, site("a.example")); },
      [](NginxScene& scene) {
        EXPECT_TRUE(nginx::proveSite(scene.host, site("a.example"), scene.alice.identity).ok());
      });
}

TEST(Nginx, EndsWithoutASiteAfterACrashAtEveryStep) {
  surviveEveryCrash(
      [](NginxScene& scene) { return nginx::removeAllOf(scene.host, scene.alice.identity); },
      [](NginxScene& scene) { EXPECT_TRUE(scene.host.list(nginx::kSites)->empty()); });
}

}  // namespace
}  // namespace bulkhead::agent
