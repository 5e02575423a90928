#include <gtest/gtest.h>

#include "agent/ops/all_ops.h"
#include "tests/support/op_call.h"
#include "tests/support/poison.h"
#include "tests/support/service_scene.h"

namespace bulkhead::agent {
namespace {

struct RemoveScene : testing::ServiceScene {
  RemoveScene() {
    testing::OpCall<rpc::ServiceApply, rpc::Service> call;
    call.params().setUsername("alice");
    call.params().setService("web");
    EXPECT_TRUE(call.perform(serviceApply(), host).ok());
    host.resetFaults();
  }
  Result<Proof> remove(const std::string& service, const std::string& username = "alice") {
    testing::OpCall<rpc::ServiceRef, rpc::Nothing> call;
    call.params().setUsername(testing::wire(username));
    call.params().setService(testing::wire(service));
    return call.perform(serviceRemove(), host);
  }
};

TEST(ServiceRemove, RemovesTheContainerAndOnceMoreSucceeds) {
  RemoveScene scene;
  ASSERT_TRUE(scene.remove("web").ok());
  EXPECT_TRUE(scene.engine.containers.empty());
  ASSERT_TRUE(scene.remove("web").ok());
}

TEST(ServiceRemove, SucceedsWithoutAnEngine) {
  RemoveScene scene;
  scene.addAccount("bob");
  scene.engine.up = false;
  EXPECT_TRUE(scene.remove("web", "bob").ok());
}

TEST(ServiceRemove, FailsWhileTheEngineIsDown) {
  RemoveScene scene;
  scene.engine.up = false;
  EXPECT_EQ(scene.remove("web").error().code, Code::kUnavailable);
}

TEST(ServiceRemove, RefusesAContainerThatIsNotThePanels) {
  RemoveScene scene;
  scene.engine.containers["mine"] = {testing::FakeEngine::id("mine"), "mine",
                                     *parseJson(R"({"Image":"x","Labels":{},"HostConfig":{}})"),
                                     true};
  EXPECT_EQ(scene.remove("mine").error().code, Code::kConflict);
  EXPECT_TRUE(scene.engine.containers.contains("mine"));
}

TEST(ServiceRemove, FailsWhenTheEngineKeepsTheContainer) {
  RemoveScene scene;
  scene.engine.instead["DELETE /v1.41/containers/"] = {204, ""};
  EXPECT_EQ(scene.remove("web").error().code, Code::kInternal);
}

TEST(ServiceRemove, RefusesPoisonAndUnknownAccounts) {
  RemoveScene scene;
  for (const auto& text : testing::poison()) {
    EXPECT_FALSE(scene.remove(text).ok()) << text;
    EXPECT_FALSE(scene.remove("web", text).ok()) << text;
  }
  EXPECT_EQ(scene.remove("web", "carol").error().code, Code::kNotFound);
  EXPECT_EQ(scene.host.mutations(), 0U);
}

}  // namespace
}  // namespace bulkhead::agent
