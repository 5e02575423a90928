#include "agent/host/line_diff.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace bulkhead::agent {
namespace {

constexpr std::size_t kContext = 3;
constexpr std::size_t kCellsMax = 4U
                                  << 20U;  // of the comparison table: 16 MiB and some milliseconds

using Lines = std::vector<std::string_view>;

// Each with its line feed, so that a missing one at the end is a difference.
Lines splitLines(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size() - 1);
    lines.push_back(text.substr(0, end + 1));
    text.remove_prefix(end + 1);
  }
  return lines;
}

struct Edit {
  char sign;  // ' ', '-' or '+'
  std::string_view line;
};
using Edits = std::vector<Edit>;

// Longest common subsequence of a part without common ends: table[i][j] is its length from there
// on.
void compare(const Lines& before,
             const Lines& after,
             std::size_t skip,
             std::size_t endBefore,
             std::size_t endAfter,
             Edits& edits) {
  const auto rows = endBefore - skip;
  const auto columns = endAfter - skip;
  std::size_t i = 0;
  std::size_t j = 0;
  if ((rows + 1) * (columns + 1) <= kCellsMax) {
    std::vector<std::uint32_t> table((rows + 1) * (columns + 1));
    const auto at = [&table, columns](std::size_t row, std::size_t column) -> std::uint32_t& {
      return table[row * (columns + 1) + column];
    };
    for (auto row = rows; row-- > 0;)
      for (auto column = columns; column-- > 0;)
        at(row, column) = before[skip + row] == after[skip + column]
                              ? at(row + 1, column + 1) + 1
                              : std::max(at(row + 1, column), at(row, column + 1));
    while (i < rows && j < columns) {
      if (before[skip + i] == after[skip + j]) {
        edits.push_back({' ', before[skip + i]});
        ++i;
        ++j;
      } else if (at(i + 1, j) >= at(i, j + 1)) {
        edits.push_back({'-', before[skip + i++]});
      } else {
        edits.push_back({'+', after[skip + j++]});
      }
    }
  }
  for (; i < rows; ++i)
    edits.push_back({'-', before[skip + i]});
  for (; j < columns; ++j)
    edits.push_back({'+', after[skip + j]});
}

Edits editsOf(const Lines& before, const Lines& after) {
  const auto shorter = std::min(before.size(), after.size());
  std::size_t head = 0;
  while (head < shorter && before[head] == after[head])
    ++head;
  std::size_t tail = 0;
  while (tail < shorter - head &&
         before[before.size() - 1 - tail] == after[after.size() - 1 - tail])
    ++tail;
  Edits edits;
  for (std::size_t i = 0; i < head; ++i)
    edits.push_back({' ', before[i]});
  compare(before, after, head, before.size() - tail, after.size() - tail, edits);
  for (auto i = before.size() - tail; i < before.size(); ++i)
    edits.push_back({' ', before[i]});
  return edits;
}

std::string range(std::size_t first, std::size_t count) {
  // The format counts from 1, but names the line before when there is none.
  const auto start = count == 0 ? first : first + 1;
  return count == 1 ? std::to_string(start) : std::to_string(start) + "," + std::to_string(count);
}

// One hunk: edits[from, to), which begins at the given lines of both texts.
std::string hunk(const Edits& edits,
                 std::size_t from,
                 std::size_t to,
                 std::size_t lineBefore,
                 std::size_t lineAfter) {
  std::size_t countBefore = 0;
  std::size_t countAfter = 0;
  std::string body;
  for (auto i = from; i < to; ++i) {
    if (edits[i].sign != '+') ++countBefore;
    if (edits[i].sign != '-') ++countAfter;
    body += edits[i].sign;
    body += edits[i].line;
    if (!edits[i].line.ends_with('\n')) body += "\n\\ No newline at end of file\n";
  }
  return "@@ -" + range(lineBefore, countBefore) + " +" + range(lineAfter, countAfter) + " @@\n" +
         body;
}

// The end of the hunk that begins with a change at `at`: changes that are close share one.
std::size_t hunkEnd(const Edits& edits, std::size_t at) {
  auto last = at;
  for (auto i = at; i < edits.size() && i <= last + 2 * kContext; ++i)
    if (edits[i].sign != ' ') last = i;
  return std::min(last + kContext + 1, edits.size());
}

}  // namespace

std::string lineDiff(std::string_view before,
                     std::string_view after,
                     const std::string& labelBefore,
                     const std::string& labelAfter) {
  if (before == after) return "";
  const auto linesBefore = splitLines(before);
  const auto linesAfter = splitLines(after);
  const auto edits = editsOf(linesBefore, linesAfter);
  std::string diff = "--- " + labelBefore + "\n+++ " + labelAfter + "\n";
  std::size_t lineBefore = 0;
  std::size_t lineAfter = 0;
  const auto pass = [&](std::size_t from, std::size_t to) {
    for (auto i = from; i < to; ++i) {
      if (edits[i].sign != '+') ++lineBefore;
      if (edits[i].sign != '-') ++lineAfter;
    }
  };
  for (std::size_t done = 0, at = 0; at < edits.size(); ++at) {
    if (edits[at].sign == ' ') continue;
    const auto from = std::max(done, at - std::min(at, kContext));
    const auto to = hunkEnd(edits, at);
    pass(done, from);
    diff += hunk(edits, from, to, lineBefore, lineAfter);
    if (diff.size() > kDiffBytesMax) {
      diff.resize(kDiffBytesMax);
      return diff + "\n(the rest of this diff is not shown)\n";
    }
    pass(from, to);
    done = to;
    at = to - 1;
  }
  return diff;
}

}  // namespace bulkhead::agent
