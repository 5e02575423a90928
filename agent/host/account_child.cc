#include "agent/host/account_child.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <thread>

#include "agent/host/identity.h"
#include "common/os/errors.h"
#include "common/os/fd.h"

namespace bulkhead::agent {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kResultFd = 3;
constexpr int kKeptFd = 4;
constexpr int kDropFailed = 70;                   // exit code: the rights could not be given up
constexpr rlim_t kFilesMax = 64;                  // of open descriptors
constexpr rlim_t kFileBytesLimit = 64ULL << 20U;  // of one file that it writes
constexpr std::chrono::seconds kReapPatience{
    2};  // a child that cannot be killed is left to its own timer
constexpr std::size_t kEnvelopeBytes = 4096;  // of an error's code, field and message

// ---- in the child. Nothing here may return on failure: the work would run with root's rights.

void require(bool done) {
  if (!done) ::_exit(kDropFailed);
}

void keepOnly(int result, int kept) {
  // Above every number that is used below, so that no dup2() hits one that is still needed.
  const int resultCopy = ::fcntl(result, F_DUPFD, 100);
  const int keptCopy = kept < 0 ? -1 : ::fcntl(kept, F_DUPFD, 100);
  require(resultCopy >= 0 && (kept < 0 || keptCopy >= 0));
  const int null = ::open("/dev/null", O_RDWR);
  require(null >= 0);
  for (int fd = 0; fd <= 2; ++fd)
    require(::dup2(null, fd) == fd);
  require(::dup2(resultCopy, kResultFd) == kResultFd);
  if (kept >= 0) require(::dup2(keptCopy, kKeptFd) == kKeptFd);
  require(::syscall(SYS_close_range, kept >= 0 ? kKeptFd + 1 : kKeptFd, ~0U, 0) == 0);
}

void resetSignals() {
  for (int number = 1; number < NSIG; ++number)
    (void)::signal(number, SIG_DFL);  // ignoring: KILL and STOP refuse
  (void)::signal(SIGPIPE, SIG_IGN);
  sigset_t none;
  ::sigemptyset(&none);
  require(::sigprocmask(SIG_SETMASK, &none, nullptr) == 0);
}

void limitChild(std::chrono::milliseconds timeLimit) {
  const auto seconds = static_cast<rlim_t>(timeLimit.count() / 1000 + 2);
  const auto limit = [](__rlimit_resource what, rlim_t most) {
    rlimit inherited = {};
    require(::getrlimit(what, &inherited) == 0);
    // A worker has limits already, and no right to raise them.
    const rlim_t value = std::min(most, inherited.rlim_max);
    const rlimit both{value, value};
    require(::setrlimit(what, &both) == 0);
  };
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_CPU, seconds);
  limit(RLIMIT_FSIZE, kFileBytesLimit);
  limit(RLIMIT_NOFILE, kFilesMax);
  // In case the parent dies, or has no CAP_KILL: the child ends itself.
  const itimerval timer{{0, 0}, {static_cast<time_t>(seconds), 0}};
  require(::setitimer(ITIMER_REAL, &timer, nullptr) == 0);
}

void clearCapabilities() {
  require(::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == 0);
  const auto release = [](cap_t caps) { (void)::cap_free(caps); };
  const std::unique_ptr<std::remove_pointer_t<cap_t>, decltype(release)> none(::cap_init(),
                                                                              release);
  // Explicit, because with SECBIT_NO_SETUID_FIXUP a change of the uid takes none away.
  require(none != nullptr && ::cap_set_proc(none.get()) == 0);
  const std::unique_ptr<std::remove_pointer_t<cap_t>, decltype(release)> left(::cap_get_proc(),
                                                                              release);
  require(left != nullptr && ::cap_compare(left.get(), none.get()) == 0);
}

void becomeAccount(const Identity& who) {
  require(::setgroups(0, nullptr) == 0);
  require(::setresgid(who.gid, who.gid, who.gid) == 0);
  require(::setresuid(who.uid, who.uid, who.uid) == 0);
  clearCapabilities();
  require(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
  // The tenant has the same uid: without this it could attach to this process and read a copy of
  // the agent's memory.
  require(::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0);
  require(::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0);  // after the change of uid, which resets it
  // Proved, not believed.
  uid_t uids[3];
  gid_t gids[3];
  require(::getresuid(&uids[0], &uids[1], &uids[2]) == 0 &&
          ::getresgid(&gids[0], &gids[1], &gids[2]) == 0);
  for (int i = 0; i < 3; ++i)
    require(uids[i] == who.uid && gids[i] == who.gid);
  require(::getgroups(0, nullptr) == 0);
  require(::setuid(0) != 0 && ::setgid(0) != 0 && ::setresuid(0, 0, 0) != 0 &&
          ::setresgid(0, 0, 0) != 0);
}

// "R" and the result, or "E", code, field and message by line.
std::string pack(const Result<std::string>& result) {
  if (result.ok()) return "R" + *result;
  const auto& error = result.error();
  return "E" + std::string(codeName(error.code)) + "\n" + error.field + "\n" +
         error.message.substr(0, kEnvelopeBytes / 2);
}

[[noreturn]] void runChild(const Identity& who,
                           const AccountWork& limits,
                           int result,
                           const std::function<Result<std::string>(int)>& work) {
  keepOnly(result, limits.kept);
  resetSignals();
  require(::setsid() > 0);
  ::umask(0077);
  require(::chdir("/") == 0);
  limitChild(limits.timeLimit);
  becomeAccount(who);
  std::string answer;
  try {
    answer = pack(work(limits.kept >= 0 ? kKeptFd : -1));
  } catch (...) {
    answer = pack(Error{Code::kInternal, "a fault in the account's child", ""});
  }
  for (std::string_view rest = answer; !rest.empty();) {
    const auto count = os::retry([&] { return ::write(kResultFd, rest.data(), rest.size()); });
    if (count <= 0) break;
    rest.remove_prefix(static_cast<std::size_t>(count));
  }
  ::_exit(0);
}

// ---- in the parent

Result<std::string> unpack(const std::string& packed) {
  if (packed.starts_with('R')) return packed.substr(1);
  const auto code = packed.find('\n');
  const auto field = code == std::string::npos ? code : packed.find('\n', code + 1);
  if (!packed.starts_with('E') || field == std::string::npos)
    return Error{Code::kUnavailable, "the account's child ended before its answer", ""};
  return Error{codeFromName(std::string_view(packed).substr(1, code - 1)), packed.substr(field + 1),
               packed.substr(code + 1, field - code - 1)};
}

Result<std::string> readAnswer(int pipe, std::size_t bytesMax, Clock::time_point deadline) {
  std::string packed;
  std::string chunk(64U << 10U, '\0');
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return Error{Code::kTimeout, "the account's child took too long", ""};
    pollfd watched{pipe, POLLIN, 0};
    if (::poll(&watched, 1, static_cast<int>(std::min<long long>(left, 60000))) <= 0) continue;
    const auto size = os::retry([&] { return ::read(pipe, chunk.data(), chunk.size()); });
    if (size < 0) return os::lastError("the account's child");
    if (size == 0) return packed;
    packed.append(chunk, 0, static_cast<std::size_t>(size));
    if (packed.size() > bytesMax)
      return Error{Code::kLimitExceeded, "the account's child answered too much", ""};
  }
}

// The exit code, or -1 for a child that does not end.
int reap(pid_t pid) {
  const auto deadline = Clock::now() + kReapPatience;
  int status = 0;
  while (true) {
    const auto ended = os::retry([&] { return ::waitpid(pid, &status, WNOHANG); });
    if (ended == pid) return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (ended < 0 || Clock::now() >= deadline) return -1;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace

Result<std::string> runAsAccount(const Identity& who,
                                 const AccountWork& limits,
                                 const std::function<Result<std::string>(int kept)>& work) {
  TRY(checkIdentity(who));
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return os::lastError("pipe");
  Fd read(ends[0]);
  Fd write(ends[1]);
  const auto deadline = Clock::now() + limits.timeLimit;
  const pid_t pid = ::fork();
  if (pid < 0) return os::lastError("fork");
  if (pid == 0) runChild(who, limits, write.get(), work);
  write.reset();
  auto packed = readAnswer(read.get(), limits.resultBytesMax + kEnvelopeBytes, deadline);
  if (!packed.ok())
    (void)::kill(pid, SIGKILL);  // ignoring: without CAP_KILL the child's own timer ends it
  const int exitCode = reap(pid);
  if (!packed.ok()) return packed;
  if (exitCode == kDropFailed)
    return Error{Code::kInternal, "the account's child could not give up its rights", ""};
  return unpack(*packed);
}

}  // namespace bulkhead::agent
