// Completion for shells: what may stand in place of the last word. Works without the panel.
#pragma once
#include <string>
#include <vector>

#include "cli/document.h"

namespace bulkhead::cli {

// `words` are those typed after the program's name; the last one, maybe empty, is being completed.
// Sorted, without repetition.
std::vector<std::string> completions(const std::vector<Command>& commands,
                                     const std::vector<std::string>& words);

}  // namespace bulkhead::cli
