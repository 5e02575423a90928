#include "common/log/log.h"

#include <cerrno>

#include <gtest/gtest.h>

namespace bulkhead {
namespace {

TEST(Log, WritesPriorityMessageAndFieldsOnOneLine) {
  EXPECT_EQ(formatLogLine(LogLevel::kWarning, "peer refused", {{"uid", "33"}}),
            "<4>peer refused uid=\"33\"\n");
}

TEST(Log, TextFromOutsideCannotForgeALine) {
  EXPECT_EQ(formatLogLine(LogLevel::kInfo, "x\n<0>y", {{"name", "a\"\n<0>forged\x1b[2J"}}),
            "<6>x\\u000a<0>y name=\"a\\\"\\u000a<0>forged\\u001b[2J\"\n");
}

TEST(Log, CutsAnEndlessValueAndStillEndsTheLine) {
  const std::string line = formatLogLine(LogLevel::kInfo, "m", {{"v", std::string(100000, 'x')}});
  EXPECT_EQ(line.size(), kLogLineBytesMax);
  EXPECT_EQ(line.substr(line.size() - 4), "...\n");
}

TEST(Log, KeepsErrnoForTheCaller) {
  errno = ENOSPC;
  logLine(LogLevel::kInfo, "a line of the log test");
  EXPECT_EQ(errno, ENOSPC);
}

}  // namespace
}  // namespace bulkhead
