#include "agent/registry/registry.h"

#include <algorithm>
#include <set>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fake_host.h"

namespace bulkhead::agent {
namespace {

using ::testing::ElementsAre;
using testing::FakeHost;
using ::testing::HasSubstr;

const std::string kState = kStateDirectory;
constexpr ResourceLimits kLimits{50, 64U << 20U, 100};

Username user(const std::string& name) { return Username::parse(name).value(); }
DomainName domain(const std::string& name) { return DomainName::parse(name).value(); }

class RegistryTest : public ::testing::Test {
 protected:
  uid_t allocated(const std::string& name) {
    return registry.allocate(user(name), kLimits).value().identity.uid;
  }
  void put(const std::string& account,
           const std::string& name,
           std::vector<std::string> aliases = {}) {
    ASSERT_TRUE(registry.putSite({account, name, std::move(aliases), SiteMode::kServe}).ok());
  }
  FakeHost host;
  Registry registry{host};
};

TEST_F(RegistryTest, GivesUidsFromTheManagedRangeInOrder) {
  EXPECT_EQ(allocated("alice"), kUidFirst);
  EXPECT_EQ(allocated("bob"), kUidFirst + 1);
}

TEST_F(RegistryTest, DerivesIdentityFromNameAndUid) {
  (void)allocated("alice");
  const auto who = registry.allocate(user("bob"), kLimits).value().identity;
  EXPECT_EQ(who.gid, who.uid);
  EXPECT_EQ(who.home, "/home/bob");
  EXPECT_EQ(who.subUidFirst, kSubUidBase + kSubUidCount);
  EXPECT_EQ(who.subUidCount, kSubUidCount);
}

TEST_F(RegistryTest, GivesANameThatHasARecordTheSameUidAgain) {
  EXPECT_EQ(allocated("alice"), allocated("alice"));
  EXPECT_EQ(allocated("bob"), kUidFirst + 1);
}

TEST_F(RegistryTest, NeverGivesAUidTwiceEvenAfterRetirement) {
  std::set<uid_t> given;
  for (int round = 0; round < 50; ++round) {
    const auto record = registry.allocate(user("alice"), kLimits).value();
    EXPECT_TRUE(given.insert(record.identity.uid).second);
    ASSERT_TRUE(registry.retire(record).ok());
  }
}

TEST_F(RegistryTest, GivesAnAccountInCreationAnotherUidAndNeverTheFirstAgain) {
  const auto first = registry.allocate(user("alice"), kLimits).value();
  EXPECT_EQ(registry.allocateAgain(first).value().identity.uid, kUidFirst + 1);
  EXPECT_EQ(allocated("alice"), kUidFirst + 1);
  EXPECT_EQ(allocated("bob"), kUidFirst + 2);
}

TEST_F(RegistryTest, GivesNoOtherUidToAnAccountThatExists) {
  auto record = registry.allocate(user("alice"), kLimits).value();
  for (const auto state :
       {AccountState::kActive, AccountState::kSuspended, AccountState::kDeleting}) {
    record.state = state;
    EXPECT_EQ(registry.allocateAgain(record).error().code, Code::kConflict);
  }
}

TEST_F(RegistryTest, WritesTheHighWaterMarkBeforeTheRecord) {
  (void)allocated("alice");
  const auto& log = host.log();
  const auto mark = std::find(log.begin(), log.end(), "writeFile " + kState + "/uid-high-water");
  const auto record = std::find(log.begin(), log.end(), "writeFile " + kState + "/accounts/alice");
  ASSERT_NE(mark, log.end());
  ASSERT_NE(record, log.end());
  EXPECT_LT(mark - log.begin(), record - log.begin());
}

TEST_F(RegistryTest, ACrashAtAnyStepOfAnAllocationNeverLeadsToASharedUid) {
  for (std::size_t step = 0; step <= 5; ++step) {
    FakeHost machine;
    Registry records(machine);
    machine.crashAfter(step);
    try {
      (void)records.allocate(user("alice"), kLimits);
    } catch (const testing::FakeCrash&) {
    }
    machine.resetFaults();
    const auto bob = records.allocate(user("bob"), kLimits).value().identity.uid;
    const auto alice = records.allocate(user("alice"), kLimits).value().identity.uid;
    EXPECT_NE(alice, bob) << "crash after mutation " << step;
  }
}

TEST_F(RegistryTest, AFailedWriteOfTheMarkGivesNoRecord) {
  (void)allocated("alice");
  host.resetFaults();
  host.failMutation(1, Error{Code::kInternal, "disk full", ""});
  EXPECT_EQ(registry.allocate(user("bob"), kLimits).error().message, "disk full");
  EXPECT_FALSE(host.exists(kState + "/accounts/bob"));
}

TEST_F(RegistryTest, SkipsUidsAndGidsThatTheHostUses) {
  host.addFile("/etc/passwd",
               "root:x:0:0::/root:/bin/sh\nold:x:20000:20002::/:/bin/sh\nbroken line\n");
  host.addFile("/etc/group", "root:x:0:\nteam:x:20001:a,b\n");
  EXPECT_EQ(allocated("alice"), 20003U);
}

TEST_F(RegistryTest, SkipsUidsWhoseSubUidsOverlapSomebodyElses) {
  host.addFile("/etc/subuid", "admin:" + std::to_string(kSubUidBase + 100) + ":65536\n");
  EXPECT_EQ(allocated("alice"), kUidFirst + 2);
}

TEST_F(RegistryTest, RefusesWhenTheRangeIsUsedUp) {
  host.addFile(kState + "/uid-high-water", std::to_string(kUidLast - 1) + "\n");
  const auto last = registry.allocate(user("alice"), kLimits).value();
  EXPECT_EQ(last.identity.uid, kUidLast);
  EXPECT_EQ(std::uint64_t{last.identity.subUidFirst} + last.identity.subUidCount,
            std::uint64_t{kSubUidBase} + std::uint64_t{kUidLast - kUidFirst + 1} * kSubUidCount);
  EXPECT_EQ(registry.allocate(user("bob"), kLimits).error().code, Code::kLimitExceeded);
}

TEST_F(RegistryTest, RefusesToGoOnWithoutItsHighWaterMark) {
  (void)allocated("alice");
  ASSERT_TRUE(host.removeFile(kState + "/uid-high-water").ok());
  const auto refused = registry.allocate(user("bob"), kLimits);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::kInternal);
  EXPECT_THAT(refused.error().message, HasSubstr("uid-high-water"));
}

TEST_F(RegistryTest, RefusesAHighWaterMarkThatIsNoManagedUid) {
  for (const char* text :
       {"", "x", "0\n", "19998\n", "60000\n", "20000 \n", "-1", "99999999999\n"}) {
    host.addFile(kState + "/uid-high-water", text);
    EXPECT_EQ(registry.allocate(user("alice"), kLimits).error().code, Code::kInternal) << text;
  }
}

TEST_F(RegistryTest, ReadsBackWhatWasPut) {
  auto record = registry.allocate(user("alice"), kLimits).value();
  record.state = AccountState::kSuspended;
  ASSERT_TRUE(registry.put(record).ok());
  const auto read = registry.find(user("alice")).value();
  EXPECT_EQ(read.state, AccountState::kSuspended);
  EXPECT_EQ(read.identity.uid, record.identity.uid);
  EXPECT_EQ(read.limits.cpuPercent, 50U);
  EXPECT_EQ(read.limits.memoryBytes, 64U << 20U);
  EXPECT_EQ(read.limits.tasks, 100U);
}

TEST_F(RegistryTest, KeepsItsRecordsToRoot) {
  (void)allocated("alice");
  EXPECT_EQ(host.node(kState + "/accounts")->info.mode, 0700U);
  EXPECT_EQ(host.node(kState + "/accounts/alice")->info.mode, 0600U);
}

TEST_F(RegistryTest, SaysNotFoundForAnUnknownAccount) {
  EXPECT_EQ(registry.find(user("alice")).error().code, Code::kNotFound);
  EXPECT_EQ(registry.findActive(user("alice")).error().code, Code::kNotFound);
}

TEST_F(RegistryTest, FindsOnlyActiveAccountsWhenAsked) {
  auto record = registry.allocate(user("alice"), kLimits).value();
  for (const auto state :
       {AccountState::kCreating, AccountState::kSuspended, AccountState::kDeleting}) {
    record.state = state;
    ASSERT_TRUE(registry.put(record).ok());
    EXPECT_EQ(registry.findActive(user("alice")).error().code, Code::kConflict);
  }
  record.state = AccountState::kActive;
  ASSERT_TRUE(registry.put(record).ok());
  EXPECT_TRUE(registry.findActive(user("alice")).ok());
}

TEST_F(RegistryTest, NamesTheFileOfARecordThatItCannotBelieve) {
  const auto path = kState + "/accounts/alice";
  const std::string limits = R"("limits":{"cpu_percent":0,"memory_bytes":0,"tasks":0})";
  for (const auto& text :
       {std::string(), std::string("not json"), std::string("[]"),
        R"({"username":"bob","uid":20000,"state":"active",)" + limits + "}",
        R"({"username":"alice","uid":0,"state":"active",)" + limits + "}",
        R"({"username":"alice","uid":19999,"state":"active",)" + limits + "}",
        R"({"username":"alice","uid":60000,"state":"active",)" + limits + "}",
        R"({"username":"alice","uid":"20000","state":"active",)" + limits + "}",
        R"({"username":"alice","uid":20000,"state":"odd",)" + limits + "}",
        std::string(R"({"username":"alice","uid":20000,"state":"active"})"),
        std::string(
            R"({"username":"alice","uid":20000,"state":"active","limits":{"cpu_percent":-1,)"
            R"("memory_bytes":0,"tasks":0}})")}) {
    host.addFile(path, text);
    const auto refused = registry.find(user("alice"));
    ASSERT_FALSE(refused.ok()) << text;
    EXPECT_EQ(refused.error().code, Code::kInternal) << text;
    EXPECT_THAT(refused.error().message, HasSubstr(path));
    EXPECT_EQ(registry.allocate(user("alice"), kLimits).error().code, Code::kInternal)
        << "must not be replaced";
    EXPECT_FALSE(registry.list("", 10).ok()) << "must not be left out";
  }
}

TEST_F(RegistryTest, ListsInPagesAndReadsOnlyThePage) {
  for (const char* name : {"carol", "alice", "dave", "bob"})
    (void)allocated(name);
  host.addFile(kState + "/accounts/zoe", "broken");  // read only when the page reaches it
  host.addFile(kState + "/accounts/.tmp-1", "left by a crash");
  const auto names = [this](const std::string& after, std::size_t limit) {
    std::vector<std::string> found;
    for (const auto& record : registry.list(after, limit).value())
      found.push_back(record.identity.username);
    return found;
  };
  EXPECT_THAT(names("", 2), ElementsAre("alice", "bob"));
  EXPECT_THAT(names("bob", 2), ElementsAre("carol", "dave"));
  EXPECT_THAT(names("b", 1), ElementsAre("bob"));
  EXPECT_FALSE(registry.list("dave", 2).ok());
}

TEST_F(RegistryTest, IsEmptyOnANewHost) {
  EXPECT_TRUE(registry.list("", 10).value().empty());
  EXPECT_TRUE(registry.sites().value().empty());
}

TEST_F(RegistryTest, KeepsSitesWithTheirAliases) {
  put("alice", "site.test", {"www.site.test", "other.test"});
  put("bob", "bob.test");
  const auto site = registry.findSite(domain("site.test")).value();
  EXPECT_EQ(site.account, "alice");
  EXPECT_THAT(site.aliases, ElementsAre("www.site.test", "other.test"));
  EXPECT_EQ(registry.sites().value().size(), 2U);
  EXPECT_EQ(registry.sitesOf(user("alice")).value().size(), 1U);
  ASSERT_TRUE(registry.removeSite(domain("site.test")).ok());
  ASSERT_TRUE(registry.removeSite(domain("site.test")).ok());
  EXPECT_EQ(registry.findSite(domain("site.test")).error().code, Code::kNotFound);
}

TEST_F(RegistryTest, FilesASiteOfTheLongestName) {
  std::string name;
  for (int i = 0; i < 3; ++i)
    name += std::string(63, 'a') + ".";
  name += std::string(56, 'b') + ".test";
  ASSERT_EQ(name.size(), DomainName::kMaxLength);
  put("alice", domain(name).text());
  EXPECT_TRUE(host.exists(kState + "/sites/" + name));
}

TEST_F(RegistryTest, NamesTheFileOfASiteThatItCannotBelieve) {
  for (const char* text :
       {"", "{}", R"({"domain":"other.test","account":"alice","aliases":[],"mode":"serve"})",
        R"({"domain":"site.test","account":"root","aliases":[],"mode":"serve"})",
        R"({"domain":"site.test","account":"alice","aliases":["*.x.test"],"mode":"serve"})",
        R"({"domain":"site.test","account":"alice","aliases":[],"mode":"odd"})"}) {
    host.addFile(kState + "/sites/site.test", text);
    EXPECT_THAT(registry.findSite(domain("site.test")).error().message,
                HasSubstr("sites/site.test"))
        << text;
    EXPECT_EQ(registry.checkDomain(user("bob"), domain("free.test")).error().code, Code::kInternal)
        << text;
  }
}

TEST_F(RegistryTest, RefusesADomainThatAnotherAccountHoldsInAnyWay) {
  put("alice", "shop.site.test", {"alias.test"});
  for (const char* taken : {"shop.site.test", "SHOP.site.test.", "a.shop.site.test", "site.test",
                            "alias.test", "x.y.alias.test"})
    EXPECT_EQ(registry.checkDomain(user("bob"), domain(taken)).error().code, Code::kConflict)
        << taken;
  for (const char* free :
       {"other.site.test", "xshop.site.test", "shop.site.test.example", "talias.test"})
    EXPECT_TRUE(registry.checkDomain(user("bob"), domain(free)).ok()) << free;
}

TEST_F(RegistryTest, LetsAnAccountSplitItsOwnDomain) {
  put("alice", "site.test", {"alias.test"});
  for (const char* own : {"site.test", "a.site.test", "alias.test"})
    EXPECT_TRUE(registry.checkDomain(user("alice"), domain(own)).ok()) << own;
}

TEST_F(RegistryTest, AWriteThroughAReadingRegistryIsAFault) {
  const Host& machine = host;
  Registry reading(machine);
  EXPECT_THROW((void)reading.putSite({"alice", "site.test", {}, SiteMode::kServe}),
               std::logic_error);
}

TEST_F(RegistryTest, WorksInADirectoryOfItsOwn) {
  Registry elsewhere(host, "/srv");
  host.addDirectory("/srv");
  ASSERT_TRUE(elsewhere.allocate(user("alice"), kLimits).ok());
  EXPECT_TRUE(host.exists("/srv/accounts/alice"));
  EXPECT_EQ(registry.find(user("alice")).error().code, Code::kNotFound);
}

}  // namespace
}  // namespace bulkhead::agent
