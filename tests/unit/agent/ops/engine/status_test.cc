#include <gtest/gtest.h>

#include "agent/ops/all_ops.h"
#include "tests/support/account_scene.h"
#include "tests/support/op_call.h"
#include "tests/support/poison.h"

namespace bulkhead::agent {
namespace {

using testing::AccountScene;
using Call = testing::OpCall<rpc::AccountRef, rpc::Engine>;

void ensureFor(AccountScene& scene) {
  Call call;
  call.params().setUsername("alice");
  ASSERT_TRUE(call.perform(engineEnsure(), scene.host).ok());
  scene.host.resetFaults();
}

TEST(EngineStatus, IsAbsentBeforeItWasEverStarted) {
  AccountScene scene;
  Call call;
  call.params().setUsername("alice");
  ASSERT_TRUE(call.perform(engineStatus(), scene.host).ok());
  EXPECT_EQ(call.reply().getState(), rpc::Engine::State::ABSENT);
  EXPECT_EQ(scene.host.mutations(), 0U);
}

TEST(EngineStatus, CountsContainersAndReadsTheSlicesMemory) {
  AccountScene scene;
  ensureFor(scene);
  scene.systemd.memoryCurrent = "123456789";
  scene.engine.containers["web"] = {testing::FakeEngine::id("web"), "web",
                                    *parseJson(R"({"Labels":{}})"), true};
  Call call;
  call.params().setUsername("alice");
  ASSERT_TRUE(call.perform(engineStatus(), scene.host).ok());
  EXPECT_EQ(call.reply().getState(), rpc::Engine::State::RUNNING);
  EXPECT_EQ(call.reply().getContainers(), 1U);
  EXPECT_EQ(call.reply().getMemoryBytes(), 123456789U);
}

TEST(EngineStatus, TakesAnUnknownMemoryForZero) {
  for (const char* text : {"[not set]", "18446744073709551615", "", "-1"}) {
    AccountScene scene;
    ensureFor(scene);
    scene.systemd.memoryCurrent = text;
    Call call;
    call.params().setUsername("alice");
    ASSERT_TRUE(call.perform(engineStatus(), scene.host).ok());
    EXPECT_EQ(call.reply().getMemoryBytes(), 0U) << text;
  }
}

TEST(EngineStatus, TellsStoppedFromFailed) {
  AccountScene scene;
  ensureFor(scene);
  for (const auto& [state, expected] : {std::pair{"inactive", rpc::Engine::State::STOPPED},
                                        std::pair{"failed", rpc::Engine::State::FAILED}}) {
    scene.systemd.active["bulkhead-engine@20000.service"] = state;
    Call call;
    call.params().setUsername("alice");
    ASSERT_TRUE(call.perform(engineStatus(), scene.host).ok());
    EXPECT_EQ(call.reply().getState(), expected);
  }
}

TEST(EngineStatus, ShowsOnlyPrintableNamesOfATenantsEngine) {
  AccountScene scene;
  ensureFor(scene);
  scene.engine.instead["GET /v1.41/networks"] = {200, "[{\"Name\":\"\\u001b[2J\\u00ff\"}]"};
  Call call;
  call.params().setUsername("alice");
  ASSERT_TRUE(call.perform(engineStatus(), scene.host).ok());
  EXPECT_EQ(std::string(call.reply().getNetworks()[0].cStr()), "?[2J??");
}

TEST(EngineStatus, RefusesPoisonAndUnknownAccounts) {
  AccountScene scene;
  for (const auto& text : testing::poison()) {
    Call call;
    call.params().setUsername(testing::wire(text));
    EXPECT_EQ(call.perform(engineStatus(), scene.host).error().code, Code::kInvalidArgument);
  }
  Call call;
  call.params().setUsername("bob");
  EXPECT_EQ(call.perform(engineStatus(), scene.host).error().code, Code::kNotFound);
}

}  // namespace
}  // namespace bulkhead::agent
