#include <gtest/gtest.h>

#include "agent/host/cloudlinux.h"
#include "agent/ops/all_ops.h"
#include "tests/support/account_scene.h"
#include "tests/support/op_call.h"
#include "tests/support/poison.h"

namespace bulkhead::agent {
namespace {

constexpr const char* kMap = "/etc/container/dbuser-map";

struct Scene : testing::AccountScene {
  testing::OpCall<rpc::DbMap, rpc::DbMapWritten> call;
  Scene() {
    host.addFile(cloudlinux::kEnabledMark, "");
    host.resetFaults();
  }
  Result<Proof> write(const std::vector<std::pair<std::string, std::string>>& entries) {
    auto list = call.params().initEntries(static_cast<capnp::uint>(entries.size()));
    for (capnp::uint i = 0; i < list.size(); ++i) {
      list[i].setDatabaseUser(testing::wire(entries[i].first));
      list[i].setUsername(testing::wire(entries[i].second));
    }
    return call.perform(dbmapWrite(), host);
  }
};

TEST(DbmapWrite, NamesTheAccountAndUidOfEachDatabaseUser) {
  Scene scene;
  const auto bob = scene.addAccount("bob");
  scene.host.resetFaults();
  ASSERT_TRUE(
      scene.write({{"bob_u1", "bob"}, {"alice_wp", "alice"}, {"alice_shop", "alice"}}).ok());
  const auto alice = std::to_string(scene.alice.identity.uid);
  EXPECT_EQ(scene.host.content(kMap), "alice_shop alice " + alice + "\nalice_wp alice " + alice +
                                          "\nbob_u1 bob " + std::to_string(bob.identity.uid) +
                                          "\n");
  EXPECT_EQ(scene.host.node(kMap)->info.mode, 0644U);
  EXPECT_EQ(scene.call.reply().getEntries(), 3U);
}

TEST(DbmapWrite, LeavesTheFileAloneWhenNothingHasChanged) {
  Scene scene;
  ASSERT_TRUE(scene.write({{"alice_wp", "alice"}}).ok());
  scene.host.resetFaults();
  ASSERT_TRUE(scene.write({{"alice_wp", "alice"}}).ok());
  EXPECT_EQ(scene.host.mutations(), 0U);
  ASSERT_TRUE(scene.write({}).ok());
  EXPECT_EQ(scene.host.content(kMap), "");
}

TEST(DbmapWrite, IsUnsupportedWhileTheIntegrationIsOff) {
  Scene scene;
  ASSERT_TRUE(scene.host.removeFile(cloudlinux::kEnabledMark).ok());
  EXPECT_EQ(scene.write({{"alice_wp", "alice"}}).error().code, Code::kUnsupported);
  EXPECT_FALSE(scene.host.exists(kMap));
}

TEST(DbmapWrite, RefusesAnAccountThatTheRegistryDoesNotKnow) {
  Scene scene;
  EXPECT_EQ(scene.write({{"x", "ghost"}}).error().code, Code::kNotFound);
  EXPECT_FALSE(scene.write({{"x", "root"}}).ok());
  EXPECT_FALSE(scene.host.exists(kMap));
}

TEST(DbmapWrite, RefusesADatabaseUserOfTwoAccounts) {
  Scene scene;
  scene.addAccount("bob");
  EXPECT_EQ(scene.write({{"shared", "alice"}, {"shared", "bob"}}).error().code, Code::kConflict);
}

TEST(DbmapWrite, RefusesTextThatIsNoDatabaseUser) {
  Scene scene;
  for (const auto& text :
       {std::string(), std::string("a b"), std::string("a\tb"), std::string("a\nb"),
        std::string("a\0b", 3), std::string(64, 'a'), std::string("\xc3\xa9")})
    EXPECT_EQ(scene.write({{text, "alice"}}).error().field, "databaseUser") << testing::shown(text);
  EXPECT_FALSE(scene.host.exists(kMap));
}

TEST(DbmapWrite, RefusesMoreUsersThanAnyHostHas) {
  Scene scene;
  EXPECT_EQ(scene.write(std::vector<std::pair<std::string, std::string>>(100001, {"a", "alice"}))
                .error()
                .code,
            Code::kLimitExceeded);
}

}  // namespace
}  // namespace bulkhead::agent
