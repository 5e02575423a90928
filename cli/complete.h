// What may follow on a command line: for the completion of shells, and to say what is wrong with a
// command that does not exist. Works without the panel.
#pragma once
#include <string>
#include <vector>

#include "cli/document.h"

namespace bulkhead::cli {

// `words` are those typed after the program's name; the last one, maybe empty, is being completed.
// Sorted, without repetition.
std::vector<std::string> completions(const std::vector<Command>& commands,
                                     const std::vector<std::string>& words);

// "" for the words of one whole command; else what is wrong with them, and what is possible.
std::string wordsProblem(const std::vector<Command>& commands,
                         const std::vector<std::string>& words);

}  // namespace bulkhead::cli
