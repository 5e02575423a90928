#include "cli/exit_code.h"

#include <gtest/gtest.h>

namespace bulkhead::cli {
namespace {

// Scripts rely on these numbers.
TEST(ExitCode, IsTheSameForEverForEachReason) {
  const std::pair<Code, int> kKnown[] = {{Code::kInvalidArgument, 2},  {Code::kUnauthenticated, 4},
                                         {Code::kPermissionDenied, 4}, {Code::kNotFound, 3},
                                         {Code::kAlreadyExists, 5},    {Code::kConflict, 5},
                                         {Code::kLimitExceeded, 6},    {Code::kUnsupported, 1},
                                         {Code::kUnavailable, 8},      {Code::kBusy, 8},
                                         {Code::kTimeout, 8},          {Code::kCancelled, 130},
                                         {Code::kAuditUnavailable, 8}, {Code::kInternal, 1}};
  for (const auto& [code, number] : kKnown)
    EXPECT_EQ(static_cast<int>(exitCodeFor(code)), number) << codeName(code);
  EXPECT_EQ(static_cast<int>(ExitCode::kRolledBack), 7);
  EXPECT_EQ(static_cast<int>(ExitCode::kFindings), 9);
}

}  // namespace
}  // namespace bulkhead::cli
