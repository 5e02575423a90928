#include "agent/host/account_files.h"

#include <gtest/gtest.h>

#include "tests/support/fake_host.h"

namespace bulkhead::agent {
namespace {

using testing::FakeCrash;
using testing::FakeHost;

const Identity kAlice{"alice", 20001, 20001, "/home/alice", 589824, 65536};
constexpr const char* kFiles[] = {"/etc/passwd",  "/etc/shadow", "/etc/group",
                                  "/etc/gshadow", "/etc/subuid", "/etc/subgid"};

std::map<std::string, std::string> contents(const FakeHost& host) {
  std::map<std::string, std::string> all;
  for (const auto* path : kFiles)
    all[path] = host.content(path);
  return all;
}

void add(FakeHost& host, const std::string& path, const std::string& line) {
  const auto info = host.node(path)->info;
  host.addFile(path, host.content(path) + line, {info.mode, info.uid, info.gid});
}

TEST(AccountFiles, AddsOneLineToEachFileAndKeepsEveryOther) {
  FakeHost host;
  const auto before = contents(host);
  ASSERT_TRUE(ensureAccountFiles(host, kAlice).ok());
  const std::map<std::string, std::string> added = {
      {"/etc/passwd", "alice:x:20001:20001:Bulkhead account:/home/alice:/usr/sbin/nologin\n"},
      {"/etc/shadow", "alice:!*:::::::\n"},
      {"/etc/group", "alice:x:20001:\n"},
      {"/etc/gshadow", "alice:!::\n"},
      {"/etc/subuid", "alice:589824:65536\n"},
      {"/etc/subgid", "alice:589824:65536\n"}};
  for (const auto* path : kFiles)
    EXPECT_EQ(host.content(path), before.at(path) + added.at(path)) << path;
}

TEST(AccountFiles, KeepsOwnerAndModeOfEachFile) {
  FakeHost host;
  host.addFile("/etc/subuid", "", {0600, 0, 7});
  ASSERT_TRUE(ensureAccountFiles(host, kAlice).ok());
  ASSERT_TRUE(removeAccountFiles(host, kAlice).ok());
  EXPECT_EQ(host.node("/etc/shadow")->info.mode, 0640U);
  EXPECT_EQ(host.node("/etc/shadow")->info.gid, 42U);
  EXPECT_EQ(host.node("/etc/subuid")->info.mode, 0600U);
  EXPECT_EQ(host.node("/etc/subuid")->info.gid, 7U);
}

TEST(AccountFiles, ToleratesCommentsNisLinesJunkAndAMissingLastNewline) {
  FakeHost host;
  const std::string odd =
      "# a comment\n\n+nisuser::::::\nshort:x\n:::::::\nroot:x:0:0::/root:/bin/sh";
  host.addFile("/etc/passwd", odd);
  ASSERT_TRUE(ensureAccountFiles(host, kAlice).ok());
  EXPECT_TRUE(host.content("/etc/passwd").starts_with(odd + "\nalice:x:20001:"));
  ASSERT_TRUE(removeAccountFiles(host, kAlice).ok());
  EXPECT_EQ(host.content("/etc/passwd"), odd + "\n");
}

TEST(AccountFiles, PasswdIsWrittenLastOnTheWayInAndFirstOnTheWayOut) {
  FakeHost host;
  ASSERT_TRUE(ensureAccountFiles(host, kAlice).ok());
  EXPECT_EQ(host.log().back(), "writeFile /etc/passwd");
  const auto written = host.log().size();
  ASSERT_TRUE(removeAccountFiles(host, kAlice).ok());
  EXPECT_EQ(host.log().at(written), "writeFile /etc/passwd");
}

TEST(AccountFiles, DoingItTwiceWritesNothing) {
  FakeHost host;
  ASSERT_TRUE(ensureAccountFiles(host, kAlice).ok());
  const auto mutations = host.mutations();
  ASSERT_TRUE(ensureAccountFiles(host, kAlice).ok());
  EXPECT_EQ(host.mutations(), mutations);
  ASSERT_TRUE(removeAccountFiles(host, kAlice).ok());
  const auto after = host.mutations();
  ASSERT_TRUE(removeAccountFiles(host, kAlice).ok());
  EXPECT_EQ(host.mutations(), after);
}

TEST(AccountFiles, ACrashAnywhereIsMendedByARetry) {
  FakeHost reference;
  const auto empty = contents(reference);
  ASSERT_TRUE(ensureAccountFiles(reference, kAlice).ok());
  const auto full = contents(reference);
  for (std::size_t n = 0; n <= 6; ++n) {
    FakeHost host;
    host.crashAfter(n);
    EXPECT_THROW((void)ensureAccountFiles(host, kAlice), FakeCrash) << n;
    host.resetFaults();
    ASSERT_TRUE(ensureAccountFiles(host, kAlice).ok()) << n;
    EXPECT_EQ(contents(host), full) << n;
    host.resetFaults();
    host.crashAfter(n);
    EXPECT_THROW((void)removeAccountFiles(host, kAlice), FakeCrash) << n;
    host.resetFaults();
    ASSERT_TRUE(removeAccountFiles(host, kAlice).ok()) << n;
    EXPECT_EQ(contents(host), empty) << n;
  }
}

struct Stranger {
  const char* path;
  const char* line;
};

class AccountFilesStranger : public ::testing::TestWithParam<Stranger> {};

TEST_P(AccountFilesStranger, IsRefusedAndNothingIsWritten) {
  FakeHost host;
  add(host, GetParam().path, std::string(GetParam().line) + "\n");
  const auto before = contents(host);
  const auto done = ensureAccountFiles(host, kAlice);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, Code::kAlreadyExists);
  EXPECT_EQ(contents(host), before);
}

INSTANTIATE_TEST_SUITE_P(
    All,
    AccountFilesStranger,
    ::testing::Values(Stranger{"/etc/passwd", "alice:x:1000:1000::/home/alice:/bin/bash"},
                      Stranger{"/etc/passwd", "alice:x:20001:20001::/srv/alice:/bin/bash"},
                      Stranger{"/etc/passwd", "alice:x"},
                      Stranger{"/etc/passwd", "bob:x:20001:1000::/home/bob:/bin/bash"},
                      Stranger{"/etc/passwd", "bob:x:020001:1000::/home/bob:/bin/bash"},
                      Stranger{"/etc/passwd", "bob:x:1000:20001::/home/bob:/bin/bash"},
                      Stranger{"/etc/group", "alice:x:1000:"},
                      Stranger{"/etc/group", "bob:x:20001:"},
                      Stranger{"/etc/group", "docker:x:900:bob,alice"},
                      Stranger{"/etc/gshadow", "docker:!::bob,alice"},
                      Stranger{"/etc/gshadow", "docker:!:alice:"},
                      Stranger{"/etc/gshadow", "alice:secret::"},
                      Stranger{"/etc/shadow", "alice:$y$hash:19000:0:99999:7:::"},
                      Stranger{"/etc/subuid", "alice:100000:65536"},
                      Stranger{"/etc/subuid", "20001:100000:65536"},
                      Stranger{"/etc/subgid", "bob:589824:65536"},
                      Stranger{"/etc/subuid", "bob:655359:1"},
                      Stranger{"/etc/subuid", "bob:0:4294967295"},
                      Stranger{"/etc/subuid", "bob:1:18446744073709551615"}));

TEST(AccountFiles, NeighboursOfTheSubIdRangeAreNoStrangers) {
  FakeHost host;
  add(host, "/etc/subuid", "bob:524288:65536\ncarol:655360:65536\ndave:589830:0\n");
  EXPECT_TRUE(ensureAccountFiles(host, kAlice).ok());
}

TEST(AccountFiles, WhatAnAdministratorChangedOnALivingAccountStays) {
  FakeHost host;
  ASSERT_TRUE(ensureAccountFiles(host, kAlice).ok());
  auto passwd = host.content("/etc/passwd");
  passwd.replace(passwd.find("Bulkhead account"), 16, "Alice");
  passwd.replace(passwd.rfind("/usr/sbin/nologin"), 17, "/bin/bash");
  host.addFile("/etc/passwd", passwd);
  add(host, "/etc/group", "web:x:900:alice\n");
  const auto before = contents(host);
  EXPECT_TRUE(ensureAccountFiles(host, kAlice).ok());
  EXPECT_EQ(contents(host), before);
}

TEST(AccountFiles, RemovingTakesTheNameOutOfOtherGroups) {
  FakeHost host;
  ASSERT_TRUE(ensureAccountFiles(host, kAlice).ok());
  add(host, "/etc/group", "web:x:900:bob,alice,carol\nalone:x:901:alice\nother:x:902:alice2");
  add(host, "/etc/gshadow", "web:!:alice:bob,alice\n");
  ASSERT_TRUE(removeAccountFiles(host, kAlice).ok());
  EXPECT_TRUE(host.content("/etc/group")
                  .ends_with("web:x:900:bob,carol\nalone:x:901:\nother:x:902:alice2"));
  EXPECT_TRUE(host.content("/etc/gshadow").ends_with("web:!::bob\n"));
  EXPECT_TRUE(proveNoAccountFiles(host, kAlice).ok());
}

TEST(AccountFiles, RemovingAlsoTakesSubIdsThatSomebodyAdded) {
  FakeHost host;
  ASSERT_TRUE(ensureAccountFiles(host, kAlice).ok());
  add(host, "/etc/subuid", "alice:100000:65536\n20001:900000:10\n");
  ASSERT_TRUE(removeAccountFiles(host, kAlice).ok());
  EXPECT_EQ(host.content("/etc/subuid"), "");
}

TEST(AccountFiles, RefusesToRemoveANameThatIsSomebodyElsesByNow) {
  FakeHost host;
  add(host, "/etc/passwd", "alice:x:1000:1000::/home/alice:/bin/bash\n");
  add(host, "/etc/shadow", "alice:$y$hash:19000:0:99999:7:::\n");
  const auto before = contents(host);
  EXPECT_EQ(removeAccountFiles(host, kAlice).error().code, Code::kConflict);
  EXPECT_EQ(contents(host), before);
  EXPECT_EQ(*holderOf(host, kAlice), Holder::kStranger);
}

TEST(AccountFiles, ABusyLockIsToldAndNothingIsWritten) {
  FakeHost host;
  host.holdLock(Host::LockName::kAccountFiles);
  EXPECT_EQ(ensureAccountFiles(host, kAlice).error().code, Code::kBusy);
  EXPECT_EQ(removeAccountFiles(host, kAlice).error().code, Code::kBusy);
  EXPECT_EQ(host.mutations(), 0U);
}

TEST(AccountFiles, TheLockIsGivenBack) {
  FakeHost host;
  ASSERT_TRUE(ensureAccountFiles(host, kAlice).ok());
  EXPECT_TRUE(host.lock(Host::LockName::kAccountFiles, std::chrono::milliseconds(0)).ok());
}

TEST(AccountFiles, AFailedWriteIsToldAndARetryCompletes) {
  FakeHost host;
  host.failMutation(3, {Code::kInternal, "no space", ""});
  EXPECT_FALSE(ensureAccountFiles(host, kAlice).ok());
  EXPECT_EQ(*holderOf(host, kAlice), Holder::kNobody);
  host.resetFaults();
  ASSERT_TRUE(ensureAccountFiles(host, kAlice).ok());
  EXPECT_TRUE(proveAccountFiles(host, kAlice).ok());
}

TEST(AccountFiles, MissingSubIdFilesAreMadeAndAMissingGshadowIsNot) {
  FakeHost host;
  for (const auto* path : {"/etc/subuid", "/etc/subgid", "/etc/gshadow"})
    ASSERT_TRUE(host.removeFile(path).ok());
  ASSERT_TRUE(ensureAccountFiles(host, kAlice).ok());
  EXPECT_EQ(host.content("/etc/subuid"), "alice:589824:65536\n");
  EXPECT_EQ(host.node("/etc/subuid")->info.mode, 0644U);
  EXPECT_FALSE(host.exists("/etc/gshadow"));
  EXPECT_TRUE(proveAccountFiles(host, kAlice).ok());
  EXPECT_TRUE(removeAccountFiles(host, kAlice).ok());
}

TEST(AccountFiles, AMissingPasswdIsRefused) {
  FakeHost host;
  ASSERT_TRUE(host.removeFile("/etc/passwd").ok());
  EXPECT_FALSE(ensureAccountFiles(host, kAlice).ok());
  EXPECT_FALSE(removeAccountFiles(host, kAlice).ok());
}

TEST(AccountFiles, TheProofFailsForEachMissingLine) {
  for (const auto* path : kFiles) {
    FakeHost host;
    const auto before = host.content(path);
    const auto info = host.node(path)->info;
    ASSERT_TRUE(ensureAccountFiles(host, kAlice).ok());
    EXPECT_EQ(proveAccountFiles(host, kAlice)->size(), 6U);
    EXPECT_FALSE(proveNoAccountFiles(host, kAlice).ok());
    host.addFile(path, before, {info.mode, info.uid, info.gid});
    EXPECT_EQ(proveAccountFiles(host, kAlice).error().code, Code::kInternal) << path;
  }
}

TEST(AccountFiles, TheProofFailsForAPasswordThatOpensTheAccount) {
  for (const std::string password : {"$y$hash", ""}) {
    FakeHost host;
    ASSERT_TRUE(ensureAccountFiles(host, kAlice).ok());
    auto shadow = host.content("/etc/shadow");
    shadow.replace(shadow.find("!*"), 2, password);
    host.addFile("/etc/shadow", shadow, {0640, 0, 42});
    const auto proof = proveAccountFiles(host, kAlice);
    ASSERT_FALSE(proof.ok());
    EXPECT_EQ(proof.error().message.find("hash"), std::string::npos);
  }
}

TEST(AccountFiles, ANameIsFreeOnlyWhenNoFileKnowsIt) {
  FakeHost clean;
  EXPECT_TRUE(checkNameIsFree(clean, "alice").ok());
  EXPECT_EQ(checkNameIsFree(clean, "www-data").error().code, Code::kAlreadyExists);
  for (const auto* path : kFiles) {
    FakeHost host;
    add(host, path, "alice:whatever\n");
    EXPECT_EQ(checkNameIsFree(host, "alice").error().code, Code::kAlreadyExists) << path;
  }
  FakeHost host;
  add(host, "/etc/group", "web:x:900:bob,alice\n");
  EXPECT_EQ(checkNameIsFree(host, "alice").error().code, Code::kAlreadyExists);
}

}  // namespace
}  // namespace bulkhead::agent
