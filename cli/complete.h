// What may follow on a command line: for the completion of shells, and to say what is wrong with a
// command that cannot be understood. Asks nobody.
#pragma once
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace bulkhead::cli {

// `words` are those typed after the program's name; the last one, maybe empty, is being completed.
// Sorted, without repetition.
std::vector<std::string> completions(const CLI::App& root, const std::vector<std::string>& words);

// What the last word is to name, as the panel calls it ("account"), where that is something the
// panel has a list of; else "".
std::string nounWanted(const CLI::App& root, const std::vector<std::string>& words);

struct UsageProblem {
  std::string what;
  std::string next;  // the command that explains more
};
// Why `root` could not parse the words; what is unknown comes first, for what is missing may only
// seem so.
UsageProblem usageProblem(const CLI::App& root,
                          const std::vector<std::string>& words,
                          const CLI::ParseError& problem);

}  // namespace bulkhead::cli
