#include "agent/gate/dispatcher.h"

#include <utility>

#include <capnp/serialize.h>

#include "agent/gate/reply.h"
#include "agent/ops/host/as_recorded.h"
#include "agent/registry/lockdown.h"
#include "common/core/ulid.h"
#include "common/log/log.h"

namespace bulkhead::agent {
namespace {

constexpr kj::Duration kLockPatience = 60 * kj::SECONDS;
// Root goes ahead of all that wait, so what it waits for is what already runs: longer than that.
constexpr kj::Duration kAdminLockPatience = kTimeLimitMax.count() * kj::SECONDS + kLockPatience;

bool isRoots(const Call& call) { return call.caller().peer == Peer::kAdmin; }

Error busy(const char* what) { return Error{Code::kBusy, what, ""}; }

std::string logText(const kj::Exception& exception) {
  return std::string(exception.getDescription().cStr());
}

}  // namespace

Dispatcher::Dispatcher(kj::AsyncIoContext& io,
                       const OperationTable& table,
                       Policy policy,
                       Audit& audit,
                       Machine& machine)
    : timer_(io.provider->getTimer()),
      table_(table),
      policy_(std::move(policy)),
      audit_(audit),
      machine_(machine),
      workers_(io) {}

kj::Promise<Answer> Dispatcher::handle(kj::Own<Call> call) {
  const Operation& operation = call->operation();
  const auto decision = policy_.decide(operation.name, call->caller().peer, call->accounts(),
                                       std::chrono::steady_clock::now());
  if (!decision.allowed) {
    AuditRecord record = call->record(AuditKind::kDeny);
    record.code = codeName(decision.code);
    record.message = "rule " + decision.rule + ": " + decision.reason;
    const Error error{decision.code, record.message, ""};
    writeDenial(std::move(record));
    if (decision.trespass) noteTrespass(call->caller());
    Answer answer = errorAnswer(operation, error);
    // Whoever is only too fast may go on; whoever asks for what he may not have is not spoken to
    // any more.
    if (decision.code == Code::kPermissionDenied) answer.then = Answer::Then::kClose;
    return kj::mv(answer);
  }
  if (decision.breakGlass) call->setNeed(Need::kBreakGlass);
  if (operation.place == Place::kCore && !call->context().getDryRun()) return runInCore(*call);
  return submit(kj::mv(call));
}

// Asked right before the act: what has waited for a lock since before it began is refused, too. ""
// when nothing speaks against it.
std::string Dispatcher::whyClosedTo(const Call& call) const {
  if (isRoots(call)) return "";
  if (lockdownOf(machine_.core()))
    return "rule lockdown: the panel is locked down; root ends it: bulkhead lockdown off";
  if (quarantine_.isOn(std::chrono::steady_clock::now()))
    return "rule quarantine: the REST server asked for what it never asks for; nothing is changed "
           "for it until it has not done so for 10 minutes";
  return "";
}

Answer Dispatcher::closedAnswer(Call& call, const std::string& why) {
  AuditRecord record = call.record(AuditKind::kDeny);
  record.code = codeName(Code::kUnavailable);
  record.message = why;
  const Error error{Code::kUnavailable, record.message, ""};
  writeDenial(std::move(record));
  return errorAnswer(call.operation(), error);
}

// The work goes into the dispatcher's own task set, so that a caller who hangs up cannot stop it
// half-way.
kj::Promise<Answer> Dispatcher::submit(kj::Own<Call> call) {
  const Operation& operation = call->operation();
  if (draining_)
    return errorAnswer(operation, Error{Code::kUnavailable, "the agent is about to restart", ""});
  const Peer peer = call->caller().peer;
  if (pendingOf_[peer] >= (peer == Peer::kAdmin ? kAdminPendingMax : kPendingMax))
    return errorAnswer(operation, busy("too many calls are waiting"));
  ++pendingOf_[peer];
  ++pending_;
  auto pair = kj::newPromiseAndFulfiller<Answer>();
  auto run = kj::evalNow([&] { return runQueued(kj::mv(call)); })
                 .then([](Answer answer) { return kj::mv(answer); },
                       [&operation](kj::Exception&& exception) {
                         logLine(LogLevel::kError, "a call failed",
                                 {{"op", operation.name}, {"reason", logText(exception)}});
                         return errorAnswer(operation, internalError());
                       })
                 .then([this, peer, fulfiller = kj::mv(pair.fulfiller)](Answer answer) mutable {
                   fulfiller->fulfill(kj::mv(answer));
                   leave(peer);
                 });
  tasks_.add(kj::mv(run));
  return kj::mv(pair.promise);
}

kj::Promise<Answer> Dispatcher::runQueued(kj::Own<Call> call) {
  if (call->context().getDryRun()) return preview(kj::mv(call));
  if (call->operation().risk == Risk::kRead) return runInWorker(kj::mv(call));
  const Operation& operation = call->operation();
  auto held = timer_.timeoutAfter(isRoots(*call) ? kAdminLockPatience : kLockPatience,
                                  locks_.take(call->account(), operation.locks,
                                              isRoots(*call) ? Turn::kAhead : Turn::kInOrder));
  return held.then(
      [this, call = kj::mv(call)](LockManager::Holds holds) mutable -> kj::Promise<Answer> {
        return mutate(kj::mv(call)).attach(kj::mv(holds));
      },
      [&operation](kj::Exception&& exception) -> kj::Promise<Answer> {
        if (exception.getType() != kj::Exception::Type::OVERLOADED)
          kj::throwFatalException(kj::mv(exception));
        return errorAnswer(operation,
                           busy("another operation on this account or service takes its time"));
      });
}

Answer Dispatcher::runInCore(Call& call) {
  const Operation& operation = call.operation();
  Answer answer = emptyAnswer();
  auto fault = kj::runCatchingExceptions([&] {
    try {
      performInto(operation, call.params(), machine_.core(), *answer.message);
    } catch (const std::exception& error) {
      logLine(LogLevel::kError, "a read failed",
              {{"op", operation.name}, {"reason", error.what()}});
      answer = errorAnswer(operation, internalError());
    }
  });
  KJ_IF_MAYBE (exception, fault) {
    logLine(LogLevel::kError, "a read failed",
            {{"op", operation.name}, {"reason", logText(*exception)}});
    return errorAnswer(operation, internalError());
  }
  return answer;
}

kj::Promise<Answer> Dispatcher::runInWorker(kj::Own<Call> call) {
  return slotsOf(*call).take().then([this, call = kj::mv(call)](auto slot) mutable {
    auto& held = *call;
    return workers_.run(taskFor(held, /*dryRun=*/false))
        .then([this, &held](auto words) { return receive(held, kj::mv(words), /*dryRun=*/false); })
        .attach(kj::mv(slot), kj::mv(call));
  });
}

kj::Promise<Answer> Dispatcher::preview(kj::Own<Call> call) {
  return slotsOf(*call).take().then([this, call = kj::mv(call)](
                                        auto slot) mutable -> kj::Promise<Answer> {
    AuditRecord record = call->record(AuditKind::kPreview);
    record.opId = newUlid(systemAuditTime().unixMicros);
    const auto recorded = audit_.append(record);
    if (!recorded.ok()) return errorAnswer(call->operation(), recorded.error());
    auto& held = *call;
    return workers_.run(taskFor(held, /*dryRun=*/true))
        .then([this, &held](auto words) { return receive(held, kj::mv(words), /*dryRun=*/true); })
        .attach(kj::mv(slot), kj::mv(call));
  });
}

kj::Promise<Answer> Dispatcher::mutate(kj::Own<Call> call) {
  // Whoever holds a lock keeps others waiting, root too: not behind calls that hold none.
  const bool holds = !call->operation().locks.empty() || !call->account().empty();
  const auto turn = holds ? Turn::kAhead : Turn::kInOrder;
  return slotsOf(*call).take(turn).then([this, call = kj::mv(call)](
                                            auto slot) mutable -> kj::Promise<Answer> {
    const Operation& operation = call->operation();
    if (draining_)
      return errorAnswer(operation, Error{Code::kUnavailable, "the agent is about to restart", ""});
    if (const auto why = whyClosedTo(*call); !why.empty()) return closedAnswer(*call, why);
    AuditRecord record = call->record(AuditKind::kIntent);
    record.opId = newUlid(systemAuditTime().unixMicros);
    const auto intent = audit_.appendIntent(record, call->need());
    if (!intent.ok()) return errorAnswer(operation, intent.error());
    const auto started = systemAuditTime().monotonicNanos;
    auto& held = *call;
    return workers_.run(taskFor(held, /*dryRun=*/false))
        .then([this, &held, record = std::move(record), seq = *intent,
               started](auto words) mutable {
          Answer answer = receive(held, kj::mv(words), /*dryRun=*/false);
          record.kind = AuditKind::kOutcome;
          record.durationMicros = (systemAuditTime().monotonicNanos - started) / 1000;
          const auto error = errorOf(held.operation(), *answer.message);
          if (error) record.code = codeName(error->code), record.message = error->message;
          record.params = {{"intent_seq", seq}};
          const auto outcome = audit_.appendOutcome(std::move(record));
          if (!outcome.ok())
            answer = errorAnswer(
                held.operation(),
                Error{Code::kAuditUnavailable, "done, but the outcome could not be recorded", ""});
          setAuditSeq(held.operation(), *answer.message, seq);
          return answer;
        })
        .attach(kj::mv(slot), kj::mv(call));
  });
}

WorkerTask Dispatcher::taskFor(Call& call, bool dryRun) {
  const Operation& operation = call.operation();
  WorkerTask task;
  task.capabilities = operation.capabilities;
  task.timeLimit = operation.timeLimit;
  // Runs in the forked copy of this process: `call` and `machine_` are the copy's.
  task.work = [this, &call, &operation, dryRun](capnp::MessageBuilder& result) {
    const auto wanted =
        call.context().getAsRecorded()
            ? checkAsRecorded(operation.entry->method, call.params(), machine_.worker())
            : Result<Ok>(Ok{});
    if (!wanted.ok()) {
      refuseInto(operation, wanted.error(), result);
    } else if (dryRun) {
      previewInto(operation, table_.findByMethod("accountCreate"), call, machine_, result);
    } else {
      performInto(operation, call.params(), machine_.worker(), result);
      setExternalMicros(operation, result, machine_.externalMicros());
    }
  };
  return task;
}

Answer Dispatcher::receive(Call& call, Result<kj::Array<capnp::word>> words, bool dryRun) {
  const Operation& operation = call.operation();
  if (!words.ok()) return errorAnswer(operation, words.error());
  auto message = readReply(operation, *words, dryRun);
  if (!message.ok()) {
    logLine(LogLevel::kError, "a worker's answer is not believed",
            {{"op", operation.name}, {"reason", message.error().message}});
    return errorAnswer(operation, internalError());
  }
  return Answer{kj::mv(*message), Answer::Then::kContinue};
}

void Dispatcher::recordDenial(const Caller& caller,
                              const std::string& what,
                              const std::string& reason) {
  AuditRecord record;
  record.kind = AuditKind::kDeny;
  record.op = what;
  record.peer = caller.identity;
  record.code = codeName(Code::kPermissionDenied);
  record.message = reason;
  record.params = {{"peer", std::string(peerName(caller.peer))}};
  writeDenial(std::move(record));
}

void Dispatcher::recordTrespass(const Caller& caller,
                                const std::string& what,
                                const std::string& reason) {
  recordDenial(caller, what, reason);
  noteTrespass(caller);
}

// Root is never shut out: it could undo that anyway, and it is who has to help.
void Dispatcher::noteTrespass(const Caller& caller) {
  if (caller.peer == Peer::kAdmin || !quarantine_.note(std::chrono::steady_clock::now())) return;
  const std::string minutes = std::to_string(Quarantine::kLength.count());
  recordDenial(caller, "quarantine",
               "rule quarantine: more than " + std::to_string(Quarantine::kTrespassesPerMinute) +
                   " calls in a minute that the REST server never makes; nothing is changed for it "
                   "for " +
                   minutes + " minutes. Is it still ours? next: bulkhead lockdown on");
}

// Denials cost a sync each and can be provoked at will, so their number is bounded, not their
// visibility.
void Dispatcher::writeDenial(AuditRecord record) {
  logLine(
      LogLevel::kWarning, "denied",
      {{"op", record.op}, {"uid", std::to_string(record.peer.uid)}, {"reason", record.message}});
  // Root is counted apart, so that nobody else can use up what is recorded of it.
  const std::string bucket = record.peer.uid == 0 ? "root" : "others";
  auto& unrecorded = unrecordedDenials_[bucket];
  if (!denials_.has(bucket, kDenialsPerMinute, std::chrono::steady_clock::now())) {
    ++unrecorded;
    return;
  }
  denials_.take(bucket);
  if (unrecorded > 0) record.params.push_back({"unrecorded_before", unrecorded});
  // Nothing was done, so nothing depends on the record: a failure is logged by the writer.
  if (audit_.append(record).ok()) unrecorded = 0;
}

AsyncLock& Dispatcher::slotsOf(const Call& call) { return isRoots(call) ? adminSlots_ : slots_; }

void Dispatcher::leave(Peer peer) {
  --pendingOf_[peer];
  --pending_;
  if (pending_ > 0) return;
  KJ_IF_MAYBE (fulfiller, drained_) {
    (*fulfiller)->fulfill();
  }
}

kj::Promise<void> Dispatcher::drain() {
  draining_ = true;
  if (pending_ == 0) return kj::READY_NOW;
  auto pair = kj::newPromiseAndFulfiller<void>();
  drained_ = kj::mv(pair.fulfiller);
  return kj::mv(pair.promise);
}

}  // namespace bulkhead::agent
