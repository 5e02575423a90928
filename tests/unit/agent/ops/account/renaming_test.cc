#include "agent/ops/account/renaming.h"

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
    return HttpReply{502, ""};
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
    scene.expectServing("eve", "after " + std::to_string(at));
  }
}

TEST(Renaming, IsTakenBackAlsoWhenTheTenantHasBrokenItsEngine) {
  Scene scene;
  scene.systemd.onStart = [](const std::string&) {};  // it never comes up again
  EXPECT_FALSE(scene.rename().ok());
  const auto back = scene.rename("eva", "eve");
  ASSERT_TRUE(back.ok()) << back.error().message;
  scene.expectAsBefore("back");
  EXPECT_EQ(back->back().check, "engine");
  EXPECT_TRUE(back->back().detail.starts_with("does not serve: "));
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

}  // namespace
}  // namespace bulkhead::agent
