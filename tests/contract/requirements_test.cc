// docs/threat-model.md lists what is asked of Bulkhead and which tests show it. Here: every test
// that it names exists, and a row that claims to be met names one.
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/paths.h"

namespace bulkhead {
namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;

const fs::path kRoot = BULKHEAD_SOURCE_DIR;

// "Suite.Name" of every C++ test, "module.test_name" of every Python one.
Names testsOfTheTree() {
  const std::regex test(R"re(^TEST(?:_F|_P)?\((\w+), (\w+)\))re");
  const std::regex wrapped(R"re(^TEST(?:_F|_P)?\((\w+),$)re");
  const std::regex function(R"re(^def (test_\w+)\()re");
  Names names;
  for (const auto& entry : fs::recursive_directory_iterator(kRoot / "tests")) {
    const auto extension = entry.path().extension();
    if (extension != ".cc" && extension != ".py") continue;
    std::ifstream file(entry.path());
    std::string line;
    std::string suite;  // of a TEST whose name stands on the next line
    std::smatch match;
    while (std::getline(file, line)) {
      if (!suite.empty()) {
        const auto begin = line.find_first_not_of(' ');
        names.insert(suite + "." + line.substr(begin, line.find(')') - begin));
        suite.clear();
      } else if (std::regex_search(line, match, test)) {
        names.insert(match[1].str() + "." + match[2].str());
      } else if (std::regex_search(line, match, wrapped)) {
        suite = match[1];
      } else if (extension == ".py" && std::regex_search(line, match, function)) {
        names.insert(entry.path().stem().string() + "." + match[1].str());
      }
    }
  }
  return names;
}

struct Row {
  std::string id;
  std::string state;
  std::vector<std::string> tests;
};

std::vector<std::string> cellsOf(const std::string& line) {
  std::vector<std::string> cells;
  for (std::size_t from = 1, bar; (bar = line.find('|', from)) != std::string::npos; from = bar + 1)
    cells.push_back(line.substr(from + 1, bar > from + 1 ? bar - from - 2 : 0));
  return cells;
}

std::vector<Row> requirements() {
  const std::regex id(R"re(^\| [VPTFIR][0-9]+ \|)re");
  const std::regex named(R"re(`(\w+\.\w+)`)re");
  std::ifstream file(kRoot / "docs" / "threat-model.md");
  std::vector<Row> rows;
  for (std::string line; std::getline(file, line);) {
    if (!std::regex_search(line, id)) continue;
    const auto cells = cellsOf(line);
    EXPECT_EQ(cells.size(), 4U) << line;
    if (cells.size() != 4) continue;
    Row row{cells[0], cells[2], {}};
    for (std::sregex_iterator it(cells[3].begin(), cells[3].end(), named), end; it != end; ++it)
      row.tests.push_back((*it)[1]);
    rows.push_back(std::move(row));
  }
  return rows;
}

TEST(Requirements, AreShownByTestsThatExist) {
  const Names tests = testsOfTheTree();
  EXPECT_GT(tests.size(), 1500U);  // or the pattern finds nothing any more
  std::size_t named = 0;
  for (const auto& row : requirements()) {
    for (const auto& test : row.tests) {
      EXPECT_EQ(tests.count(test), 1U) << row.id << " names " << test;
      ++named;
    }
  }
  EXPECT_GT(named, 200U);
}

TEST(Requirements, HaveAStateAndARowEach) {
  const Names states{"met", "partly", "open", "does not apply"};
  std::map<std::string, int> seen;
  for (const auto& row : requirements()) {
    EXPECT_EQ(states.count(row.state), 1U) << row.id << ": " << row.state;
    if (row.state == "met") {
      EXPECT_FALSE(row.tests.empty()) << row.id << " claims to be met";
    }
    ++seen[row.id];
  }
  for (const auto& [id, times] : seen)
    EXPECT_EQ(times, 1) << id;
  // The tests of the log, the faults and the requirements of the API have numbers without gaps.
  for (const auto& [letter, last] : {std::pair{'T', 12}, {'F', 20}, {'I', 8}, {'R', 58}})
    for (int number = 1; number <= last; ++number)
      EXPECT_EQ(seen.count(letter + std::to_string(number)), 1U) << letter << number;
}

}  // namespace
}  // namespace bulkhead
