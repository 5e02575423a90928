#include <gtest/gtest.h>

#include "agent/host/cloudlinux.h"
#include "agent/ops/all_ops.h"
#include "common/core/json.h"
#include "tests/support/account_scene.h"
#include "tests/support/op_call.h"
#include "tests/support/poison.h"

#include <nlohmann/json.hpp>

namespace bulkhead::agent {
namespace {

struct Scene : testing::AccountScene {
  testing::OpCall<rpc::CpapiPublish, rpc::CpapiSnapshot> call;
  Scene() {
    host.addFile(cloudlinux::kEnabledMark, "");
    host.addDirectory(cloudlinux::kSnapshots, {0711, 0, 0});
    Registry registry(host);
    for (const auto& site : {SiteRecord{"alice", "b.example", {"www.b.example"}, SiteMode::kServe},
                             SiteRecord{"alice", "a.example", {}, SiteMode::kServe}})
      if (!registry.putSite(site).ok()) throw std::logic_error("no site");
    host.resetFaults();
  }
  std::string path() const {
    return std::string(cloudlinux::kSnapshots) + "/" + std::to_string(alice.identity.uid) +
           "/domains.json";
  }
  Result<Proof> publish(const std::string& username, const std::string& main) {
    call.params().setUsername(testing::wire(username));
    call.params().setMainDomain(testing::wire(main));
    return call.perform(cpapiPublish(), host);
  }
};

TEST(CpapiPublish, WritesTheAccountsDomainsForItsGroupAlone) {
  Scene scene;
  ASSERT_TRUE(scene.publish("alice", "b.example").ok());
  const auto node = *scene.host.node(scene.path());
  EXPECT_EQ(node.info.mode, 0640U);
  EXPECT_EQ(node.info.uid, 0U);
  EXPECT_EQ(node.info.gid, scene.alice.identity.gid);
  EXPECT_EQ(scene.host.node(scene.path().substr(0, scene.path().rfind('/')))->info.mode, 0750U);
  EXPECT_EQ(
      node.content,
      "{\"data\":{\n"
      "\"a.example\":{\"owner\":\"alice\",\"document_root\":\"/home/alice/sites/a.example/public\","
      "\"is_main\":false},\n"
      "\"b.example\":{\"owner\":\"alice\",\"document_root\":\"/home/alice/sites/b.example/public\","
      "\"is_main\":true},\n"
      "\"www.b.example\":{\"owner\":\"alice\",\"document_root\":\"/home/alice/sites/b.example/"
      "public\",\"is_main\":false}\n"
      "},\"metadata\":{\"result\":\"ok\"}}\n");
  const auto json = parseJson(node.content);
  ASSERT_TRUE(json.ok());
  EXPECT_EQ((*json)["data"].size(), 3U);
}

TEST(CpapiPublish, AnAccountWithoutSitesHasAnEmptyDocument) {
  Scene scene;
  const auto bob = scene.addAccount("bob");
  ASSERT_TRUE(scene.publish("bob", "").ok());
  EXPECT_EQ(scene.host.content(std::string(cloudlinux::kSnapshots) + "/" +
                               std::to_string(bob.identity.uid) + "/domains.json"),
            "{\"data\":{\n},\"metadata\":{\"result\":\"ok\"}}\n");
}

TEST(CpapiPublish, IsUnsupportedWhileTheIntegrationIsOff) {
  Scene scene;
  ASSERT_TRUE(scene.host.removeFile(cloudlinux::kEnabledMark).ok());
  EXPECT_EQ(scene.publish("alice", "").error().code, Code::kUnsupported);
}

TEST(CpapiPublish, RefusesAnAccountThatDoesNotStand) {
  Scene scene;
  EXPECT_EQ(scene.publish("ghost", "").error().code, Code::kNotFound);
  scene.addAccount("half", AccountState::kDeleting);
  EXPECT_EQ(scene.publish("half", "").error().code, Code::kConflict);
}

TEST(CpapiPublish, RefusesTextThatIsNoDomain) {
  Scene scene;
  for (const auto& text : testing::poison()) {
    if (text.empty()) continue;  // no main domain
    EXPECT_FALSE(scene.publish("alice", text).ok()) << testing::shown(text);
  }
  EXPECT_FALSE(scene.host.exists(scene.path()));
}

}  // namespace
}  // namespace bulkhead::agent
