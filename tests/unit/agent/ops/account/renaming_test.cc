#include "agent/ops/account/renaming.h"

#include <optional>

#include <gtest/gtest.h>

#include "tests/support/renaming_scene.h"

namespace bulkhead::agent {
namespace {

using testing::FakeCrash;
using Scene = RenamingScene;

// The containers hold the path of the home that the account had when they were made.
TEST(Renaming, ServesFromTheNewHomeAndProvesIt) {
  Scene scene;
  const auto proof = scene.rename();
  ASSERT_TRUE(proof.ok()) << proof.error().message;
  scene.expectServing("eva", "at once");
  std::map<std::string, std::string> facts;
  for (const auto& fact : *proof)
    facts[fact.check] = fact.detail;
  EXPECT_EQ(facts["http probe"], "1 served sites answer");
  EXPECT_EQ(facts["container"], "web runs bulkhead/web:1");
  EXPECT_EQ(facts["published port"], "40001");
  testing::OpCall<rpc::ServiceRef, rpc::Nothing> gone;
  gone.params().setUsername("eva");
  gone.params().setService("web");
  const auto removed = gone.perform(serviceRemove(), scene.host);
  EXPECT_TRUE(removed.ok()) << removed.error().message;
}

TEST(Renaming, IsNoSuccessWhileASiteDoesNotAnswer) {
  Scene scene;
  scene.host.onProbe([&](const Probe& probe) -> Result<HttpReply> {
    if (!probe.socketPath.empty()) return HttpReply{200, "1"};
    return HttpReply{scene.host.exists("/home/eva") ? 502 : 200, ""};
  });
  const auto refused = scene.rename();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::kUnavailable);
  EXPECT_EQ(Registry(scene.host).find(*Username::parse("eva"))->state, AccountState::kRenaming);
  const auto back = scene.rename("eva", "eve");
  ASSERT_TRUE(back.ok()) << back.error().message;
  scene.expectAsBefore("back");
}

TEST(Renaming, RefusesAnAccountWhoseEngineDoesNotSayWhatItRuns) {
  Scene scene;
  scene.engine.up = false;
  EXPECT_EQ(scene.rename().error().code, Code::kUnavailable);
  EXPECT_EQ(scene.host.mutations(), 0U);
}

// Which is how the panel undoes a step that failed.
TEST(Renaming, TheOppositeTakesBackWhateverAFailureHasLeft) {
  Scene counting;
  ASSERT_TRUE(counting.rename().ok());
  const auto changes = counting.host.mutations();
  ASSERT_GT(changes, 15U);
  for (std::size_t at = 1; at <= changes; ++at) {
    Scene scene;
    const auto when = "after " + std::to_string(at);
    scene.host.failMutation(at, {Code::kUnavailable, "not now", ""});
    if (scene.rename().ok()) continue;  // a failure that does not matter
    scene.host.resetFaults();
    const bool complete = Registry(scene.host).findActive(*Username::parse("eva")).ok();
    const auto back = scene.rename("eva", "eve");
    if (complete) {
      EXPECT_TRUE(back.ok()) << when;
      EXPECT_EQ(Registry(scene.host).find(*Username::parse("eve"))->previousName, "eva");
      scene.expectServing("eve", when);
    } else if (back.ok()) {
      scene.expectAsBefore(when);
      scene.expectServing("eve", when);
    } else {  // nothing had begun
      EXPECT_EQ(back.error().code, Code::kNotFound) << when << " " << back.error().message;
      EXPECT_EQ(Registry(scene.host).find(*Username::parse("eve"))->state, AccountState::kActive);
      EXPECT_LE(at, 4U);
    }
    const auto again = scene.rename();
    ASSERT_TRUE(again.ok()) << when << " " << again.error().message;
    scene.expectRenamed(when);
  }
}

TEST(Renaming, AKillWhileItIsTakenBackIsCompletedByARetry) {
  for (std::size_t at = 0; at <= 24; ++at) {
    Scene scene;
    scene.host.crashAfter(12);
    EXPECT_THROW((void)scene.rename(), FakeCrash);
    scene.host.resetFaults();
    scene.host.crashAfter(at);
    try {
      (void)scene.rename("eva", "eve");
    } catch (const FakeCrash&) {
    }
    scene.host.resetFaults();
    const auto back = scene.rename("eva", "eve");
    EXPECT_TRUE(back.ok() || back.error().code == Code::kNotFound) << at;
    scene.expectAsBefore("after " + std::to_string(at));
    scene.expectNoIntent("after " + std::to_string(at));
    scene.expectServing("eve", "after " + std::to_string(at));
  }
}

TEST(Renaming, IsTakenBackAlsoWhenTheTenantHasBrokenItsEngine) {
  Scene scene;
  const auto start = scene.systemd.onStart;
  scene.systemd.onStart = [](const std::string&) {};  // it does not come up any more
  EXPECT_FALSE(scene.rename().ok());
  const auto back = scene.rename("eva", "eve");
  ASSERT_TRUE(back.ok()) << back.error().message;
  scene.expectAsBefore("back");
  EXPECT_EQ(back->back().check, "engine");
  EXPECT_TRUE(back->back().detail.starts_with("does not serve: "));
  // Not even its containers are left. What they were is known until they serve again.
  scene.engine.containers.clear();
  const auto stillBroken = scene.rename("eva", "eve");
  ASSERT_TRUE(stillBroken.ok()) << stillBroken.error().message;
  EXPECT_TRUE(stillBroken->back().detail.starts_with("does not serve: "));
  scene.systemd.onStart = start;
  const auto served = scene.rename("eva", "eve");
  ASSERT_TRUE(served.ok()) << served.error().message;
  scene.expectServing("eve", "in the end");
  scene.expectAsBefore("in the end");
  scene.expectNoIntent("in the end");
  EXPECT_EQ(scene.rename("eva", "eve").error().code, Code::kNotFound);
}

TEST(Renaming, TheNextOneTakesAlongWhatCouldNotBeServedAfterATakingBack) {
  Scene scene;
  const auto start = scene.systemd.onStart;
  scene.systemd.onStart = [](const std::string&) {};
  EXPECT_FALSE(scene.rename().ok());
  ASSERT_TRUE(scene.rename("eva", "eve").ok());
  scene.engine.containers.clear();
  scene.systemd.onStart = start;
  scene.engine.up = true;
  const auto done = scene.rename("eve", "ewa");
  ASSERT_TRUE(done.ok()) << done.error().message;
  scene.expectServing("ewa", "in the end");
}

TEST(Renaming, AnIntentThatACrashHasLeftBlocksNobody) {
  Scene scene;
  scene.host.addDirectory("/var/lib/bulkhead/agent/renames", {0700, 0, 0});
  const auto uid = std::to_string(scene.eve.uid);
  scene.host.addFile("/var/lib/bulkhead/agent/renames/" + uid,
                     "{\"from\":\"eve\",\"to\":\"eva\",\"uid\":" + uid + "}\n");
  scene.create("eva");
  EXPECT_EQ(scene.rename("eve", "eva").error().code, Code::kAlreadyExists);
  EXPECT_EQ(scene.rename("eva", "eve").error().code, Code::kAlreadyExists);
  EXPECT_TRUE(scene.rename("eve", "ewa").ok());
}

TEST(Renaming, NeitherNameIsGivenToOthersInBetween) {
  Scene counting;
  ASSERT_TRUE(counting.rename().ok());
  const auto changes = counting.host.mutations();
  for (std::size_t at = 3; at + 2 < changes; ++at) {
    Scene scene;
    scene.host.crashAfter(at);
    EXPECT_THROW((void)scene.rename(), FakeCrash);
    scene.host.resetFaults();
    for (const auto* name : {"eve", "eva"}) {
      testing::OpCall<rpc::AccountCreate, rpc::Account> create;
      create.params().setUsername(name);
      EXPECT_FALSE(create.perform(accountCreate(), scene.host).ok()) << at << " " << name;
    }
  }
}

// Its own backend, say: that was so before, and has nothing to do with the name.
TEST(Renaming, ASiteThatDidNotAnswerBeforeNeedNotAfterwards) {
  for (const int status : {502, 0}) {
    Scene scene;
    scene.host.onProbe([&](const Probe& probe) -> Result<HttpReply> {
      if (!probe.socketPath.empty()) return HttpReply{200, "1"};
      if (status == 0) return Error{Code::kUnavailable, "no answer", ""};
      return HttpReply{status, ""};
    });
    const auto done = scene.rename();
    ASSERT_TRUE(done.ok()) << status << " " << done.error().message;
    scene.expectServing("eva", std::to_string(status));
  }
}

// The operation has 180 s for all it does.
TEST(Renaming, AsksSlowSitesForATimeThatDoesNotGrowWithThem) {
  Scene scene;
  for (int number = 0; number < 40; ++number) {
    const auto site = SiteRecord{"eve", "s" + std::to_string(number) + ".example", {}};
    ASSERT_TRUE(Registry(scene.host).putSite(site).ok());
  }
  scene.host.resetFaults();
  int asked = 0;
  scene.host.onProbe([&](const Probe& probe) -> Result<HttpReply> {
    if (!probe.socketPath.empty()) return HttpReply{200, "1"};
    ++asked;
    scene.host.setNow(scene.host.now() + std::chrono::milliseconds{4500});
    return HttpReply{200, ""};
  });
  const auto began = scene.host.now();
  const auto done = scene.rename();
  ASSERT_TRUE(done.ok()) << done.error().message;
  EXPECT_LT(scene.host.now() - began, std::chrono::seconds{40});
  EXPECT_TRUE(std::any_of(done->begin(), done->end(), [](const Evidence& fact) {
    return fact.detail.find(" not asked") != std::string::npos;
  }));
  scene.systemd.onStart = [](const std::string&) {};
  EXPECT_FALSE(scene.rename("eva", "ewa").ok());
  scene.systemd.onStart = [&](const std::string&) { scene.engine.up = true; };
  asked = 0;
  EXPECT_TRUE(scene.rename("ewa", "eva").ok());
  EXPECT_EQ(asked, 0) << "to go back needs no visitor";
}

// A job of the tenant that runs in between writes to the name that /etc/passwd has by then.
TEST(Renaming, ACrontabOfEitherNameIsNotLost) {
  std::optional<Scene> cut;
  for (std::size_t at = 3; !cut || !cut->host.exists("/home/eva"); ++at) {
    cut.emplace();
    cut->host.crashAfter(at);
    EXPECT_THROW((void)cut->rename(), FakeCrash);
    cut->host.resetFaults();
  }
  auto& scene = *cut;
  ASSERT_TRUE(scene.host.exists("/var/spool/cron/crontabs/eve"));
  scene.host.addFile("/var/spool/cron/crontabs/eva", "newer", {0600, scene.eve.uid, 101});
  const auto refused = scene.rename();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::kConflict);
  EXPECT_NE(refused.error().message.find("/var/spool/cron/crontabs/eve"), std::string::npos);
  EXPECT_EQ(scene.host.content("/var/spool/cron/crontabs/eva"), "newer");
  EXPECT_EQ(scene.host.content("/var/spool/cron/crontabs/eve"), "x");
  ASSERT_TRUE(scene.host.removeFile("/var/spool/cron/crontabs/eva").ok());
  EXPECT_TRUE(scene.rename().ok());
  scene.expectRenamed("in the end");
}

TEST(Renaming, AMarkOfLingeringUnderBothNamesBecomesOne) {
  Scene scene;
  scene.host.crashAfter(4);
  EXPECT_THROW((void)scene.rename(), FakeCrash);
  scene.host.resetFaults();
  scene.host.addFile("/var/lib/systemd/linger/eva", "");
  const auto done = scene.rename();
  ASSERT_TRUE(done.ok()) << done.error().message;
  scene.expectRenamed("in the end");
}

TEST(Renaming, EndsWhatBeganUnderTheNameBeforeOnceNobodyHasIt) {
  Scene scene;
  ASSERT_TRUE(scene.rename().ok());
  const auto& log = scene.host.log();
  const auto move = std::find(log.begin(), log.end(), "move /home/eve /home/eva");
  const auto passwd =
      std::find(std::make_reverse_iterator(move), log.rend(), "writeFile /etc/passwd");
  ASSERT_NE(passwd, log.rend());
  EXPECT_NE(std::find(passwd.base(), move, "kill eva"), move);
}

TEST(Renaming, IsNoSuccessWhileAnythingOfTheNameBeforeStarts) {
  for (const auto* path : {"/var/spool/cron/crontabs/eve", "/var/lib/systemd/linger/eve"}) {
    Scene scene;
    const auto start = scene.systemd.onStart;
    scene.systemd.onStart = [&](const std::string& unit) {
      const bool mark = std::string(path).ends_with("linger/eve");
      scene.host.addFile(path, "", {0600, mark ? 0 : scene.eve.uid, 0});
      start(unit);
    };
    const auto refused = scene.rename();
    ASSERT_FALSE(refused.ok()) << path;
    EXPECT_EQ(refused.error().code, Code::kInternal);
  }
}

// The engine is the tenant's: what it says is asked for as any caller's wishes are.
TEST(Renaming, GivesNoContainerMoreThanServiceApplyWould) {
  Scene scene;
  scene.engine.hasMemoryLimit = true;
  auto record = *Registry(scene.host).find(*Username::parse("eve"));
  record.limits = *ResourceLimits::check(50, 256U << 20U, 100);
  ASSERT_TRUE(Registry(scene.host).put(record).ok());
  auto& config = scene.engine.containers.at("web").created["HostConfig"];
  config["Memory"] = 64ULL << 30U;
  config["NanoCpus"] = 8000000000ULL;
  const auto done = scene.rename();
  ASSERT_TRUE(done.ok()) << done.error().message;
  const auto& made = scene.engine.containers.at("web").created["HostConfig"];
  EXPECT_LE(made["Memory"], 256U << 20U);
  EXPECT_FALSE(made.contains("NanoCpus"));  // the account's own limit is enough
}

}  // namespace
}  // namespace bulkhead::agent
