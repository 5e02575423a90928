#include "cli/interrupt.h"

#include <iterator>

namespace bulkhead::cli {
namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP};
volatile std::sig_atomic_t caught = 0;

void onSignal(int /*number*/) { caught = 1; }

}  // namespace

InterruptGuard::InterruptGuard() {
  caught = 0;
  struct sigaction action {};
  action.sa_handler = onSignal;
  // Without SA_RESTART a read or a sleep ends; with SA_RESETHAND the second signal is final.
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (std::size_t i = 0; i < std::size(kSignals); ++i)
    (void)::sigaction(kSignals[i], &action, &before_[i]);  // ignoring: these signals can be caught
}

InterruptGuard::~InterruptGuard() {
  for (std::size_t i = 0; i < std::size(kSignals); ++i)
    (void)::sigaction(kSignals[i], &before_[i], nullptr);
  caught = 0;
}

bool interrupted() { return caught != 0; }

}  // namespace bulkhead::cli
