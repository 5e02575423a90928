#include "agent/host/line_diff.h"

#include <charconv>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace bulkhead::agent {
namespace {

std::string diff(std::string_view before, std::string_view after) {
  return lineDiff(before, after, "a", "b");
}

std::vector<std::string> linesOf(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size() - 1);
    lines.emplace_back(text.substr(0, end + 1));
    text.remove_prefix(end + 1);
  }
  return lines;
}

// Reads a unified diff as patch(1) does; "<bad>" when it does not fit.
std::string patched(const std::string& before, const std::string& text) {
  const auto old = linesOf(before);
  const auto patch = linesOf(text);
  std::string after;
  std::size_t at = 0;
  for (std::size_t i = 2; i < patch.size(); ++i) {
    const auto& line = patch[i];
    if (line.starts_with("@@ -")) {
      std::size_t first = 0;
      const auto end = std::from_chars(line.data() + 4, line.data() + line.size(), first).ptr;
      const bool none = std::string_view(end, 2) == ",0";
      for (const auto start = none ? first : first - 1; at < start;)
        after += old.at(at++);
      continue;
    }
    const bool unfinished = i + 1 < patch.size() && patch[i + 1].starts_with('\\');
    const auto body = unfinished ? line.substr(1, line.size() - 2) : line.substr(1);
    if (line.front() == '\\') continue;
    if (line.front() != '+' && (at >= old.size() || old[at++] != body)) return "<bad>";
    if (line.front() != '-') after += body;
  }
  while (at < old.size())
    after += old[at++];
  return after;
}

TEST(LineDiff, SaysNothingAboutEqualTexts) {
  EXPECT_EQ(diff("", ""), "");
  EXPECT_EQ(diff("a\nb\n", "a\nb\n"), "");
}

TEST(LineDiff, ShowsAChangeWithThreeLinesAround) {
  EXPECT_EQ(diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n"),
            "--- a\n+++ b\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
}

TEST(LineDiff, ShowsANewAndAnEmptiedFile) {
  EXPECT_EQ(diff("", "x\n"), "--- a\n+++ b\n@@ -0,0 +1 @@\n+x\n");
  EXPECT_EQ(diff("x\n", ""), "--- a\n+++ b\n@@ -1 +0,0 @@\n-x\n");
}

TEST(LineDiff, ShowsAMissingLineFeed) {
  EXPECT_EQ(diff("x", "x\n"), "--- a\n+++ b\n@@ -1 +1 @@\n-x\n\\ No newline at end of file\n+x\n");
}

TEST(LineDiff, SplitsDistantChangesIntoHunks) {
  std::string before;
  for (int i = 0; i < 40; ++i)
    before += std::to_string(i) + "\n";
  auto after = before;
  after.replace(after.find("\n5\n") + 1, 1, "five");
  after.replace(after.find("\n30\n") + 1, 2, "thirty");
  const auto text = diff(before, after);
  EXPECT_NE(text.find("@@ -3,7 +3,7 @@"), std::string::npos) << text;
  EXPECT_NE(text.find("@@ -28,7 +28,7 @@"), std::string::npos) << text;
}

TEST(LineDiff, AppliedToTheOldTextGivesTheNewOne) {
  std::mt19937 random(3);  // NOLINT(cert-msc51-cpp): the same texts in every run
  const auto text = [&random] {
    std::string made;
    for (auto lines = random() % 40; lines > 0; --lines)
      made += std::string(1, static_cast<char>('a' + random() % 4)) + "\n";
    if (random() % 4 == 0) made += "end";
    return made;
  };
  for (int round = 0; round < 5000; ++round) {
    const auto before = text();
    const auto after = text();
    ASSERT_EQ(patched(before, diff(before, after)), after) << "from\n"
                                                           << before << "to\n"
                                                           << after << diff(before, after);
  }
}

TEST(LineDiff, StaysBoundedForHugeTexts) {
  std::string before;
  std::string after;
  for (int i = 0; i < 200000; ++i) {
    before += std::to_string(i) + "\n";
    after += std::to_string(i * 3) + "\n";
  }
  const auto text = diff(before, after);
  EXPECT_LE(text.size(), kDiffBytesMax + 100);
  EXPECT_TRUE(text.ends_with("(the rest of this diff is not shown)\n"));
}

}  // namespace
}  // namespace bulkhead::agent
