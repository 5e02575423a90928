#include <gtest/gtest.h>

#include "agent/host/dry_run_host.h"
#include "agent/ops/all_ops.h"
#include "tests/support/account_scene.h"
#include "tests/support/fake_nginx.h"
#include "tests/support/op_call.h"
#include "tests/support/poison.h"

namespace bulkhead::agent {
namespace {

using testing::AccountScene;
using testing::FakeNginx;
using Call = testing::OpCall<rpc::SiteApply, rpc::Site>;

struct SiteScene : AccountScene {
  FakeNginx nginx{host, systemd};

  Result<Proof> apply(const std::string& name,
                      const std::vector<std::string>& aliases = {},
                      rpc::SiteApply::Mode mode = rpc::SiteApply::Mode::SERVE,
                      const std::string& username = "alice") {
    Call call;
    fill(call, name, aliases, mode, username);
    auto proof = call.perform(siteApply(), host);
    status = call.reply().getProbeStatus();
    generation = call.reply().getGeneration();
    root = call.reply().getDocumentRoot().cStr();
    return proof;
  }
  static void fill(Call& call,
                   const std::string& name,
                   const std::vector<std::string>& aliases,
                   rpc::SiteApply::Mode mode,
                   const std::string& username) {
    call.params().setUsername(testing::wire(username));
    call.params().setDomain(testing::wire(name));
    auto list = call.params().initAliases(static_cast<capnp::uint>(aliases.size()));
    for (capnp::uint i = 0; i < list.size(); ++i)
      list.set(i, testing::wire(aliases[i]));
    call.params().setMode(mode);
  }
  int status = 0;
  std::uint64_t generation = 0;
  std::string root;
};

TEST(SiteApply, ServesAFirstPageThatNamesTheDomain) {
  SiteScene scene;
  const auto proof = scene.apply("example.com", {"www.example.com"});
  ASSERT_TRUE(proof.ok()) << proof.error().message;
  EXPECT_EQ(scene.status, 200);
  EXPECT_EQ(scene.generation, 1U);
  EXPECT_EQ(scene.root, "/home/alice/sites/example.com/public");
  EXPECT_NE(scene.host.content(scene.root + "/index.html").find("example.com"), std::string::npos);
  EXPECT_EQ(scene.host.node(scene.root)->info.uid, 20000U);
  EXPECT_NE(proof->back().detail.find("the page names the domain"), std::string::npos);
}

TEST(SiteApply, KeepsAPageThatIsThere) {
  SiteScene scene;
  ASSERT_TRUE(scene.apply("example.com").ok());
  scene.host.addFile(scene.root + "/index.html", "mine", {0640, 20000, 20000});
  ASSERT_TRUE(scene.apply("example.com").ok());
  EXPECT_EQ(scene.host.content(scene.root + "/index.html"), "mine");
}

TEST(SiteApply, StoresTheOneFormOfAnInternationalName) {
  SiteScene scene;
  ASSERT_TRUE(scene
                  .apply("B\xc3\xbc"
                         "cher.example")
                  .ok());
  EXPECT_TRUE(scene.host.exists("/etc/nginx/bulkhead/sites/xn--bcher-kva.example.conf"));
}

TEST(SiteApply, ShowsTheNoticeOfASuspendedAccountOnly) {
  SiteScene scene;
  ASSERT_TRUE(scene.apply("example.com").ok());
  scene.alice.state = AccountState::kSuspended;
  ASSERT_TRUE(Registry(scene.host).put(scene.alice).ok());
  EXPECT_EQ(scene.apply("example.com").error().code, Code::kConflict);
  ASSERT_TRUE(scene.apply("example.com", {}, rpc::SiteApply::Mode::SUSPENDED).ok());
  EXPECT_EQ(scene.status, 503);
}

TEST(SiteApply, FailsWhileTheAccountsWebServerDoesNotAnswer) {
  SiteScene scene;
  scene.nginx.siteAnswers = false;
  EXPECT_EQ(scene.apply("example.com").error().code, Code::kUnavailable);
  EXPECT_GE(scene.host.waited().count(), 9000);
}

TEST(SiteApply, RefusesNamesOfOtherAccountsInEveryForm) {
  SiteScene scene;
  scene.addAccount("bob");
  ASSERT_TRUE(
      scene.apply("example.com", {"other.example.net"}, rpc::SiteApply::Mode::SERVE, "bob").ok());
  const auto written = scene.host.paths();
  for (const char* name : {"example.com", "x.example.com", "EXAMPLE.COM", "example.com.",
                           "other.example.net", "deep.other.example.net"}) {
    EXPECT_EQ(scene.apply(name).error().code, Code::kConflict) << name;
    EXPECT_EQ(scene.apply("mine.example.org", {name}).error().code, Code::kConflict) << name;
  }
  EXPECT_EQ(scene.apply("example.net").error().code, Code::kConflict);  // above bob's alias
  EXPECT_EQ(scene.host.paths(), written);
}

TEST(SiteApply, RefusesANameOfTheAccountsOtherSite) {
  SiteScene scene;
  ASSERT_TRUE(scene.apply("example.com", {"www.example.com"}).ok());
  EXPECT_EQ(scene.apply("www.example.com").error().code, Code::kConflict);
  EXPECT_EQ(scene.apply("example.org", {"example.com"}).error().code, Code::kConflict);
}

TEST(SiteApply, RefusesAnAliasTwiceAndTooManyAliases) {
  SiteScene scene;
  EXPECT_EQ(scene.apply("example.com", {"example.com"}).error().field, "aliases");
  EXPECT_EQ(scene.apply("example.com", {"a.example.com", "A.example.com"}).error().code,
            Code::kInvalidArgument);
  std::vector<std::string> many;
  for (int i = 0; i < 101; ++i)
    many.push_back("a" + std::to_string(i) + ".example.com");
  EXPECT_EQ(scene.apply("example.com", many).error().code, Code::kLimitExceeded);
  many.pop_back();
  EXPECT_TRUE(scene.apply("example.com", many).ok());
}

TEST(SiteApply, RefusesPoisonWithNothingChanged) {
  SiteScene scene;
  for (const auto& text : testing::poison()) {
    EXPECT_FALSE(scene.apply(text).ok()) << text;
    EXPECT_FALSE(scene.apply("example.com", {text}).ok()) << text;
    EXPECT_FALSE(scene.apply("example.com", {}, rpc::SiteApply::Mode::SERVE, text).ok()) << text;
  }
  EXPECT_FALSE(scene.apply("example.com", {}, static_cast<rpc::SiteApply::Mode>(7)).ok());
  EXPECT_EQ(scene.apply("example.com", {}, rpc::SiteApply::Mode::SERVE, "carol").error().code,
            Code::kNotFound);
  EXPECT_EQ(scene.host.mutations(), 0U);
}

TEST(SiteApply, EndsServedAfterACrashAtEveryStep) {
  for (std::size_t step = 0; step < 60; ++step) {
    SiteScene scene;
    scene.host.crashAfter(step);
    bool crashed = false;
    try {
      (void)scene.apply("example.com");  // ignoring: the retry counts
    } catch (const testing::FakeCrash&) {
      crashed = true;
    }
    scene.host.resetFaults();
    const auto done = scene.apply("example.com");
    ASSERT_TRUE(done.ok()) << step << ": " << done.error().message;
    if (!crashed) return;
  }
  FAIL() << "more steps than expected";
}

TEST(SiteApply, ShowsTheVhostWithoutWritingIt) {
  SiteScene scene;
  DryRunHost preview(scene.host);
  Call call;
  SiteScene::fill(call, "example.com", {}, rpc::SiteApply::Mode::SERVE, "alice");
  ASSERT_TRUE(call.preview(siteApply(), preview).ok());
  EXPECT_EQ(scene.host.mutations(), 0U);
  std::string vhost;
  for (const auto& change : preview.changes())
    if (change.target == "/etc/nginx/bulkhead/sites/example.com.conf") vhost = change.diff;
  EXPECT_NE(vhost.find("server_name"), std::string::npos);
}

}  // namespace
}  // namespace bulkhead::agent
