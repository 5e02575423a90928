#include "cli/id_limits.h"

#include <sys/stat.h>

#include <gtest/gtest.h>

#include "tests/support/root.h"

namespace bulkhead::cli {
namespace {

// As Debian ships it, shortened.
constexpr const char* kDebian =
    "#\n# Min/max values for automatic uid selection in useradd\n#\n"
    "UID_MIN\t\t\t 1000\nUID_MAX\t\t\t60000\n# System accounts\n#SYS_UID_MAX\t\t  999\n"
    "GID_MIN\t\t\t 1000\nGID_MAX\t\t\t60000\nSUB_UID_MIN\t\t   100000\nUMASK\t\t022\n";

TEST(LimitIds, SetsBothLimitsOfDebiansFileAndKeepsEveryOtherByte) {
  const auto limits = limitIds(kDebian).value();
  std::string wanted = kDebian;
  wanted.replace(wanted.find("60000"), 5, "19999");
  wanted.replace(wanted.find("60000"), 5, "19999");
  EXPECT_EQ(limits.content, wanted);
  EXPECT_EQ(limits.changes, "UID_MAX 60000 -> 19999, GID_MAX 60000 -> 19999");
}

TEST(LimitIds, ChangesNothingTheSecondTime) {
  const auto once = limitIds(kDebian).value().content;
  const auto twice = limitIds(once).value();
  EXPECT_EQ(twice.content, once);
  EXPECT_EQ(twice.changes, "");
}

TEST(LimitIds, LeavesLowerLimitsAlone) {
  const std::string lower = "UID_MAX 5000\nGID_MAX\t19999\n";
  EXPECT_EQ(limitIds(lower).value().content, lower);
  EXPECT_EQ(limitIds("UID_MAX 5000\nGID_MAX 60000\n").value().content,
            "UID_MAX 5000\nGID_MAX 19999\n");
}

TEST(LimitIds, AddsLimitsThatTheFileDoesNotHave) {
  EXPECT_EQ(limitIds("# UID_MAX 100\nUID_MAXIMUM 5\nGID_MAX\nUMASK 022").value().content,
            "# UID_MAX 100\nUID_MAXIMUM 5\nGID_MAX\nUMASK 022\nUID_MAX\t19999\nGID_MAX\t19999\n");
  EXPECT_EQ(limitIds("").value().changes,
            "UID_MAX 60000 (the default) -> 19999, GID_MAX 60000 (the default) -> 19999");
}

TEST(LimitIds, ChangesTheLineThatCounts) {
  EXPECT_EQ(limitIds("UID_MAX 500\n UID_MAX \"60000\" x\nGID_MAX 1000\n").value().content,
            "UID_MAX 500\n UID_MAX \"19999\" x\nGID_MAX 1000\n");
}

TEST(LimitIds, DoesNotBelieveANumberThatTheToolsReadOtherwise) {
  for (const auto* value : {"0177777", "0xffff", "many", "-1", "99999999999999999999"}) {
    const auto limits = limitIds("UID_MAX " + std::string(value) + "\nGID_MAX 999\n").value();
    EXPECT_EQ(limits.content, "UID_MAX 19999\nGID_MAX 999\n") << value;
  }
}

TEST(LimitIds, RefusesARangeThatBeginsAboveTheLimit) {
  for (const auto* line : {"UID_MIN 20000", "GID_MIN 30000", "UID_MIN 0x8000"}) {
    const auto refused = limitIds(std::string(line) + "\nUID_MAX 60000\nGID_MAX 60000\n");
    EXPECT_EQ(refused.error().code, Code::kConflict) << line;
    EXPECT_NE(refused.error().message.find(line), std::string::npos) << refused.error().message;
  }
}

TEST(EnsureIdLimits, ReplacesTheFileWithItsModeAndSaysWhatItChanged) {
  const testing::RootDirectory root;
  testing::spill(root / "login.defs", kDebian, 0640);
  EXPECT_EQ(ensureIdLimits(root / "login.defs").value(),
            root / "login.defs changed: UID_MAX 60000 -> 19999, GID_MAX 60000 -> 19999");
  struct stat info {};
  ASSERT_EQ(::stat((root / "login.defs").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0640U);
  const auto inode = info.st_ino;
  EXPECT_EQ(ensureIdLimits(root / "login.defs").value(),
            root / "login.defs has UID_MAX 19999, GID_MAX 19999");
  ASSERT_EQ(::stat((root / "login.defs").c_str(), &info), 0);
  EXPECT_EQ(info.st_ino, inode);
}

TEST(EnsureIdLimits, ChangesNothingOfAFileThatItRefuses) {
  const testing::RootDirectory root;
  testing::spill(root / "login.defs", "UID_MIN 30000\nUID_MAX 60000\n");
  EXPECT_EQ(ensureIdLimits(root / "login.defs").error().code, Code::kConflict);
  EXPECT_EQ(testing::slurp(root / "login.defs"), "UID_MIN 30000\nUID_MAX 60000\n");
  EXPECT_EQ(ensureIdLimits(root / "absent").error().code, Code::kNotFound);
}

}  // namespace
}  // namespace bulkhead::cli
