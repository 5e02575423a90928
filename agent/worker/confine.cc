#include "agent/worker/confine.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "common/os/errors.h"

namespace bulkhead::agent {
namespace {

constexpr rlim_t kOpenFilesMax = 65536;             // nginx -t opens the logs of every site
constexpr rlim_t kFileBytesMax = rlim_t{4} << 30U;  // no file that an operation writes is near this

Error failed(const char* what) { return os::lastError(what); }

Result<Ok> replaceDescriptors(int resultFd) {
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0) return failed("/dev/null");
  // Above the range that is filled now, so that no dup2 hits the other one.
  const int result = ::fcntl(resultFd, F_DUPFD_CLOEXEC, 64);
  if (result < 0) return failed("result pipe");
  for (const int standard : {0, 1, 2})
    if (::dup2(null, standard) < 0) return failed("standard streams");
  if (::dup3(result, kResultFd, O_CLOEXEC) < 0) return failed("result pipe");
  if (::close_range(kResultFd + 1, ~0U, 0) != 0) return failed("close_range");
  return Ok{};
}

Result<Ok> resetProcess(std::chrono::seconds timeLimit) {
  for (int number = 1; number < NSIG; ++number)
    (void)::signal(number, SIG_DFL);  // ignoring: SIGKILL, SIGSTOP and libc's own cannot be set
  sigset_t none;
  sigemptyset(&none);
  if (::sigprocmask(SIG_SETMASK, &none, nullptr) != 0) return failed("signal mask");
  if (::setsid() < 0) return failed("setsid");
  if (::clearenv() != 0 || ::chdir("/") != 0) return failed("environment");
  ::umask(077);

  const auto seconds = static_cast<rlim_t>(timeLimit.count());
  const struct {
    __rlimit_resource_t resource;
    rlim_t limit;
  } limits[] = {{RLIMIT_CORE, 0},
                {RLIMIT_NOFILE, kOpenFilesMax},
                {RLIMIT_FSIZE, kFileBytesMax},
                {RLIMIT_CPU, seconds}};
  for (const auto& entry : limits) {
    struct rlimit old {};
    if (::getrlimit(entry.resource, &old) != 0) return failed("getrlimit");
    const rlim_t value = std::min(entry.limit, old.rlim_max);
    const struct rlimit limit { value, value };
    if (::setrlimit(entry.resource, &limit) != 0) return failed("setrlimit");
  }
  return Ok{};
}

using Caps = std::unique_ptr<std::remove_pointer_t<cap_t>, int (*)(void*)>;
Caps ownCaps(cap_t caps) {
  return {caps, [](void* held) { return cap_free(held); }};
}

Result<Ok> dropCapabilities(const std::vector<cap_value_t>& kept) {
  // The bounding set is what a program that root starts would get back.
  for (cap_value_t cap = 0; cap < cap_max_bits(); ++cap) {
    const bool keep = std::find(kept.begin(), kept.end(), cap) != kept.end();
    if (!keep && cap_get_bound(cap) == 1 && cap_drop_bound(cap) != 0)
      return failed("capability bounding set");
  }
  if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) return failed("ambient set");
  const Caps wanted = ownCaps(cap_init());
  const int count = static_cast<int>(kept.size());
  if (!wanted) return failed("capabilities");
  if (count > 0 && (cap_set_flag(wanted.get(), CAP_PERMITTED, count, kept.data(), CAP_SET) != 0 ||
                    cap_set_flag(wanted.get(), CAP_EFFECTIVE, count, kept.data(), CAP_SET) != 0))
    return failed("capabilities");
  if (cap_set_proc(wanted.get()) != 0) return failed("capabilities");

  const Caps now = ownCaps(cap_get_proc());
  if (!now || cap_compare(now.get(), wanted.get()) != 0)
    return Error{Code::kInternal, "capabilities are not what was asked for", ""};
  return Ok{};
}

}  // namespace

Result<Ok> confine(const Confinement& confinement) {
  TRY(replaceDescriptors(confinement.resultFd));
  TRY(resetProcess(confinement.timeLimit));
  // What daemonises stays below the worker, where the core finds it.
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) return failed("subreaper");
  TRY(dropCapabilities(confinement.capabilities));
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed("no_new_privs");
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return failed("dumpable");
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return failed("parent death signal");
  if (::getppid() != confinement.parent)  // it died before the signal was armed
    return Error{Code::kUnavailable, "the agent is gone", ""};
  return Ok{};
}

}  // namespace bulkhead::agent
