// What people and programs see. Data goes to stdout, everything said about it to stderr; colours
// only on a terminal.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "cli/exit_code.h"
#include "common/core/json.h"

#include <nlohmann/json_fwd.hpp>

namespace bulkhead::cli {

struct Terminal {
  bool outIsTerminal = false;
  bool errorIsTerminal = false;
  bool colour = false;  // a terminal, and neither NO_COLOR nor TERM=dumb
  static Terminal detect();
};

// Text of others for a terminal: every control character and every byte that is no UTF-8 becomes
// "?", so that it is one line without escape sequences. Whatever reaches a terminal passes here.
std::string printable(std::string_view text);
// Filled up with blanks to so many columns.
std::string padded(const std::string& text, std::size_t width);

// On stderr: what is wrong and, unless `next` is empty, what to do next. The exit code of it.
ExitCode complain(const Error& error, std::string_view next);

// A list ({"data": [...]}) becomes an aligned table of `columns` (empty: the first ones), one
// object "key: value" lines. Values are made printable.
std::string renderTable(const Json& body, const std::vector<std::string>& columns = {});
std::string humanBytes(std::uint64_t bytes);

// "error: what failed: why" and one line about what to do next, from problem+json.
std::string renderProblem(const Json& problem);
ExitCode exitCodeForProblem(const Json& problem, int status);

}  // namespace bulkhead::cli
