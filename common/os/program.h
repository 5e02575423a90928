// Starts another program: never through a shell, only a binary that nobody but root can change,
// with nothing inherited.
#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "common/core/result.h"

namespace bulkhead::os {

// Proves that the binary, every directory on the way to it and the interpreter of a script belong
// to root and cannot be written by others. Root-owned links (/bin -> usr/bin) are resolved; answers
// the path without links.
Result<std::string> trustedProgram(const std::string& path);

struct ProgramStart {
  std::string path;                    // absolute; goes through trustedProgram()
  std::vector<std::string> arguments;  // without argv[0]
  std::string input;                   // stdin; "" = /dev/null
  std::chrono::milliseconds timeLimit{20000};
  std::size_t outputBytesMax = 64U << 10U;
};

struct ProgramEnd {
  int exitCode = 0;  // 128+n when signal n ended it
  std::string
      output;  // stdout and stderr in one, in order; what is over the limit is read and dropped
  bool truncated = false;
};

// Runs it in / with a fixed environment, in a session of its own, and waits. kTimeout after the
// time limit; then the program and everything that it started is killed. A process that it leaves
// behind on purpose and that holds the output open is not waited for.
Result<ProgramEnd> runProgram(const ProgramStart& start);

}  // namespace bulkhead::os
