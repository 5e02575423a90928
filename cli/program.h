// Starts one of the few programs that setup needs.
#pragma once
#include <string>
#include <vector>

#include "common/core/result.h"

namespace bulkhead::cli {

// Absolute path, no shell. The output when it exits with 0; else kInternal with the last line it
// printed.
Result<std::string> runProgram(const std::string& path, const std::vector<std::string>& arguments);

}  // namespace bulkhead::cli
