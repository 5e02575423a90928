#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <random>
#include <set>

#include <seccomp.h>

#include "tests/hostile/attempt.h"

namespace bulkhead::hostile {
namespace {

constexpr int kRounds = 400;
constexpr std::chrono::milliseconds kPatience{400};  // of all rounds: many of the calls wait

// Numbers, descriptors, addresses and names, each where it does not belong.
std::array<long, 24> arguments() {
  static char path[] = "/etc/shadow";
  static char up[] = "../../../../etc/cron.d/hostile";
  static char proc[] = "/proc/self/root/etc/passwd";
  static std::uint64_t numbers[8] = {~0ULL, 0, 1, 1ULL << 63, 0x7fffffffffffffff, 4096, 2, 3};
  static char buffer[4096];
  const auto at = [](const void* address) { return reinterpret_cast<long>(address); };
  return {0,          1,
          -1,         2,
          3,          4,
          7,          AT_FDCWD,
          0x7fffffff, -0x7fffffff - 1,
          4095,       4096,
          1L << 40,   ~0L,
          at(path),   at(up),
          at(proc),   at(numbers),
          at(buffer), at(buffer + 4095),
          8,          O_CREAT | O_WRONLY,
          0x80000,    0x1000000};
}

// Those that only end the process, or never come back.
bool onlyEnds(const std::string& name) {
  static const std::set<std::string> kThose{"exit", "exit_group", "rt_sigreturn", "pause",
                                            "restart_syscall"};
  return kThose.contains(name);
}

Answer throwAt(int number) {
  std::mt19937 chance(static_cast<unsigned>(number));
  const auto pool = arguments();
  const auto any = [&] { return pool[chance() % pool.size()]; };
  for (int i = 0; i < kRounds; ++i)
    (void)::syscall(number, any(), any(), any(), any(), any(), any());
  return refused(std::to_string(kRounds) + " rounds, nothing but errors or its own");
}

}  // namespace

std::vector<Attempt> attemptsWithPermittedCalls(const std::vector<std::string>& names) {
  std::vector<Attempt> all;
  for (const auto& name : names) {
    const int number = ::seccomp_syscall_resolve_name(name.c_str());
    if (number < 0 || onlyEnds(name)) continue;
    all.push_back(
        {"permitted: " + name, [number] { return throwAt(number); }, /*may=*/true, kPatience});
  }
  return all;
}

}  // namespace bulkhead::hostile
