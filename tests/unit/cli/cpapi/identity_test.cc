#include "cli/cpapi/identity.h"

#include <gtest/gtest.h>

namespace bulkhead::cpapi {
namespace {

std::optional<Identity> of(std::initializer_list<const char*> environment) {
  std::vector<const char*> entries(environment);
  entries.push_back(nullptr);
  const auto claims = readClaims(entries.data());
  return claims ? identityFrom(*claims) : std::nullopt;
}

TEST(CpapiIdentity, IsTheOneThatSudoOrProxyexecNames) {
  const auto bySudo = of({"PATH=/bin", "SUDO_USER=bob", "SUDO_UID=1001", "SUDO_GID=1002"});
  ASSERT_TRUE(bySudo.has_value());
  EXPECT_EQ(bySudo->uid, 1001U);
  EXPECT_EQ(bySudo->gid, 1002U);
  const auto byProxy = of({"PROXYEXEC_UID=1001", "PROXYEXEC_GID=1001", "USER=root"});
  ASSERT_TRUE(byProxy.has_value());
  EXPECT_EQ(byProxy->uid, 1001U);
}
TEST(CpapiIdentity, OfAStarterThatNamesNoGroupHasAGroupThatOwnsNothing) {
  const auto identity = of({"PROXYEXEC_UID=1001"});
  ASSERT_TRUE(identity.has_value());
  EXPECT_EQ(identity->gid, 65534U);
}
TEST(CpapiIdentity, OfRootComesFromSudoOnly) {
  EXPECT_EQ(of({"SUDO_UID=0", "SUDO_GID=0"}).value().uid, 0U);
  EXPECT_FALSE(of({"PROXYEXEC_UID=0", "PROXYEXEC_GID=0"}).has_value());
}
TEST(CpapiIdentity, IsNobodyWithoutAClaim) {
  EXPECT_FALSE(of({}).has_value());
  EXPECT_FALSE(of({"USER=alice", "LOGNAME=alice", "SUDO_USER=alice", "UID=1001"}).has_value());
  EXPECT_FALSE(of({"SUDO_GID=1001"}).has_value());
  EXPECT_FALSE(readClaims(nullptr).value().sudoUid.has_value());
}
TEST(CpapiIdentity, IsNobodyWhenBothClaimOne) {
  EXPECT_FALSE(of({"SUDO_UID=1001", "PROXYEXEC_UID=1001"}).has_value());
  EXPECT_FALSE(of({"SUDO_UID=1001", "PROXYEXEC_UID="}).has_value());
}
TEST(CpapiIdentity, IsNobodyWhenAClaimIsThereTwice) {
  EXPECT_FALSE(of({"SUDO_UID=1001", "SUDO_UID=1002"}).has_value());
}
TEST(CpapiIdentity, IsNobodyWhenTheClaimIsNoId) {
  for (const char* value : {"SUDO_UID=", "SUDO_UID=alice", "SUDO_UID=-1", "SUDO_UID=+1",
                            "SUDO_UID= 1001", "SUDO_UID=1001x", "SUDO_UID=4294967295",
                            "SUDO_UID=4294967296", "SUDO_UID=99999999999", "SUDO_UID=0x10"})
    EXPECT_FALSE(of({value}).has_value()) << value;
  EXPECT_FALSE(of({"SUDO_UID=1001", "SUDO_GID=x"}).has_value());
}

}  // namespace
}  // namespace bulkhead::cpapi
