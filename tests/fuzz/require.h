// require(): what must hold whatever the input is; a fuzz target ends here when it does not.
#pragma once
#include <cstdio>
#include <cstdlib>

namespace bulkhead::fuzz {

inline void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

}  // namespace bulkhead::fuzz
