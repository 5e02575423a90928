// What the documents say of the tree: links lead somewhere, and each decision has a number of its
// own. Documents that are generated have tests of their own beside what they are generated from.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cli/document.h"
#include "cli/tree.h"
#include "tests/paths.h"

namespace bulkhead {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = BULKHEAD_SOURCE_DIR;

std::vector<fs::path> documents() {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(kRoot))
    if (entry.path().extension() == ".md") found.push_back(entry.path());
  for (const auto& entry : fs::recursive_directory_iterator(kRoot / "docs"))
    if (entry.path().extension() == ".md") found.push_back(entry.path());
  return found;
}

std::string textOf(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

const CLI::App* below(const CLI::App& command, const std::string& name) {
  const auto found =
      command.get_subcommands([&name](const CLI::App* other) { return other->get_name() == name; });
  return found.empty() ? nullptr : found.front();
}

TEST(Docs, LinksLeadToFilesOfTheTree) {
  const std::regex link(R"re(\]\(([^)#:\s]+)(#[^)]*)?\))re");
  std::size_t links = 0;
  for (const auto& document : documents()) {
    const std::string text = textOf(document);
    for (std::sregex_iterator it(text.begin(), text.end(), link), end; it != end; ++it, ++links) {
      EXPECT_TRUE(fs::exists(document.parent_path() / (*it)[1].str()))
          << fs::relative(document, kRoot) << " links to " << (*it)[1];
    }
  }
  EXPECT_GT(links, 10U);  // or the pattern finds nothing any more
}

TEST(Docs, CommandsAreOnesThatTheCommandLineHas) {
  const auto commands = cli::commandsOf(cli::builtInDocument());
  ASSERT_TRUE(commands.ok());
  const cli::Tree tree(*commands);
  const std::regex command(R"re(\bbulkhead ([a-z][a-z-]+)(?: ([a-z][a-z-]+))?)re");
  std::size_t found = 0;
  for (const auto& document : documents()) {
    const std::string text = textOf(document);
    for (std::sregex_iterator it(text.begin(), text.end(), command), end; it != end; ++it) {
      const CLI::App* noun = below(tree.root, (*it)[1]);
      ASSERT_NE(noun, nullptr) << fs::relative(document, kRoot) << ": " << it->str();
      const std::string verb = (*it)[2].str();
      EXPECT_TRUE(verb.empty() || below(*noun, verb) != nullptr)
          << fs::relative(document, kRoot) << ": " << it->str();
      ++found;
    }
  }
  EXPECT_GT(found, 10U);
}

TEST(Docs, EveryDecisionHasItsOwnNumberAndSaysIt) {
  std::map<std::string, fs::path> numbers;
  for (const auto& entry : fs::directory_iterator(kRoot / "docs" / "adr")) {
    const std::string name = entry.path().filename();
    const std::string number = name.substr(0, 4);
    EXPECT_TRUE(numbers.emplace(number, entry.path()).second)
        << name << " and " << numbers[number].filename();
    EXPECT_TRUE(textOf(entry.path()).starts_with("# " + number + ". ")) << name;
  }
  EXPECT_GT(numbers.size(), 10U);
}

}  // namespace
}  // namespace bulkhead
