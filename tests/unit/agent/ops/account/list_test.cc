#include <gtest/gtest.h>

#include "agent/ops/all_ops.h"
#include "tests/support/account_scene.h"
#include "tests/support/op_call.h"

namespace bulkhead::agent {
namespace {

using testing::AccountScene;
using Call = testing::OpCall<rpc::AccountListQuery, rpc::AccountPage>;

TEST(AccountList, GivesPagesByName) {
  AccountScene scene;
  scene.addAccount("carol");
  scene.addAccount("bob");
  Call first;
  first.params().setLimit(2);
  ASSERT_TRUE(first.perform(accountList(), scene.host).ok());
  ASSERT_EQ(first.reply().getAccounts().size(), 2U);
  EXPECT_EQ(std::string(first.reply().getAccounts()[1].getUsername().cStr()), "bob");
  EXPECT_TRUE(first.reply().getMore());
  Call second;
  second.params().setLimit(2);
  second.params().setAfter("bob");
  ASSERT_TRUE(second.perform(accountList(), scene.host).ok());
  ASSERT_EQ(second.reply().getAccounts().size(), 1U);
  EXPECT_EQ(std::string(second.reply().getAccounts()[0].getUsername().cStr()), "carol");
  EXPECT_FALSE(second.reply().getMore());
}

TEST(AccountList, AFullLastPageHasNoMore) {
  AccountScene scene;
  Call call;
  call.params().setLimit(1);
  ASSERT_TRUE(call.perform(accountList(), scene.host).ok());
  EXPECT_EQ(call.reply().getAccounts().size(), 1U);
  EXPECT_FALSE(call.reply().getMore());
}

TEST(AccountList, AHostWithoutAccountsHasAnEmptyPage) {
  testing::FakeHost host;
  Call call;
  ASSERT_TRUE(call.perform(accountList(), host).ok());
  EXPECT_EQ(call.reply().getAccounts().size(), 0U);
}

TEST(AccountList, RefusesPagesOutOfRangeAndPositionsThatAreNoName) {
  AccountScene scene;
  for (const int limit : {0, 201, 65535}) {
    Call call;
    call.params().setLimit(static_cast<std::uint16_t>(limit));
    EXPECT_EQ(call.perform(accountList(), scene.host).error().field, "limit");
  }
  Call call;
  call.params().setAfter("../x");
  EXPECT_EQ(call.perform(accountList(), scene.host).error().code, Code::kInvalidArgument);
}

}  // namespace
}  // namespace bulkhead::agent
