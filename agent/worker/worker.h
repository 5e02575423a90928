// WorkerPool: a process of its own for each piece of work, forked without exec from the
// one-threaded core, confined before it starts, and ended with everything that it started.
#pragma once
#include <sys/types.h>

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <capnp/message.h>
#include <kj/async-io.h>
#include <kj/async-unix.h>

#include "agent/worker/confine.h"
#include "common/core/result.h"

namespace bulkhead::agent {

// Of one result message: the largest is a page of audit records or a preview with its diffs. A
// worker that writes more is killed.
inline constexpr std::size_t kWorkerResultBytesMax = 2U << 20U;

struct WorkerTask {
  std::vector<cap_value_t> capabilities;
  std::chrono::seconds timeLimit{30};
  // Runs in the worker; what it builds is sent to the core. It may throw.
  std::function<void(capnp::MessageBuilder& result)> work;
};

class WorkerPool {
 public:
  // Makes this process the reaper of everything that its workers leave behind, so nothing else in
  // it may fork.
  explicit WorkerPool(kj::AsyncIoContext& io);

  // The words of the message, not looked at yet: the worker may lie. kTimeout after the time limit,
  // kInternal when it died, said nothing or too much. By then no process of it exists. Dropping the
  // promise leaves the worker running: let it end.
  kj::Promise<Result<kj::Array<capnp::word>>> run(WorkerTask task);
  std::size_t running() const { return workers_.size(); }

 private:
  struct Worker;
  Result<kj::Own<Worker>> start(const WorkerTask& task);
  kj::Promise<void> watch(Worker& worker, std::chrono::seconds timeLimit);
  kj::Promise<void> readResult(Worker& worker);
  kj::Promise<void> kill(Worker& worker, int attempts);
  Result<kj::Array<capnp::word>> conclude(Worker& worker);
  enum class Children { kNone, kSome };
  Children reap();
  void sweep();

  kj::UnixEventPort& port_;
  kj::LowLevelAsyncIoProvider& provider_;
  kj::Timer& timer_;
  std::map<pid_t, std::optional<int>> workers_;  // wait status once reaped
};

}  // namespace bulkhead::agent
