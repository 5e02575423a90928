// Two processes that share no code agree on where people end and accounts begin.
#include <gtest/gtest.h>

#include "agent/registry/registry.h"
#include "cli/id_limits.h"

namespace bulkhead {
namespace {

TEST(IdRanges, PeopleEndRightBelowTheAccounts) { EXPECT_EQ(cli::kOrdinaryIdMax + 1, kUidFirst); }

TEST(IdRanges, NobodysUidIsNoAccountsAndNoSubUid) {
  const std::uint64_t accounts = kUidLast - kUidFirst + 1;
  EXPECT_EQ(agent::kNobodysUid, kSubUidBase + accounts * kSubUidCount);
}

}  // namespace
}  // namespace bulkhead
