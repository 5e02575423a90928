#include <gtest/gtest.h>

#include "agent/host/cloudlinux.h"
#include "agent/host/dbuser_map.h"
#include "agent/ops/all_ops.h"
#include "tests/support/account_scene.h"
#include "tests/support/op_call.h"
#include "tests/support/poison.h"

namespace bulkhead::agent {
namespace {

using dbuser_map::kPath;

struct Scene : testing::AccountScene {
  Identity bob = addAccount("bob").identity;
  Scene() {
    host.addFile(cloudlinux::kEnabledMark, "");
    host.resetFaults();
  }
  Result<Proof> write(const std::string& account, const std::vector<std::string>& users) {
    testing::OpCall<rpc::DbMap, rpc::Nothing> call;
    call.params().setUsername(testing::wire(account));
    auto list = call.params().initDatabaseUsers(static_cast<capnp::uint>(users.size()));
    for (capnp::uint i = 0; i < list.size(); ++i)
      list.set(i, testing::wire(users[i]));
    return call.perform(dbmapWrite(), host);
  }
  std::string line(const std::string& user, const Identity& who) const {
    return user + " " + who.username + " " + std::to_string(who.uid) + "\n";
  }
};

TEST(DbmapWrite, NamesTheAccountAndUidOfEachDatabaseUser) {
  Scene scene;
  ASSERT_TRUE(scene.write("bob", {"bob_u1"}).ok());
  const auto proof = scene.write("alice", {"alice_wp", "alice_shop"});
  ASSERT_TRUE(proof.ok()) << proof.error().message;
  EXPECT_EQ(proof->front().detail, "2 database users of alice");
  EXPECT_EQ(scene.host.content(kPath), scene.line("alice_shop", scene.alice.identity) +
                                           scene.line("alice_wp", scene.alice.identity) +
                                           scene.line("bob_u1", scene.bob));
  EXPECT_EQ(scene.host.node(kPath)->info.mode, 0644U);
}

TEST(DbmapWrite, KnowsWhatTheAccountHasNowAndLeavesTheOthers) {
  Scene scene;
  scene.host.addFile(kPath, "byhand somebody 1000\nnonsense\n");
  ASSERT_TRUE(scene.write("bob", {"bob_u1"}).ok());
  ASSERT_TRUE(scene.write("alice", {"alice_wp", "alice_shop"}).ok());
  ASSERT_TRUE(scene.write("alice", {"alice_new"}).ok());
  const auto others = scene.line("bob_u1", scene.bob) + "byhand somebody 1000\nnonsense\n";
  EXPECT_EQ(scene.host.content(kPath), scene.line("alice_new", scene.alice.identity) + others);
  ASSERT_TRUE(scene.write("alice", {}).ok());
  EXPECT_EQ(scene.host.content(kPath), others);
}

TEST(DbmapWrite, LeavesTheFileAloneWhenNothingHasChanged) {
  Scene scene;
  ASSERT_TRUE(scene.write("alice", {}).ok());
  EXPECT_EQ(scene.host.mutations(), 0U);
  ASSERT_TRUE(scene.write("alice", {"alice_wp"}).ok());
  scene.host.resetFaults();
  ASSERT_TRUE(scene.write("alice", {"alice_wp"}).ok());
  EXPECT_EQ(scene.host.mutations(), 0U);
  ASSERT_TRUE(scene.write("alice", {}).ok());
  EXPECT_FALSE(scene.host.exists(kPath));
}

TEST(DbmapWrite, IsUnsupportedWhileTheIntegrationIsOff) {
  Scene scene;
  ASSERT_TRUE(scene.host.removeFile(cloudlinux::kEnabledMark).ok());
  EXPECT_EQ(scene.write("alice", {"alice_wp"}).error().code, Code::kUnsupported);
  EXPECT_FALSE(scene.host.exists(kPath));
}

TEST(DbmapWrite, RefusesAnAccountThatTheRegistryDoesNotKnow) {
  Scene scene;
  for (const auto& text : testing::poison())
    EXPECT_EQ(scene.write(text, {"x"}).error().code, Code::kInvalidArgument)
        << testing::shown(text);
  EXPECT_EQ(scene.write("ghost", {"x"}).error().code, Code::kNotFound);
  EXPECT_FALSE(scene.write("root", {"x"}).ok());
  EXPECT_FALSE(scene.host.exists(kPath));
}

TEST(DbmapWrite, RefusesADatabaseUserOfAnotherAccount) {
  Scene scene;
  ASSERT_TRUE(scene.write("alice", {"shared"}).ok());
  EXPECT_EQ(scene.write("bob", {"shared"}).error().code, Code::kConflict);
  EXPECT_EQ(scene.host.content(kPath), scene.line("shared", scene.alice.identity));
}

TEST(DbmapWrite, WaitsForWhoeverWritesTheMap) {
  Scene scene;
  {
    const auto held = scene.host.lock(Host::LockName::kDatabaseUsers, {});
    EXPECT_EQ(scene.write("alice", {"alice_wp"}).error().code, Code::kBusy);
  }
  EXPECT_TRUE(scene.write("alice", {"alice_wp"}).ok());
}

TEST(DbmapWrite, RefusesTextThatIsNoDatabaseUser) {
  Scene scene;
  for (const auto& text :
       {std::string(), std::string("a b"), std::string("a\tb"), std::string("a\nb"),
        std::string("a\0b", 3), std::string(64, 'a'), std::string("\xc3\xa9")})
    EXPECT_EQ(scene.write("alice", {text}).error().field, "databaseUsers") << testing::shown(text);
  EXPECT_FALSE(scene.host.exists(kPath));
}

TEST(DbmapWrite, RefusesMoreUsersThanAnAccountCanHave) {
  Scene scene;
  std::vector<std::string> users;
  for (std::size_t i = 0; i < DatabaseUserName::kPerAccountMax; ++i)
    users.push_back("u" + std::to_string(i));
  EXPECT_TRUE(scene.write("alice", users).ok());
  users.push_back("one_more");
  EXPECT_EQ(scene.write("alice", users).error().code, Code::kLimitExceeded);
}

TEST(DbuserMap, GoesWithTheIntegrationButForOthersLines) {
  Scene scene;
  ASSERT_TRUE(scene.write("alice", {"alice_wp"}).ok());
  ASSERT_TRUE(dbuser_map::clear(scene.host).ok());
  EXPECT_FALSE(scene.host.exists(kPath));
  scene.host.addFile(kPath, "byhand somebody 1000\n");
  ASSERT_TRUE(scene.write("alice", {"alice_wp"}).ok());
  ASSERT_TRUE(dbuser_map::clear(scene.host).ok());
  EXPECT_EQ(scene.host.content(kPath), "byhand somebody 1000\n");
}

}  // namespace
}  // namespace bulkhead::agent
