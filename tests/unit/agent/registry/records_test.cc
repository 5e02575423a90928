// What is remembered of a record must be what its text says, and nobody else's.
#include "agent/registry/records.h"

#include <gtest/gtest.h>

namespace bulkhead::agent {
namespace {

std::string text(const std::string& name, uid_t uid, AccountState state) {
  AccountRecord record;
  record.identity = identityFor(name, uid);
  record.state = state;
  record.limits = ResourceLimits::check(50, 64U << 20U, 100).value();
  return printAccount(record);
}

TEST(RecallAccount, SaysWhatTheTextSaysEachTimeItChanges) {
  for (int round = 0; round < 2; ++round) {
    for (const auto state : {AccountState::kActive, AccountState::kSuspended}) {
      const auto record = recallAccount("alice", text("alice", 20000, state));
      ASSERT_TRUE(record.ok()) << record.error().message;
      EXPECT_EQ(record->state, state);
      EXPECT_EQ(record->identity.uid, 20000U);
    }
  }
}
TEST(RecallAccount, DoesNotBelieveOneAccountsTextUnderAnotherName) {
  const std::string alices = text("alice", 20000, AccountState::kActive);
  ASSERT_TRUE(recallAccount("alice", alices).ok());
  EXPECT_FALSE(recallAccount("bob", alices).ok());
}
TEST(RecallAccount, RefusesABrokenTextAgainAndAgain) {
  ASSERT_TRUE(recallAccount("alice", text("alice", 20000, AccountState::kActive)).ok());
  for (int round = 0; round < 2; ++round)
    EXPECT_FALSE(recallAccount("alice", "{").ok());
}
TEST(ParseAccount, KeepsWhatWasAskedForOfTheAccount) {
  AccountRecord record;
  record.identity = identityFor("alice", 20000);
  record.state = AccountState::kActive;
  EXPECT_FALSE(parseAccount("alice", printAccount(record))->quota.has_value());
  record.quota = KeptQuota{1U << 30U, 1000};
  record.ports = {{33000, false}, {33001, true}};
  record.services = {{"web", 50, 64U << 20U, 33000}};
  const auto read = parseAccount("alice", printAccount(record));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->quota, record.quota);
  EXPECT_EQ(read->ports, record.ports);
  ASSERT_EQ(read->services.size(), 1U);
  EXPECT_EQ(read->services[0].publishPort, 33000U);
}
TEST(ParseAccount, RefusesWhatNobodyCanHaveAskedFor) {
  AccountRecord record;
  record.identity = identityFor("alice", 20000);
  record.ports = {{33000, false}};
  const auto sound = printAccount(record);
  ASSERT_TRUE(parseAccount("alice", sound).ok());
  const auto with = [&sound](const std::string& from, const std::string& to) {
    auto text = sound;
    return text.replace(text.find(from), from.size(), to);
  };
  EXPECT_FALSE(parseAccount("alice", with("\"tcp\"", "\"icmp\"")).ok());
  EXPECT_FALSE(parseAccount("alice", with("33000", "-1")).ok());
  EXPECT_FALSE(parseAccount("alice", with("\"ports\"", "\"quota\"")).ok());
  EXPECT_FALSE(parseAccount("alice", with("\"ports\"", "\"services\"")).ok());
}
TEST(RecallAccount, KeepsManyAccountsApart) {
  for (int round = 0; round < 2; ++round)
    for (uid_t i = 0; i < 600; ++i) {
      const std::string name = "user" + std::to_string(i);
      const auto record = recallAccount(name, text(name, 20000 + i, AccountState::kActive));
      ASSERT_TRUE(record.ok());
      EXPECT_EQ(record->identity.uid, 20000 + i);
      EXPECT_EQ(record->identity.username, name);
    }
}

}  // namespace
}  // namespace bulkhead::agent
