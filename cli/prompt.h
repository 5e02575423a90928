// What is asked of a person, or read from standard input in his place.
#pragma once
#include <string>

#include "cli/output.h"
#include "common/core/result.h"

namespace bulkhead::cli {

// One line of standard input: arguments are readable by every user of the host. On a terminal it
// asks and does not echo, and puts the terminal back however it ends. kInvalidArgument for an empty
// or too long line, kCancelled after Ctrl-C.
Result<std::string> readSecret(const std::string& name, const Terminal& terminal);

// The same, on a terminal twice: what nobody sees is easily mistyped.
Result<std::string> readNewSecret(const std::string& name, const Terminal& terminal);

// The token for --host, without its line end.
Result<std::string> readTokenFile(const std::string& path);

enum class Answer { kYes, kNo, kNobodyThere };
// Prints the question on stderr; kNobodyThere when no terminal can be asked.
Answer ask(const std::string& question, const Terminal& terminal);

}  // namespace bulkhead::cli
