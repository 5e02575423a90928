#include "cli/cloudlinux/script_run.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "common/os/errors.h"
#include "common/os/fd.h"
#include "common/os/processes.h"

namespace bulkhead::cli::cloudlinux {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kErrorBytesMax = 64U << 10U;
constexpr std::chrono::milliseconds kKillPatience{3000};
constexpr int kNotStarted = 127;
// One failure line through a pipe: far below PIPE_BUF, so it arrives whole.
constexpr std::size_t kFailureBytesMax = 400;

struct Pipe {
  Fd read;
  Fd write;
};
Result<Pipe> makePipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return os::lastError("pipe");
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

// ---- in the child

Result<Ok> becomePerson(const Person& person) {
  if (::setgroups(person.groups.size(), person.groups.data()) != 0)
    return os::lastError("setgroups");
  if (::setresgid(person.gid, person.gid, person.gid) != 0) return os::lastError("setresgid");
  if (::setresuid(person.uid, person.uid, person.uid) != 0) return os::lastError("setresuid");
  // Proved, not assumed: a check that still ran as root would pass for the wrong reason.
  uid_t uids[3];
  gid_t gids[3];
  if (::getresuid(&uids[0], &uids[1], &uids[2]) != 0 ||
      ::getresgid(&gids[0], &gids[1], &gids[2]) != 0)
    return os::lastError("getresuid");
  for (int i = 0; i < 3; ++i)
    if (uids[i] != person.uid || gids[i] != person.gid)
      return Error{Code::kInternal, "the identity did not change", ""};
  if (person.uid != 0 && ::setresuid(0, 0, 0) == 0)
    return Error{Code::kInternal, "privileges could be taken back", ""};
  return Ok{};
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> out;
  out.reserve(words.size() + 1);
  for (auto& word : words)
    out.push_back(word.data());
  out.push_back(nullptr);
  return out;
}

std::vector<std::string> environmentOf(const ScriptCall& call) {
  std::vector<std::string> all = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=" + call.person.home};
  if (!call.person.name.empty()) {
    all.push_back("USER=" + call.person.name);
    all.push_back("LOGNAME=" + call.person.name);
  }
  for (const auto& entry : call.environment) {
    const auto name = entry.substr(0, entry.find('=') + 1);
    std::erase_if(all, [&name](const std::string& other) { return other.starts_with(name); });
    all.push_back(entry);
  }
  return all;
}

Result<Ok> arrangeStreams(Streams streams, int output, int error) {
  const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (null < 0 || ::dup2(null, 0) < 0 || ::dup2(output, 1) < 0 || ::dup2(error, 2) < 0)
    return os::lastError("the standard descriptors");
  if (streams == Streams::kAllClosed) {
    (void)::close(0);
    (void)::close(2);
  }
  if (streams == Streams::kAllClosed || streams == Streams::kOutputClosed) (void)::close(1);
  return Ok{};
}

// Leaves only by exec, or with the reason.
Error prepareAndExec(const ScriptCall& call, const Cage* cage, int output, int error) {
  (void)::setsid();  // ignoring: a fresh child is never a group leader
  struct sigaction standard = {};
  standard.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number)
    (void)::sigaction(number, &standard, nullptr);  // ignoring: KILL, STOP and libc's own
  sigset_t none;
  ::sigemptyset(&none);
  (void)::sigprocmask(SIG_SETMASK, &none, nullptr);
  const auto run = [&]() -> Result<Ok> {
    if (call.place == Place::kCage) {
      if (cage == nullptr) return Error{Code::kUnsupported, "no cage", "cage"};
      const auto entered =
          cage->enter(call.person.uid, call.person.gid, call.person.name, call.person.home);
      if (!entered.ok()) return Error{Code::kUnsupported, entered.error().message, "cage"};
    }
    TRY(becomePerson(call.person));
    if (::chdir(call.directory.c_str()) != 0) return os::lastError(call.directory);
    auto words = call.arguments;
    words.insert(words.begin(), call.path);
    auto environment = environmentOf(call);
    TRY(arrangeStreams(call.streams, output, error));
    // Whatever this command itself was started with.
    (void)::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);  // ignoring: Linux 5.11; ours close anyway
    const auto argv = pointers(words);
    const auto envp = pointers(environment);
    ::execve(call.path.c_str(), argv.data(), envp.data());
    return os::lastError(call.path);
  };
  const auto failed = run();
  return failed.ok() ? Error{Code::kInternal, "exec returned", ""} : failed.error();
}

[[noreturn]] void child(const ScriptCall& call, const Cage* cage, int out, int err, int report) {
  const auto error = prepareAndExec(call, cage, out, err);
  const auto text = (error.field == "cage" ? "c" : "s") + error.message.substr(0, kFailureBytesMax);
  (void)!::write(report, text.data(), text.size());  // ignoring: the parent sees that exec failed
  ::_exit(kNotStarted);
}

// ---- in the parent

class Sink {
 public:
  Sink(Fd pipe, std::string& text, std::size_t limit)
      : pipe_(std::move(pipe)), text_(text), limit_(limit) {
    (void)::fcntl(pipe_.get(), F_SETFL, O_NONBLOCK);  // ignoring: it cannot fail on a pipe
  }
  int fd() const { return pipe_.get(); }
  void close() { pipe_.reset(); }
  bool truncated() const { return truncated_; }
  // What is over the limit is read and dropped: the script must not block on a full pipe.
  void drain() {
    static char chunk[64U << 10U];
    while (pipe_) {
      const auto size = os::retry([&] { return ::read(pipe_.get(), chunk, sizeof chunk); });
      if (size < 0) return;
      if (size == 0) return pipe_.reset();
      const auto room = std::min(limit_ - text_.size(), static_cast<std::size_t>(size));
      text_.append(chunk, room);
      truncated_ = truncated_ || room < static_cast<std::size_t>(size);
    }
  }

 private:
  Fd pipe_;
  std::string& text_;
  std::size_t limit_;
  bool truncated_ = false;
};

struct Started {
  pid_t pid = 0;
  Fd process;
  Fd report;  // ends at the moment of exec
  Fd out;
  Fd err;
};

Result<Started> start(const ScriptCall& call, const Cage* cage) {
  TRY_ASSIGN(auto out, makePipe());
  TRY_ASSIGN(auto err, makePipe());
  TRY_ASSIGN(auto report, makePipe());
  if (call.streams == Streams::kNobodyReads) out.read.reset();
  const pid_t pid = ::fork();
  if (pid < 0) return os::lastError("fork");
  if (pid == 0) child(call, cage, out.write.get(), err.write.get(), report.write.get());
  Fd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  return Started{pid, std::move(process), std::move(report.read), std::move(out.read),
                 std::move(err.read)};
}

// Waits for exec: the report pipe closes by itself then, or says why there will be none.
std::string awaitExec(const Fd& report) {
  std::string text(kFailureBytesMax + 1, '\0');
  const auto size = os::retry([&] { return ::read(report.get(), text.data(), text.size()); });
  text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return text;
}

bool awaitEnd(const Started& started, Sink& out, Sink& err, Clock::time_point deadline) {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    pollfd watched[] = {
        {started.process.get(), POLLIN, 0}, {out.fd(), POLLIN, 0}, {err.fd(), POLLIN, 0}};
    if (::poll(watched, 3, static_cast<int>(left)) < 0) continue;  // EINTR
    out.drain();
    err.drain();
    if ((watched[0].revents & POLLIN) != 0) return true;
  }
}

}  // namespace

ScriptRun HostScripts::run(const ScriptCall& call) {
  ScriptRun run;
  auto started = start(call, cage_);
  if (!started.ok()) {
    run.failure = started.error().message;
    return run;
  }
  Sink out(std::move(started->out), run.out, kAnswerBytesMax);
  Sink err(std::move(started->err), run.err, kErrorBytesMax);
  const auto failure = awaitExec(started->report);
  const auto begin = Clock::now();
  const bool ended = awaitEnd(*started, out, err, begin + call.timeLimit);
  run.milliseconds = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
  if (!ended) {
    (void)os::killProcessTree(started->pid, kKillPatience);  // ignoring: the group dies in any case
    (void)::kill(-started->pid, SIGKILL);
    run.timedOut = true;
  }
  int status = 0;
  if (os::retry([&] { return ::waitpid(started->pid, &status, 0); }) < 0)
    run.failure = os::lastError("waitpid").message;
  out.drain();
  err.drain();
  run.truncated = out.truncated() || err.truncated();
  if (WIFSIGNALED(status) && ended) run.signal = WTERMSIG(status);
  if (WIFEXITED(status)) run.exitCode = WEXITSTATUS(status);
  if (!failure.empty()) {
    run.failure = failure.substr(1);
    run.cageFailed = failure.front() == 'c';
  }
  return run;
}

}  // namespace bulkhead::cli::cloudlinux
