#include <gtest/gtest.h>

#include "agent/host/dry_run_host.h"
#include "agent/host/engine.h"
#include "agent/ops/all_ops.h"
#include "tests/support/account_scene.h"
#include "tests/support/op_call.h"
#include "tests/support/poison.h"

#include <nlohmann/json.hpp>

namespace bulkhead::agent {
namespace {

using testing::AccountScene;
using Call = testing::OpCall<rpc::AccountRef, rpc::Engine>;

Result<Proof> ensureFor(AccountScene& scene, const std::string& name) {
  Call call;
  call.params().setUsername(testing::wire(name));
  return call.perform(engineEnsure(), scene.host);
}

TEST(EngineEnsure, StartsTheUnitAndMakesNetworksMountAndContext) {
  AccountScene scene;
  Call call;
  call.params().setUsername("alice");
  const auto proof = call.perform(engineEnsure(), scene.host);
  ASSERT_TRUE(proof.ok()) << proof.error().message;
  EXPECT_TRUE(scene.systemd.isActive("bulkhead-engine@20000.service"));
  EXPECT_TRUE(scene.systemd.enabled.contains("bulkhead-engine@20000.service"));
  EXPECT_TRUE(scene.systemd.isActive("run-bulkhead\\x2dsites-20000.mount"));
  EXPECT_EQ(scene.engine.networks["db"]["Internal"], true);
  EXPECT_EQ(scene.engine.networks["www"]["Internal"], false);
  EXPECT_EQ(call.reply().getState(), rpc::Engine::State::RUNNING);
  EXPECT_EQ(std::string(call.reply().getVersion().cStr()), "20.10.24");
  EXPECT_EQ(call.reply().getNetworks().size(), 2U);
  EXPECT_EQ(proof->size(), 6U);
}

TEST(EngineEnsure, WritesTheContextWhereDockerLooksForIt) {
  AccountScene scene;
  ASSERT_TRUE(ensureFor(scene, "alice").ok());
  // sha256 of "alice", as the docker client computes it.
  const auto text = scene.host.content(
      "/var/lib/bulkhead/docker/contexts/meta/"
      "2bd806c97f0e00af1a1fc3328fa763a9269723c8db8fac4f93af71db186d6e90/meta.json");
  const auto context = parseJson(text);
  ASSERT_TRUE(context.ok());
  EXPECT_EQ((*context)["Name"], "alice");
  EXPECT_EQ((*context)["Endpoints"]["docker"]["Host"],
            "unix:///run/bulkhead-engine/20000/docker.sock");
}

TEST(EngineEnsure, ChangesNothingTheSecondTime) {
  AccountScene scene;
  ASSERT_TRUE(ensureFor(scene, "alice").ok());
  const auto requests = scene.host.engineRequests().size();
  const auto written = scene.host.paths();
  ASSERT_TRUE(ensureFor(scene, "alice").ok());
  EXPECT_EQ(scene.host.engineRequests().size(), requests);
  EXPECT_EQ(scene.host.paths(), written);
}

TEST(EngineEnsure, WaitsForAnEngineThatTakesTimeToAnswer) {
  AccountScene scene;
  scene.systemd.onStart = [&](const std::string& unit) {
    if (unit.ends_with(".mount"))
      scene.host.addDirectory(engine::siteDirectory(20000), {0710, 20000, 33});
  };
  int looks = 0;
  scene.host.onPause([&] { scene.engine.up = ++looks > 20; });
  EXPECT_TRUE(ensureFor(scene, "alice").ok());
  EXPECT_GE(scene.host.waited().count(), 2000);
}

TEST(EngineEnsure, GivesUpAfterItsDeadlineWhenNothingAnswers) {
  AccountScene scene;
  scene.systemd.onStart = [](const std::string&) {};
  const auto done = ensureFor(scene, "alice");
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, Code::kTimeout);
  EXPECT_LE(scene.host.waited(), engine::kReadyLimit);
}

TEST(EngineEnsure, SaysAtOnceThatTheUnitFailed) {
  AccountScene scene;
  scene.systemd.onStart = [&](const std::string& unit) { scene.systemd.active[unit] = "failed"; };
  const auto done = ensureFor(scene, "alice");
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, Code::kUnavailable);
  EXPECT_EQ(scene.host.waited().count(), 0);
}

TEST(EngineEnsure, ReplacesANetworkThatIsNotInternalAsItMustBe) {
  AccountScene scene;
  scene.engine.networks["db"] = {{"Name", "db"}, {"Driver", "bridge"}, {"Internal", false}};
  ASSERT_TRUE(ensureFor(scene, "alice").ok());
  EXPECT_EQ(scene.engine.networks["db"]["Internal"], true);
}

TEST(EngineEnsure, DoesNotTakeAnIdThatBeginsWithDbForTheNetwork) {
  AccountScene scene;
  scene.engine.networks["host"] = {
      {"Name", "host"}, {"Driver", "host"}, {"Internal", false}, {"Id", "db41c7"}};
  ASSERT_TRUE(ensureFor(scene, "alice").ok());
  EXPECT_EQ(scene.engine.networks["db"]["Internal"], true);
  EXPECT_TRUE(scene.engine.networks.contains("host"));
}

TEST(EngineEnsure, RefusesAForeignNetworkThatIsInUse) {
  AccountScene scene;
  scene.engine.networks["db"] = {{"Name", "db"}, {"Driver", "bridge"}, {"Internal", false}};
  scene.engine.instead["DELETE /v1.41/networks/db"] = {
      403, R"({"message":"network db has active endpoints"})"};
  const auto done = ensureFor(scene, "alice");
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, Code::kConflict);
}

TEST(EngineEnsure, FailsWhenTheEngineLiesAboutItsNetwork) {
  AccountScene scene;
  scene.engine.instead["GET /v1.41/networks/db"] = {404, ""};
  const auto done = ensureFor(scene, "alice");
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, Code::kInternal);
}

TEST(EngineEnsure, SurvivesAnEngineThatAnswersNonsense) {
  for (const char* body : {"", "[]", "{\"Internal\":3}", "[[[[", "\xff\xfe", "{\"Name\":{}}"}) {
    AccountScene scene;
    scene.engine.instead["GET /v1.41/networks/"] = {200, body};
    EXPECT_FALSE(ensureFor(scene, "alice").ok()) << body;
  }
}

TEST(EngineEnsure, RefusesUnknownAndSleepingAccounts) {
  AccountScene scene;
  scene.addAccount("bob", AccountState::kSuspended);
  scene.host.resetFaults();
  EXPECT_EQ(ensureFor(scene, "carol").error().code, Code::kNotFound);
  EXPECT_EQ(ensureFor(scene, "bob").error().code, Code::kConflict);
  EXPECT_EQ(scene.host.mutations(), 0U);
}

TEST(EngineEnsure, RefusesPoisonBeforeItTouchesAnything) {
  for (const auto& text : testing::poison()) {
    AccountScene scene;
    EXPECT_EQ(ensureFor(scene, text).error().code, Code::kInvalidArgument) << text;
    EXPECT_EQ(scene.host.mutations(), 0U);
  }
}

TEST(EngineEnsure, EndsWholeAfterACrashAtEveryStep) {
  for (std::size_t step = 0; step < 40; ++step) {
    AccountScene scene;
    scene.host.crashAfter(step);
    bool crashed = false;
    try {
      (void)ensureFor(scene, "alice");  // ignoring: the retry counts
    } catch (const testing::FakeCrash&) {
      crashed = true;
    }
    scene.host.resetFaults();
    const auto done = ensureFor(scene, "alice");
    ASSERT_TRUE(done.ok()) << step << ": " << done.error().message;
    if (!crashed) {
      EXPECT_GT(step, 8U);
      return;
    }
  }
  FAIL() << "more steps than expected";
}

TEST(EngineEnsure, ShowsWhatItWouldDoWithoutDoingIt) {
  AccountScene scene;
  DryRunHost preview(scene.host);
  Call call;
  call.params().setUsername("alice");
  ASSERT_TRUE(call.preview(engineEnsure(), preview).ok());
  EXPECT_EQ(scene.host.mutations(), 0U);
  std::string all;
  for (const auto& change : preview.changes())
    all += change.target + "\n";
  for (const char* part : {"sites-20000.mount", "bulkhead-engine@20000.service", "/networks/create",
                           "/contexts/meta/"})
    EXPECT_NE(all.find(part), std::string::npos) << part << " in\n" << all;
}

}  // namespace
}  // namespace bulkhead::agent
