#include <gtest/gtest.h>

#include "agent/ops/all_ops.h"
#include "tests/support/account_scene.h"
#include "tests/support/fake_nginx.h"
#include "tests/support/op_call.h"
#include "tests/support/poison.h"

namespace bulkhead::agent {
namespace {

struct RemoveScene : testing::AccountScene {
  testing::FakeNginx nginx{host, systemd};

  Result<Proof> remove(const std::string& domain, const std::string& username = "alice") {
    testing::OpCall<rpc::SiteRef, rpc::Nothing> call;
    call.params().setUsername(testing::wire(username));
    call.params().setDomain(testing::wire(domain));
    return call.perform(siteRemove(), host);
  }
  void add(const std::string& domain, const std::string& username = "alice") {
    testing::OpCall<rpc::SiteApply, rpc::Site> call;
    call.params().setUsername(username);
    call.params().setDomain(domain);
    ASSERT_TRUE(call.perform(siteApply(), host).ok());
  }
};

TEST(SiteRemove, StopsServingAndKeepsTheFiles) {
  RemoveScene scene;
  scene.add("example.com");
  const auto proof = scene.remove("example.com");
  ASSERT_TRUE(proof.ok()) << proof.error().message;
  EXPECT_FALSE(scene.host.exists("/etc/nginx/bulkhead/sites/example.com.conf"));
  EXPECT_TRUE(scene.host.exists("/home/alice/sites/example.com/public/index.html"));
  EXPECT_EQ(Registry(scene.host).findSite(*DomainName::parse("example.com")).error().code,
            Code::kNotFound);
}

TEST(SiteRemove, SucceedsForADomainThatNobodyHas) {
  RemoveScene scene;
  EXPECT_TRUE(scene.remove("example.com").ok());
}

TEST(SiteRemove, DoesNotTouchAnotherAccountsSite) {
  RemoveScene scene;
  scene.addAccount("bob");
  scene.add("example.com", "bob");
  EXPECT_EQ(scene.remove("example.com").error().code, Code::kNotFound);
  EXPECT_TRUE(scene.host.exists("/etc/nginx/bulkhead/sites/example.com.conf"));
}

TEST(SiteRemove, FailsWhenTheNameIsStillAnswered) {
  RemoveScene scene;
  scene.add("example.com");
  scene.host.onProbe([&](const Probe& probe) -> Result<HttpReply> {
    if (!probe.socketPath.empty())
      return HttpReply{200, std::to_string(*nginx::generationOnDisk(scene.host))};
    if (probe.hostHeader == "example.com") return HttpReply{200, "still here"};
    return Error{Code::kUnavailable, "closed", ""};
  });
  EXPECT_EQ(scene.remove("example.com").error().code, Code::kInternal);
}

TEST(SiteRemove, AcceptsAnAdministratorsDefaultServer) {
  RemoveScene scene;
  scene.add("example.com");
  scene.host.onProbe([&](const Probe& probe) -> Result<HttpReply> {
    if (!probe.socketPath.empty())
      return HttpReply{200, std::to_string(*nginx::generationOnDisk(scene.host))};
    return HttpReply{200, "welcome"};
  });
  EXPECT_TRUE(scene.remove("example.com").ok());
}

TEST(SiteRemove, RefusesPoisonWithNothingChanged) {
  RemoveScene scene;
  for (const auto& text : testing::poison()) {
    EXPECT_FALSE(scene.remove(text).ok()) << text;
    EXPECT_FALSE(scene.remove("example.com", text).ok()) << text;
  }
  EXPECT_EQ(scene.remove("example.com", "carol").error().code, Code::kNotFound);
  EXPECT_EQ(scene.host.mutations(), 0U);
}

}  // namespace
}  // namespace bulkhead::agent
