// errno as an Error, and the one place where EINTR is handled.
#pragma once
#include <cerrno>
#include <string>

#include "common/core/result.h"

namespace bulkhead::os {

// "WHAT: No such file or directory" with the code that fits the number. Save errno before anything
// else runs.
Error fromErrno(int number, const std::string& what);
inline Error lastError(const std::string& what) { return fromErrno(errno, what); }

// Calls again while a signal interrupts. Not for close().
template <typename Call>
auto retry(Call&& call) -> decltype(call()) {
  while (true) {
    const auto result = call();
    if (result != -1 || errno != EINTR) return result;
  }
}

}  // namespace bulkhead::os
