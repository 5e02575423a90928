// What people and programs see. Data goes to stdout, everything said about it to stderr; colours
// only on a terminal.
#pragma once
#include <string>
#include <vector>

#include "cli/exit_code.h"
#include "common/core/json.h"

#include <nlohmann/json_fwd.hpp>

namespace bulkhead::cli {

enum class Format { kTable, kJson };

struct Terminal {
  bool outIsTerminal = false;
  bool errorIsTerminal = false;
  bool colour = false;  // a terminal, and neither NO_COLOR nor TERM=dumb
  static Terminal detect();
};

// A list ({"data": [...]}) becomes an aligned table of `columns` (empty: the first ones), one
// object "key: value" lines. Control characters of values are replaced: text of others reaches a
// terminal here.
std::string renderTable(const Json& body, const std::vector<std::string>& columns = {});
std::string humanBytes(std::uint64_t bytes);

// "error: what failed: why" and one line about what to do next, from problem+json.
std::string renderProblem(const Json& problem);
ExitCode exitCodeForProblem(const Json& problem, int status);

}  // namespace bulkhead::cli
