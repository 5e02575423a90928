#include <gtest/gtest.h>

#include "agent/ops/all_ops.h"
#include "tests/support/op_call.h"
#include "tests/support/poison.h"
#include "tests/support/service_scene.h"

namespace bulkhead::agent {
namespace {

struct ListScene : testing::ServiceScene {
  ListScene() {
    testing::OpCall<rpc::ServiceApply, rpc::Service> call;
    call.params().setUsername("alice");
    call.params().setService("web");
    call.params().setPublishPort(40000);
    EXPECT_TRUE(call.perform(serviceApply(), host).ok());
    host.resetFaults();
  }
  testing::OpCall<rpc::AccountRef, rpc::ServiceList> last;
  Result<Proof> listOf(const std::string& username) {
    last.params().setUsername(testing::wire(username));
    return last.perform(serviceList(), host);
  }
};

TEST(ServiceList, ShowsTheServiceAsItRuns) {
  ListScene scene;
  ASSERT_TRUE(scene.listOf("alice").ok());
  ASSERT_EQ(scene.last.reply().getServices().size(), 1U);
  const auto service = scene.last.reply().getServices()[0];
  EXPECT_EQ(std::string(service.getService().cStr()), "web");
  EXPECT_EQ(std::string(service.getImage().cStr()), "bulkhead/web:1");
  EXPECT_EQ(service.getPublishPort(), 40000U);
  EXPECT_EQ(service.getContainer().size(), 12U);
  EXPECT_EQ(scene.host.mutations(), 0U);
}

TEST(ServiceList, NamesNoServiceForAForeignContainer) {
  ListScene scene;
  scene.engine.containers.clear();
  scene.engine.containers["x"] = {
      testing::FakeEngine::id("x"), "x",
      *parseJson(R"({"Image":"\u001bx","Labels":{"bulkhead.service":"web"},"HostConfig":{}})"),
      true};
  ASSERT_TRUE(scene.listOf("alice").ok());
  EXPECT_EQ(scene.last.reply().getServices()[0].getService().size(), 0U);
  EXPECT_EQ(std::string(scene.last.reply().getServices()[0].getImage().cStr()), "?x");
}

TEST(ServiceList, IsEmptyWithoutAnEngineAndUnavailableWhileItIsStopped) {
  ListScene scene;
  scene.addAccount("bob");
  ASSERT_TRUE(scene.listOf("bob").ok());
  EXPECT_EQ(scene.last.reply().getServices().size(), 0U);
  scene.systemd.active.clear();
  EXPECT_EQ(scene.listOf("alice").error().code, Code::kUnavailable);
}

TEST(ServiceList, RefusesAnEngineThatListsNonsense) {
  ListScene scene;
  for (const char* body : {"{}", "[1]", "[{\"Id\":\"x/../y\"}]", "nonsense"}) {
    scene.engine.instead["GET /v1.41/containers/json?all=1"] = {200, body};
    EXPECT_EQ(scene.listOf("alice").error().code, Code::kUnavailable) << body;
  }
}

TEST(ServiceList, RefusesPoisonAndUnknownAccounts) {
  ListScene scene;
  for (const auto& text : testing::poison())
    EXPECT_EQ(scene.listOf(text).error().code, Code::kInvalidArgument) << text;
  EXPECT_EQ(scene.listOf("carol").error().code, Code::kNotFound);
}

}  // namespace
}  // namespace bulkhead::agent
