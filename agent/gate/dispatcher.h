// Dispatcher: policy, locks, audit, worker, outcome, answer: the one way from a call to its effect.
// A mutation that has begun is never given up: it runs to its end whether or not the caller still
// listens.
#pragma once
#include <map>
#include <memory>
#include <string>

#include <kj/async-io.h>

#include "agent/audit/audit.h"
#include "agent/gate/call.h"
#include "agent/gate/locks.h"
#include "agent/gate/tasks.h"
#include "agent/policy/policy.h"
#include "agent/policy/quarantine.h"
#include "agent/worker/machine.h"
#include "agent/worker/worker.h"

namespace bulkhead::agent {

// Of the API and of root's own socket apart: whoever takes over the one shall not keep root from
// the other.
inline constexpr std::size_t kWorkersMax = 16;  // processes at once
inline constexpr std::size_t kPendingMax = 64;  // calls that run or wait; more are answered kBusy
inline constexpr std::size_t kAdminWorkersMax = 4;
inline constexpr std::size_t kAdminPendingMax = 16;
inline constexpr std::uint32_t kDenialsPerMinute =
    120;  // recorded of one kind of peer; the rest is counted

class Dispatcher {
 public:
  Dispatcher(kj::AsyncIoContext& io,
             const OperationTable& table,
             Policy policy,
             Audit& audit,
             Machine& machine);

  // Always an answer, never an exception. Dropping the promise does not stop what has begun.
  kj::Promise<Answer> handle(kj::Own<Call> call);
  // Records what never became a call of a peer: a stranger, one connection too many.
  void recordDenial(const Caller& caller, const std::string& what, const std::string& reason);
  // ... and what a peer should never have sent: an unknown method, an unreadable message.
  void recordTrespass(const Caller& caller, const std::string& what, const std::string& reason);

  const OperationTable& table() const { return table_; }
  // Refuses new mutations from now on; resolves when the running ones are done.
  kj::Promise<void> drain();

 private:
  Answer runInCore(Call& call);
  kj::Promise<Answer> submit(kj::Own<Call> call);
  kj::Promise<Answer> runQueued(kj::Own<Call> call);
  kj::Promise<Answer> runInWorker(kj::Own<Call> call);
  kj::Promise<Answer> preview(kj::Own<Call> call);
  kj::Promise<Answer> mutate(kj::Own<Call> call);
  WorkerTask taskFor(Call& call, bool dryRun);
  Answer receive(Call& call, Result<kj::Array<capnp::word>> words, bool dryRun);
  std::string whyClosedTo(const Call& call) const;
  Answer closedAnswer(Call& call, const std::string& why);
  void noteTrespass(const Caller& caller);
  void writeDenial(AuditRecord record);
  void leave(Peer peer);
  AsyncLock& slotsOf(const Call& call);

  kj::Timer& timer_;
  const OperationTable& table_;
  Policy policy_;
  Audit& audit_;
  Machine& machine_;
  WorkerPool workers_;
  AsyncLock slots_{kWorkersMax};
  AsyncLock adminSlots_{kAdminWorkersMax};
  LockManager locks_;
  std::map<Peer, std::size_t> pendingOf_;
  std::size_t pending_ = 0;  // of all
  bool draining_ = false;
  kj::Maybe<kj::Own<kj::PromiseFulfiller<void>>> drained_;
  RateTable denials_;
  std::map<std::string, std::uint64_t> unrecordedDenials_;
  Quarantine quarantine_;  // of the REST server

  LoggedTasks tasks_{"a call failed"};  // last: what runs uses everything above
};

}  // namespace bulkhead::agent
