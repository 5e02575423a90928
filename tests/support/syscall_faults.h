// Runs a piece of work in a child of its own, under ptrace, and stops it at one certain system call
// that changes something: by killing it there, or by an error instead of the call. So a test can go
// through all of them, one after the other.
#pragma once
#include <functional>

namespace bulkhead::testing {

struct SyscallFault {
  int position = 0;  // of the calls that change something, from 1; 0 = none is touched
  int error = 0;     // 0 = SIGKILL before the call is made
  enum class For { kOnce, kGood } duration = For::kOnce;  // kGood: and all that follow
};

struct FaultedRun {
  int status = 0;   // as waitpid() says
  int changes = 0;  // calls that change something, seen until the end
};

// The work must not expect anything of the test framework in its process.
FaultedRun runWithFault(const std::function<void()>& work, const SyscallFault& fault);

}  // namespace bulkhead::testing
