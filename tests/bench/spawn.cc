// Starts a program again and again, one after the other, as a user of the host would, and measures
// each from fork to its end. usage: bench_spawn UID SECONDS DIRECTORY INPUT PROGRAM [ARGUMENT...]
#include <fcntl.h>
#include <grp.h>
#include <sys/wait.h>

#include <cstdlib>

#include "tests/bench/measure.h"

namespace bulkhead::bench {
namespace {

// Sudo needs a user that it can be sure of, and the program nothing at all.
[[noreturn]] void become(uid_t uid, const char* directory, const char* input, char** words) {
  static char* const kNothing[] = {nullptr};
  const int in = ::open(input, O_RDONLY);
  const int out = ::open("/dev/null", O_WRONLY);
  if (in < 0 || out < 0 || ::dup2(in, 0) < 0 || ::dup2(out, 1) < 0) ::_exit(126);
  if (::chdir(directory) != 0 || ::setgroups(0, nullptr) != 0 || ::setgid(uid) != 0 ||
      ::setuid(uid) != 0)
    ::_exit(126);
  (void)::execve(words[0], words, kNothing);  // ignoring: it returns only to fail
  ::_exit(127);
}

int run(int count, char** words) {
  if (count < 6) return 2;
  const auto uid = static_cast<uid_t>(std::strtoul(words[1], nullptr, 10));
  Tally tally(std::strtod(words[2], nullptr));
  for (;;) {
    const auto begun = Clock::now();
    const pid_t child = ::fork();
    if (child == 0) become(uid, words[3], words[4], words + 5);
    int status = 0;
    if (child < 0 || ::waitpid(child, &status, 0) != child || !WIFEXITED(status) ||
        WEXITSTATUS(status) != 0)
      throw std::runtime_error("the program failed");
    if (!tally.add(begun)) break;
  }
  tally.print();
  return 0;
}

}  // namespace
}  // namespace bulkhead::bench

int main(int count, char** words) {
  try {
    return bulkhead::bench::run(count, words);
  } catch (const std::exception& fault) {
    (void)std::fprintf(stderr, "bench_spawn: %s\n", fault.what());
    return 1;
  }
}
