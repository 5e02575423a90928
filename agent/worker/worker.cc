#include "agent/worker/worker.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <exception>

#include <capnp/serialize.h>

#include "common/log/log.h"
#include "common/os/errors.h"
#include "common/os/fd.h"
#include "common/os/open.h"
#include "common/os/processes.h"

namespace bulkhead::agent {
namespace {

constexpr std::size_t kReadBytes = 16384;  // first buffer; most results are far smaller
constexpr int kKillAttemptsMax = 50;       // with pauses: 10 s for processes that wait for a device
constexpr std::chrono::milliseconds kKillPatience{100};
constexpr kj::Duration kDrainPatience = 2 * kj::SECONDS;
constexpr int kExitDone = 0;
constexpr int kExitFault = 70;
constexpr int kExitConfinement = 71;

// The life of a worker after the fork. Never returns into the core's event loop.
[[noreturn]] void live(const WorkerTask& task, int resultFd, pid_t parent) {
  int code = kExitFault;
  try {
    if (!confine({task.capabilities, task.timeLimit, resultFd, parent}).ok())
      ::_exit(kExitConfinement);
    capnp::MallocMessageBuilder result;
    task.work(result);
    const auto words = capnp::messageToFlatArray(result);
    const auto bytes = words.asBytes();
    const std::string_view text(reinterpret_cast<const char*>(bytes.begin()), bytes.size());
    if (os::writeAll(kResultFd, text, "result").ok()) code = kExitDone;
  } catch (const kj::Exception&) {
  } catch (const std::exception&) {
  } catch (...) {
  }
  ::_exit(code);  // no destructor of the core's objects may run here
}

// What is reported of a worker that ended badly; for the log and never for a peer.
std::string describeEnd(int status) {
  if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
  if (WEXITSTATUS(status) == kExitConfinement) return "could not be confined";
  return "exit code " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

struct WorkerPool::Worker {
  pid_t pid = 0;
  Fd process;  // pidfd
  kj::Own<kj::AsyncInputStream> result;
  kj::Own<kj::UnixEventPort::FdObserver> ended;
  kj::Vector<kj::byte> bytes;
  kj::Array<kj::byte> buffer = kj::heapArray<kj::byte>(kReadBytes);
  bool overTime = false;
  bool overTalked = false;
};

WorkerPool::WorkerPool(kj::AsyncIoContext& io)
    : port_(io.unixEventPort), provider_(*io.lowLevelProvider), timer_(io.provider->getTimer()) {
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0)
    logLine(LogLevel::kError, "cannot become a subreaper");
}

Result<kj::Own<WorkerPool::Worker>> WorkerPool::start(const WorkerTask& task) {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) return os::lastError("pipe");
  Fd reading(ends[0]);
  const Fd writing(ends[1]);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return os::lastError("fork");
  if (pid == 0) live(task, writing.get(), parent);

  workers_.emplace(pid, std::nullopt);
  auto worker = kj::heap<Worker>();
  worker->pid = pid;
  // The child is not reaped before this, so the pid is still its own.
  worker->process = Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!worker->process) {
    const auto error = os::lastError("pidfd_open");
    (void)::kill(pid, SIGKILL);
    (void)::waitpid(pid, nullptr, 0);
    workers_.erase(pid);
    return error;
  }
  worker->ended = kj::heap<kj::UnixEventPort::FdObserver>(
      port_, worker->process.get(), kj::UnixEventPort::FdObserver::OBSERVE_READ);
  worker->result =
      provider_.wrapInputFd(reading.release(), kj::LowLevelAsyncIoProvider::TAKE_OWNERSHIP |
                                                   kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC);
  return kj::mv(worker);
}

kj::Promise<Result<kj::Array<capnp::word>>> WorkerPool::run(WorkerTask task) {
  using Answer = Result<kj::Array<capnp::word>>;
  auto started = start(task);
  if (!started.ok()) {
    logLine(LogLevel::kError, "cannot start a worker", {{"reason", started.error().message}});
    return Answer(Error{Code::kUnavailable, "the agent cannot start a process", ""});
  }
  auto worker = kj::mv(*started);
  auto& held = *worker;
  return watch(held, task.timeLimit)
      .then([this, &held] { return conclude(held); })
      .attach(kj::mv(worker));
}

// Ends when the worker is gone and nobody can write into its pipe any more.
kj::Promise<void> WorkerPool::watch(Worker& worker, std::chrono::seconds timeLimit) {
  auto reading = readResult(worker).eagerlyEvaluate(nullptr);
  auto deadline = timer_.afterDelay(timeLimit.count() * kj::SECONDS).then([this, &worker] {
    worker.overTime = true;
    return kill(worker, kKillAttemptsMax);
  });
  return worker.ended->whenBecomesReadable()
      .exclusiveJoin(kj::mv(deadline))
      .then([this, reading = kj::mv(reading)]() mutable {
        if (reap() == Children::kSome) sweep();
        // All writers are gone, so this is what the pipe still holds.
        return reading.exclusiveJoin(timer_.afterDelay(kDrainPatience));
      });
}

kj::Promise<void> WorkerPool::readResult(Worker& worker) {
  return worker.result->tryRead(worker.buffer.begin(), 1, worker.buffer.size())
      .then([this, &worker](std::size_t got) -> kj::Promise<void> {
        if (got == 0) return kj::READY_NOW;
        if (worker.bytes.size() + got > kWorkerResultBytesMax) {
          worker.overTalked = true;
          worker.result = nullptr;  // further writes of it fail
          return kill(worker, kKillAttemptsMax);
        }
        worker.bytes.addAll(worker.buffer.slice(0, got));
        return readResult(worker);
      });
}

// Stops and kills the worker with all below it, again until it is done, without holding up the core
// for long.
kj::Promise<void> WorkerPool::kill(Worker& worker, int attempts) {
  const auto killed = os::killProcessTree(worker.pid, kKillPatience);
  if (killed.ok()) return kj::READY_NOW;
  if (attempts == 0) {
    logLine(LogLevel::kCritical, "a worker cannot be ended",
            {{"pid", std::to_string(worker.pid)}, {"reason", killed.error().message}});
    return kj::READY_NOW;
  }
  return timer_.afterDelay(100 * kj::MILLISECONDS).then([this, &worker, attempts] {
    return kill(worker, attempts - 1);
  });
}

// Collects the end of workers, and of strangers that were handed to this process when their parent
// died.
WorkerPool::Children WorkerPool::reap() {
  int status = 0;
  while (true) {
    const pid_t pid = ::waitpid(-1, &status, WNOHANG);
    if (pid < 0 && errno == EINTR) continue;
    if (pid < 0) return Children::kNone;  // ECHILD: the kernel's proof that nobody is left
    if (pid == 0) return Children::kSome;
    const auto worker = workers_.find(pid);
    if (worker != workers_.end()) worker->second = status;
  }
}

// Every direct child that is no worker was left behind by one.
void WorkerPool::sweep() {
  const auto processes = os::listProcesses();
  if (!processes.ok()) {
    logLine(LogLevel::kError, "cannot look for leftovers", {{"reason", processes.error().message}});
    return;
  }
  const pid_t self = ::getpid();
  for (const auto& process : *processes) {
    if (process.parent != self || process.dead || workers_.contains(process.pid)) continue;
    logLine(LogLevel::kWarning, "ending what a worker left behind",
            {{"pid", std::to_string(process.pid)}, {"name", process.name}});
    const auto killed = os::killProcessTree(process.pid, kKillPatience);
    if (!killed.ok())
      logLine(LogLevel::kError, "a leftover does not end", {{"reason", killed.error().message}});
  }
  (void)reap();
}

Result<kj::Array<capnp::word>> WorkerPool::conclude(Worker& worker) {
  const auto status = workers_[worker.pid];
  workers_.erase(worker.pid);
  if (worker.overTime)
    return Error{Code::kTimeout, "the operation took too long and was ended", ""};
  std::string reason;
  if (worker.overTalked)
    reason = "said too much";
  else if (!status || *status != kExitDone)
    reason = status ? describeEnd(*status) : "was not found";
  else if (worker.bytes.empty() || worker.bytes.size() % sizeof(capnp::word) != 0)
    reason = "said nothing that could be a message";
  if (!reason.empty()) {
    logLine(LogLevel::kError, "a worker failed",
            {{"pid", std::to_string(worker.pid)}, {"reason", reason}});
    return Error{Code::kInternal, "the operation failed inside the agent", ""};
  }
  auto words = kj::heapArray<capnp::word>(worker.bytes.size() / sizeof(capnp::word));
  std::copy(worker.bytes.begin(), worker.bytes.end(), words.asBytes().begin());
  return kj::mv(words);
}

}  // namespace bulkhead::agent
