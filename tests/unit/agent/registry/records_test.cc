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
