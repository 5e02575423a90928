// Runs part of a test in a process of its own: the part that must die, or change what cannot be
// changed back.
#pragma once
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <functional>
#include <thread>

#include <gtest/gtest.h>

namespace bulkhead::testing {

// Answers the wait status; exit code 1 when an expectation of the child failed. With `lifeTime` the
// child is killed when that is over. Call it while this process has no other threads.
inline int inChild(const std::function<void()>& body,
                   std::chrono::microseconds lifeTime = std::chrono::microseconds(0)) {
  (void)std::fflush(nullptr);  // or the child would print our lines again
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      body();
    } catch (const std::exception& fault) {  // must not unwind into the parent's half of the test
      ADD_FAILURE() << fault.what();
    }
    (void)std::fflush(nullptr);
    ::_exit(::testing::Test::HasFailure() ? 1 : 0);
  }
  if (lifeTime.count() != 0) {
    std::this_thread::sleep_for(lifeTime);
    ::kill(child, SIGKILL);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return status;
}

}  // namespace bulkhead::testing
