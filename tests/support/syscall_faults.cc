#include "tests/support/syscall_faults.h"

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "tests/support/points.h"

namespace bulkhead::testing {
namespace {

constexpr int kSyscallStop = SIGTRAP | 0x80;  // with PTRACE_O_TRACESYSGOOD

constexpr long kChanging[] = {
    SYS_write,     SYS_pwrite64,  SYS_writev,    SYS_openat, SYS_fsync,   SYS_fdatasync,
    SYS_ftruncate, SYS_fallocate, SYS_fchmod,    SYS_fchown, SYS_mkdir,   SYS_mkdirat,
    SYS_rename,    SYS_renameat,  SYS_renameat2, SYS_unlink, SYS_unlinkat};

bool changes(unsigned long number) {
  return std::find(std::begin(kChanging), std::end(kChanging), static_cast<long>(number)) !=
         std::end(kChanging);
}

[[noreturn]] void live(const std::function<void()>& work) {
  (void)::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
  (void)::raise(SIGSTOP);
  work();
  ::_exit(0);
}

// The registers are x86-64's, as is every machine that these tests run on.
void replaceCall(pid_t child) {
  user_regs_struct registers{};
  (void)::ptrace(PTRACE_GETREGS, child, nullptr, &registers);
  registers.orig_rax = static_cast<unsigned long long>(-1);
  (void)::ptrace(PTRACE_SETREGS, child, nullptr, &registers);
}

void replaceAnswer(pid_t child, int error) {
  user_regs_struct registers{};
  (void)::ptrace(PTRACE_GETREGS, child, nullptr, &registers);
  registers.rax = static_cast<unsigned long long>(-error);
  (void)::ptrace(PTRACE_SETREGS, child, nullptr, &registers);
}

bool isFaulted(const SyscallFault& fault, int position) {
  if (fault.position == 0) return false;
  return fault.duration == SyscallFault::For::kGood ? position >= fault.position
                                                    : position == fault.position;
}

}  // namespace

FaultedRun runWithFault(const std::function<void()>& work, const SyscallFault& fault) {
  if (fault.position > 0) notePoints();
  const pid_t child = ::fork();
  if (child < 0) std::abort();
  if (child == 0) live(work);
  FaultedRun run;
  (void)::waitpid(child, &run.status, 0);
  (void)::ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
  bool entering = true;
  bool replaced = false;
  int passedSignal = 0;
  while (true) {
    (void)::ptrace(PTRACE_SYSCALL, child, nullptr, passedSignal);
    if (::waitpid(child, &run.status, 0) != child || !WIFSTOPPED(run.status)) return run;
    passedSignal = WSTOPSIG(run.status) == kSyscallStop ? 0 : WSTOPSIG(run.status);
    if (passedSignal != 0) continue;
    if (entering) {
      user_regs_struct registers{};
      (void)::ptrace(PTRACE_GETREGS, child, nullptr, &registers);
      if (changes(registers.orig_rax) && isFaulted(fault, ++run.changes)) {
        if (fault.error == 0) {
          (void)::kill(child, SIGKILL);
          (void)::waitpid(child, &run.status, 0);
          return run;
        }
        replaceCall(child);
        replaced = true;
      }
    } else if (replaced) {
      replaceAnswer(child, fault.error);
      replaced = false;
    }
    entering = !entering;
  }
}

}  // namespace bulkhead::testing
