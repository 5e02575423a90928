// What a sanitizer's runtime asks a suite for at start. Linked into the suites of the presets asan
// and tsan only.
#include "tests/paths.h"

// The runtimes call these by name; reserved names are theirs to choose.
// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" const char* __asan_default_options();
extern "C" const char* __ubsan_default_options();
extern "C" const char* __tsan_default_options();

const char* __asan_default_options() {
  return "detect_stack_use_after_return=1:strict_string_checks=1:detect_leaks=1";
}
const char* __ubsan_default_options() { return "print_stacktrace=1:halt_on_error=1"; }
// Workers are forked beside threads, and must be watched, too: die_after_fork=0.
const char* __tsan_default_options() {
  return "halt_on_error=1:die_after_fork=0:second_deadlock_stack=1:"
         "suppressions=" BULKHEAD_SOURCE_DIR "/tests/support/tsan.supp";
}
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)
