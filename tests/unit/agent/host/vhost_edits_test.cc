#include "agent/host/vhost_edits.h"

#include <gtest/gtest.h>

#include "agent/host/vhost.h"
#include "tests/support/fake_host.h"

namespace bulkhead::agent::nginx {
namespace {

constexpr const char* kPath = "/etc/nginx/bulkhead/sites/a.test.conf";

std::string rendered() {
  return renderVhost({*DomainName::parse("a.test"), {}, SiteMode::kServe, 20000});
}

std::vector<std::string> versions(const testing::FakeHost& host) {
  return *editedVersions(host, *DomainName::parse("a.test"));
}

TEST(VhostEdits, WhatThePanelWroteIsNotKept) {
  testing::FakeHost host;
  EXPECT_TRUE(isAsRendered(rendered()));
  ASSERT_TRUE(keepEdited(host, kPath, rendered()).ok());
  EXPECT_TRUE(versions(host).empty());
  EXPECT_EQ(host.mutations(), 0U);
}

TEST(VhostEdits, OneByteMoreIsAnEdit) {
  EXPECT_FALSE(isAsRendered(rendered() + "\n"));
  EXPECT_FALSE(isAsRendered("# " + rendered()));
  EXPECT_FALSE(isAsRendered(""));
}

TEST(VhostEdits, KeepsEachVersionOnceForRootAlone) {
  testing::FakeHost host;
  ASSERT_TRUE(keepEdited(host, kPath, "one").ok());
  ASSERT_TRUE(keepEdited(host, kPath, "one").ok());
  ASSERT_TRUE(keepEdited(host, kPath, "two").ok());  // within the same second
  const auto kept = versions(host);
  ASSERT_EQ(kept.size(), 2U);
  EXPECT_EQ(host.content(kept[0]), "one");
  EXPECT_EQ(host.content(kept[1]), "two");
  EXPECT_EQ(host.node(kept[0])->info.mode, 0600U);
  EXPECT_EQ(host.node(kEditedSites)->info.mode, 0700U);
}

TEST(VhostEdits, KeepsNoMoreThanTheLastTen) {
  testing::FakeHost host;
  for (int i = 0; i < 15; ++i)
    ASSERT_TRUE(keepEdited(host, kPath, "version " + std::to_string(i)).ok());
  const auto kept = versions(host);
  ASSERT_EQ(kept.size(), kEditedVersionsMax);
  EXPECT_EQ(host.content(kept.front()), "version 5");
  EXPECT_EQ(host.content(kept.back()), "version 14");
}

TEST(VhostEdits, TakesNoOtherSitesVersionForItsOwn) {
  testing::FakeHost host;
  ASSERT_TRUE(keepEdited(host, "/etc/nginx/bulkhead/sites/a.test.conf.conf", "x").ok());
  EXPECT_TRUE(versions(host).empty());
}

TEST(VhostEdits, WithoutACopyNothingIsReplaced) {
  testing::FakeHost host;
  host.failMutation(2, {Code::kUnavailable, "the disk is full", ""});
  EXPECT_EQ(keepEdited(host, kPath, "one").error().code, Code::kUnavailable);
}

}  // namespace
}  // namespace bulkhead::agent::nginx
