#include "cli/cpapi/passwd.h"

#include <gtest/gtest.h>

namespace bulkhead::cpapi {
namespace {

TEST(Passwd, KnowsAUserByHisNumber) {
  EXPECT_EQ(readEntry("alice:x:1001:1001::/home/alice:/bin/sh", 1001, "alice"),
            PasswdEntry::kHisOfThatName);
  EXPECT_EQ(readEntry("alice:x:1001:1001::/home/alice:/bin/sh", 1001, "bob"), PasswdEntry::kHis);
  EXPECT_EQ(readEntry("alice:x:1001:1001::/home/alice:/bin/sh", 1002, "alice"),
            PasswdEntry::kAnothers);
}
TEST(Passwd, TakesNothingElseForAnEntry) {
  for (const char* line :
       {"", ":", "::", "alice:x:1001", "alice:x::1001", "alice:x:1001x:", "alice:x: 1001:",
        "alice:x:+1001:", "alice:x:-1:", "alice:x:99999999999:", "+::::::"})
    EXPECT_EQ(readEntry(line, 1001, "alice"), PasswdEntry::kAnothers) << line;
}

}  // namespace
}  // namespace bulkhead::cpapi
