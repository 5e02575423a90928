#include "common/os/kill_user.h"

#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/os/errors.h"
#include "common/os/fd.h"

namespace bulkhead::os {
namespace {

constexpr int kDropFailed = 70;  // exit codes of the child
constexpr int kKillFailed = 71;

// ---- in the child: system calls only, and nothing may return on failure. With one capability left
// the same kill(-1) would end every process of the machine.

void require(bool done) {
  if (!done) ::_exit(kDropFailed);
}

void clearCapabilities() {
  require(::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == 0);
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {};
  // Explicit, because with SECBIT_NO_SETUID_FIXUP a change of the uid takes none away.
  require(::syscall(SYS_capset, &header, sets) == 0);
  require(::syscall(SYS_capget, &header, sets) == 0);
  for (const auto& set : sets)
    require(set.effective == 0 && set.permitted == 0 && set.inheritable == 0);
}

[[noreturn]] void sweep(uid_t uid, uid_t sender) {
  require(::setresuid(sender, uid, sender) == 0);
  clearCapabilities();
  uid_t real = 0;
  uid_t effective = 0;
  uid_t saved = 0;
  require(::getresuid(&real, &effective, &saved) == 0);
  require(real == sender && effective == uid && saved == sender);
  // The last proof: whoever may not signal init may not signal the machine.
  require(::kill(1, 0) != 0 && errno == EPERM);
  ::_exit(::kill(-1, SIGKILL) == 0 ? 0 : kKillFailed);
}

// ---- in the parent

Result<int> awaitExit(pid_t child, std::chrono::milliseconds patience) {
  const Fd handle(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
  pollfd watched{handle.get(), POLLIN, 0};
  const auto ready =
      handle ? retry([&] { return ::poll(&watched, 1, static_cast<int>(patience.count())); }) : -1;
  if (ready <= 0) (void)::kill(child, SIGKILL);  // ignoring: it is our own child
  int status = 0;
  if (retry([&] { return ::waitpid(child, &status, 0); }) != child) return lastError("waitpid");
  if (ready <= 0) return Error{Code::kTimeout, "killing a user's processes took too long", ""};
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

Result<Ok> killUser(uid_t uid, uid_t sender, std::chrono::milliseconds patience) {
  if (uid == 0 || sender == 0 || uid == sender)
    return Error{Code::kInternal, "kill: neither root's processes nor the sender's own", ""};
  const pid_t child = ::fork();
  if (child < 0) return lastError("fork");
  if (child == 0) sweep(uid, sender);
  TRY_ASSIGN(const int code, awaitExit(child, patience));
  if (code == 0) return Ok{};
  if (code == kDropFailed)
    return Error{Code::kInternal, "kill: the child could not give up its rights", ""};
  return Error{Code::kInternal, "kill: the child ended with " + std::to_string(code), ""};
}

}  // namespace bulkhead::os
