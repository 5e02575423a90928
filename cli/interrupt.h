// Ctrl-C as an event: while an InterruptGuard lives, an end that was asked for sets a flag, so that
// the terminal is put back in order and the user is told what goes on without him.
#pragma once
#include <csignal>

namespace bulkhead::cli {

// Catches SIGINT, SIGTERM and SIGHUP; the second one ends the program as ever. Blocking calls
// return EINTR. One at a time.
class InterruptGuard {
 public:
  InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
  ~InterruptGuard();

 private:
  struct sigaction before_[3] = {};
};

// Since the guard that lives; false without one.
bool interrupted();

}  // namespace bulkhead::cli
