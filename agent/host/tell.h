// tell: runs a program of CloudLinux's that is told of something. What the program makes of it is
// an outcome and no error: what it was told has happened.
#pragma once
#include <string>

#include "agent/host/evidence.h"
#include "agent/host/outside.h"

namespace bulkhead::agent {

struct Told {
  enum class Outcome { kAbsent, kSucceeded, kFailed, kTimedOut };
  Outcome outcome = Outcome::kAbsent;
  int exitCode = 0;
  std::string line;    // program and arguments
  std::string output;  // printable, cut
};

// An absent program is an outcome. kPermissionDenied when the program is not root's alone, kBusy
// when an earlier run of the same key goes on.
Result<Told> tell(Host& host, const OutsideProgram& program);
// `what` is the name of the check: "hook".
Proof proofOf(const Told& told, const std::string& what);

}  // namespace bulkhead::agent
