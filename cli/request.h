// From a command and the values given for it to one HTTP request. Pure, so that every rule has a
// test.
#pragma once
#include <map>
#include <string>

#include "cli/client.h"
#include "cli/document.h"

namespace bulkhead::cli {

using Values = std::map<std::string, std::string>;  // field name -> text as given

// "--memory" for memory_bytes, "--cpu" for cpu_percent, "--domains-max" for domains_max.
std::string flagFor(const Field& field);

// Numbers of *_bytes take K, M, G and T (powers of 1024); *_percent takes "150" or "1.5cpu".
Result<std::int64_t> parseNumber(const Field& field, const std::string& text);

// kInvalidArgument names the flag at fault.
Result<Request> buildRequest(const Command& command, const Values& values, bool dryRun);

// "bob" as typed, or in quotes where a shell would take it apart: for commands that people copy.
std::string shellWord(const std::string& text);

}  // namespace bulkhead::cli
